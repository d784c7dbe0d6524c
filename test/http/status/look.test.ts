/** The status page in a real browser: on a phone and a desk, light and dark, in both languages. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { applySchedules, SCHEDULES } from '../../../src/schedules/index.ts';
import { useNamespace } from '../../schedules/namespace.ts';
import { axeFindings, findBrowser } from '../../support/axe.ts';
import { fillAlerts, fillBoth, type Filled } from '../../support/operations.ts';
import { ask, statusApp } from './support.ts';

const browser = await findBrowser();
const given = useNamespace();
let filled: Filled;
beforeAll(async () => {
  filled = await fillBoth();
  await fillAlerts(filled.ops.db);
  await applySchedules({ client: given.client, rows: SCHEDULES });
}, 120_000);
afterAll(() => filled?.drop());

const away = { query: () => Promise.reject(new Error('away')) };

test.skipIf(browser === undefined).each([
  ['fr', 375, false],
  ['en', 375, true],
  ['fr', 1280, true],
  ['en', 1280, false],
] as const)('is accessible: %s, %i px, dark %s', async (locale, width, dark) => {
  const page = statusApp({ client: given.client, ops: filled.ops.db, app: filled.app.db });
  const { text } = await ask(page, `/?lang=${locale}`);
  if (process.env['SHOW'])
    (await import('node:fs')).writeFileSync(`${process.env['SHOW']}-${locale}.html`, text);
  expect(text).toContain('<form method="post"');
  expect(await axeFindings(browser ?? '', text, { dark, width })).toEqual([]);
});

test.skipIf(browser === undefined)('is accessible while both databases are away', async () => {
  const { text } = await ask(statusApp({ client: given.client, ops: away, app: away }));
  expect(await axeFindings(browser ?? '', text)).toEqual([]);
});

import { expect, test } from 'vitest';
import { createApp, type HttpDeps } from '../../src/http/app.ts';
import { reactivateLink } from '../../src/notifications/customer/reactivate-link.ts';
import { axeFindings, findBrowser } from '../support/axe.ts';

/** The page of « Voulez-vous réactiver ? », as each person finds it; presses are tested with a real Temporal. */

const browser = await findBrowser();
const KEY = 'a-key-that-signs-links-of-the-tests-0123456789';
const DATA = {
  episode: 2,
  inactiveSince: '2026-05-20T10:00:00Z',
  deadline: '2099-01-01T23:00:00Z',
  anonymiseAfterMonths: 12,
};

const linkOf = (changes: Partial<typeof DATA> = {}): string =>
  new URL(
    reactivateLink({ publicUrl: 'https://talos.example.com', linkSigningKey: KEY }, 'account', {
      ...DATA,
      ...changes,
    }),
  ).pathname;

const ASKED = {
  ...{
    account_id: 'account',
    episode: 2,
    phase: 'asked',
    policy: {},
    inactive_since: new Date(0),
    asked_at: new Date(0),
  },
  ...{
    deadline: new Date(DATA.deadline),
    archived_at: null,
    remind_at: null,
    reminded_at: null,
    held_since: null,
  },
  ...{ ended_at: null, revision: 1 },
};
type Row = Partial<Record<keyof typeof ASKED, unknown>>;

const appOf = (row: Row | undefined, query = async () => (row ? [row] : [])) =>
  createApp({
    config: {
      environment: { linkSigningKey: KEY, httpBind: { host: '127.0.0.1', port: 0 } },
      policy: {
        locale: 'fr',
        timeZone: 'Europe/Paris',
        customers: { brand: 'TalosPrimes', appUrl: 'https://app.example.com' },
      },
      jobs: [],
    } as unknown as HttpDeps['config'],
    // Nothing that is only looked at asks Temporal.
    client: {} as HttpDeps['client'],
    ...{ ops: { query } as HttpDeps['ops'], app: { query } as HttpDeps['ops'] },
    logger: { info: () => undefined, error: () => undefined },
  });

const open = (
  row: Row | undefined,
  { path = linkOf(), locale = 'fr', form }: { path?: string; locale?: string; form?: string } = {},
) =>
  appOf(row).request(path, {
    method: form === undefined ? 'GET' : 'POST',
    headers: { 'accept-language': locale, 'content-type': 'application/x-www-form-urlencoded' },
    ...(form !== undefined && { body: form }),
  });

const SEEN: [what: string, status: number, words: string, () => Response | Promise<Response>][] = [
  ['the question', 200, 'Voulez-vous réactiver votre compte', () => open(ASKED)],
  ['the question in English', 200, 'Do you want to reactivate', () => open(ASKED, { locale: 'en' })],
  [
    'archived',
    200,
    'a archivé vos données',
    () => open({ ...ASKED, phase: 'archived', archived_at: new Date() }),
  ],
  ['asked once more', 200, 'Personne ne pourra les faire revenir', () => open(ASKED, { form: 'do=erase' })],
  [
    'a link that was used',
    410,
    'déjà utilisé',
    () => open({ ...ASKED, phase: 'reactivated', ended_at: new Date() }),
  ],
  ['a link of an earlier time', 410, 'déjà utilisé', () => open(ASKED, { path: linkOf({ episode: 1 }) })],
  [
    'an expired link',
    410,
    'expiré',
    () => open(ASKED, { path: linkOf({ deadline: '2020-01-01T00:00:00Z' }) }),
  ],
  ['a forged link', 404, 'Lien inconnu', () => open(ASKED, { path: `${linkOf().slice(0, -3)}AAA` })],
  ['too late', 410, 'Trop tard', () => open({ ...ASKED, phase: 'erasing' })],
  ['forgotten', 410, 'Trop tard', () => open(undefined)],
  [
    'the database away',
    503,
    'Pas de réponse',
    () => appOf(undefined, () => Promise.reject(new Error('away'))).request(linkOf()),
  ],
];

test.each(SEEN)('%s: %i, in words', async (_what, status, words, look) => {
  const response = await look();
  expect(response.status).toBe(status);
  const html = (await response.text()).replace(/\s+/g, ' ');
  expect(html).toContain(words);
  // No script, nothing fetched, nothing kept, nothing of the person.
  expect(html).not.toMatch(/<script|<img|<link|account"/);
  expect(response.headers.get('set-cookie')).toBeNull();
  expect(response.headers.get('cache-control')).toBe('no-store');
});

test('looking changes nothing: every form is a POST', async () => {
  const html = await (await open(ASKED)).text();
  expect(html.match(/<form method="post">/g)).toHaveLength(2);
  expect(html).toContain('name="do" value="erase"');
  expect(html).not.toContain('erase-now');
});

test.skipIf(browser === undefined).each(SEEN)(
  '%s is accessible on a phone, light and dark',
  async (_what, _status, _words, look) => {
    const html = await (await look()).text();
    for (const dark of [false, true]) expect(await axeFindings(browser ?? '', html, { dark })).toEqual([]);
  },
);

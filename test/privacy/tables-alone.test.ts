import { afterAll, beforeAll, expect, it } from 'vitest';
import { tablesAlone } from '../../src/privacy/index.ts';
import { erasable, startPrivacy, type PrivacySite } from './support.ts';

let site: PrivacySite;
beforeAll(async () => (site = await startPrivacy()));
afterAll(() => site.close());

it('some tables alone may be restored until somebody was erased; then only those without people', async () => {
  const tables = ['public.leads', 'public.plans', 'public.not_in_the_map'];
  expect(await tablesAlone(site.deps, tables)).toBeUndefined();
  const [accountId = ''] = await erasable(site.app.db, 1);
  await site.privacy.anonymizeCustomer(accountId);
  const why = await tablesAlone(site.deps, tables);
  expect(why).toContain('1 customers have been erased');
  expect(why).toContain('public.leads, public.not_in_the_map:');
  expect(await tablesAlone(site.deps, ['public.plans'])).toBeUndefined();
});

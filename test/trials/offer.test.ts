import { afterAll, beforeAll, expect, test } from 'vitest';
import { offerCode, offerEnd, storeOffer } from '../../src/trials/offer.ts';
import { cloneDatabase, type ClonedDatabase } from '../support/postgres.ts';

const KEY = 'a-key-of-the-tests-0123456789-0123456789';
let app: ClonedDatabase;
beforeAll(async () => {
  app = await cloneDatabase('app');
});
afterAll(() => app.drop());

test('a code is one trial’s, the same at each attempt, and nobody’s without the key', () => {
  const codes = Array.from({ length: 5_000 }, (_, trial) => offerCode(KEY, String(trial)));
  expect(new Set(codes).size).toBe(codes.length);
  expect(offerCode(KEY, '7')).toBe(codes[7]);
  expect(offerCode(`${KEY}x`, '7')).not.toBe(codes[7]);
  for (const code of codes) expect(code).toMatch(/^[A-HJKMNP-TV-Z2-9]{4}(-[A-HJKMNP-TV-Z2-9]{4}){2}$/);
});

test('it ends at the midnight after the last day that is named, also when the clock changes', () => {
  expect(offerEnd(new Date('2026-11-23T00:00:00Z'), 14, 'Europe/Paris').toISOString()).toBe(
    '2026-12-07T23:00:00.000Z',
  );
  expect(offerEnd(new Date('2027-03-20T00:00:00Z'), 14, 'Europe/Paris').toISOString()).toBe(
    '2027-04-03T22:00:00.000Z',
  );
});

test('its expiry is true: redeemed once, by its account, before the end', async () => {
  const wanted = { trialId: 'trial-1', accountId: 'account-1', from: new Date('2026-11-23T00:00:00Z') };
  const terms = { percent: 20, months: 3, validDays: 14 };
  const options = { key: KEY, timeZone: 'Europe/Paris' };
  const offer = await storeOffer(app.db, wanted, terms, options);
  expect(await storeOffer(app.db, wanted, { ...terms, percent: 50 }, options)).toEqual(offer);
  const redeem = async (account: string, at: string) =>
    (
      await app.db.query<{ ok: boolean }>('select maintenance.redeem_trial_offer($1, $2, $3) as ok', [
        offer.code,
        account,
        at,
      ])
    )[0]?.ok;
  expect(await redeem('account-1', offer.until)).toBe(false);
  expect(await redeem('account-2', '2026-12-01T00:00:00Z')).toBe(false);
  expect(await redeem('account-1', '2026-12-07T22:59:59Z')).toBe(true);
  expect(await redeem('account-1', '2026-12-07T22:59:59Z')).toBe(false);
});

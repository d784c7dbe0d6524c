/** What is written down is what the map says: node scripts/write-privacy.mjs. */
import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { policySchema } from '../../src/config/policy.ts';
import {
  grantsOf,
  loadMap,
  longestMonths,
  retentionLine,
  retentionTable,
  type DataMap,
} from '../../src/privacy/index.ts';

const policy = policySchema.parse({});
const read = (name: string) => readFile(new URL(`../../${name}`, import.meta.url), 'utf8');
/** Whatever a formatter does to columns. */
const plain = (text: string) => text.replace(/ +/g, ' ').replace(/-{3,}/g, '---').trim();

let map: DataMap;
beforeAll(async () => (map = await loadMap(policy.privacy)));

describe('documents made from the data map', () => {
  it.each(['fr', 'en'] as const)('the retention table in %s is current', async (language) => {
    const page = await read('docs/privacy.md');
    const [, shown = ''] = page.split(new RegExp(`<!-- /?retention:${language} -->`));
    expect(plain(shown)).toBe(
      plain(`${retentionLine(policy, language)}.\n\n${retentionTable(map, language)}`),
    );
  });

  it('the line of 31 months: 6 + 1 + 12 + 12, and what another policy makes of it', () => {
    expect(longestMonths(policy)).toBe(31);
    const shorter = policySchema.parse({
      backup: { retention: { monthly: 3 } },
      lifecycle: { reactivationDays: 45 },
    });
    expect(longestMonths(shorter)).toBe(6 + 2 + 12 + 3);
    expect(retentionLine(shorter, 'fr')).toMatch(/45 jours pour revenir .* \*\*23 mois\*\*/);
  });

  it('the rights of TalosPrimes are current', async () => {
    expect(await read('database/grants/talosprimes-privacy.sql')).toBe(grantsOf(map));
  });

  it('gives no right on what is nobody’s, and no deletion of what the law keeps', () => {
    const sql = grantsOf(map);
    expect(sql).not.toMatch(/public\.(plans|app_logs|statistics)/);
    expect(/\['public\.invoices', '(.*)'\]/.exec(sql)?.[1]).toBe(
      'select, update ("account_id", "subscription_id", "billing_name", "billing_address", "pdf_path")',
    );
    expect(/\['storage\.objects', '(.*)'\]/.exec(sql)?.[1]).toBe('select');
  });
});

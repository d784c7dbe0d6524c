/** Whoever kept a copy from before anonymisation must not find anybody in what is left. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { erasable, startPrivacy, type PrivacySite } from './support.ts';

type Row = Record<string, string | null>;

let site: PrivacySite;
let before: Map<string, Row[]>;
let after: Map<string, Row[]>;
const ACCOUNTING = ['public.invoices', 'public.payments'];

/** All rows of tables that hold customers, every value as text. */
async function snapshot(): Promise<Map<string, Row[]>> {
  const tables = [...site.deps.map.tables.values()].filter(
    ({ name, rows }) => rows !== 'nobody' && !name.startsWith('auth.oauth_'),
  );
  const read = new Map<string, Row[]>();
  for (const { name } of tables) {
    const rows = await site.app.db.query<{ row: Row }>(
      `select (select jsonb_object_agg(key, value) from jsonb_each_text(to_jsonb(t))) as row from ${name} t`,
    );
    read.set(
      name,
      rows.map(({ row }) => row),
    );
  }
  return read;
}

beforeAll(async () => {
  site = await startPrivacy();
  before = await snapshot();
  for (const id of await erasable(site.app.db, 400)) {
    await site.privacy.anonymizeCustomer(id);
    await site.privacy.eraseElsewhere(id);
  }
  after = await snapshot();
}, 120_000);
afterAll(() => site.close());

/** Rows that were not there before: what anonymisation made. */
function made(table: string): Row[] {
  const known = new Set((before.get(table) ?? []).map((row) => JSON.stringify(row)));
  return (after.get(table) ?? []).filter((row) => !known.has(JSON.stringify(row)));
}

describe('400 anonymised customers beside the copy from before', () => {
  it('leave rows of their own in accounts, invoices and payments only', () => {
    const tables = [...after.keys()].filter((table) => made(table).length > 0);
    expect(tables.sort()).toEqual(['public.accounts', ...ACCOUNTING]);
    expect(made('public.accounts')).toHaveLength(400);
  });

  it('are linked by no column and no pair of columns', () => {
    const left = new Set((after.get('public.accounts') ?? []).map(({ id }) => id));
    // Who is no longer there is the best guess that the holder of the copy can make.
    const candidates = (before.get('public.accounts') ?? []).filter(({ id }) => !left.has(id ?? ''));
    expect(candidates).toHaveLength(400);
    const rows = made('public.accounts');
    const columns = Object.keys(rows[0] ?? {});
    const pairs = columns.flatMap((a, i) => columns.slice(i).map((b) => [a, b] as const));
    expect(pairs.length).toBeGreaterThan(200);
    const linked = pairs.filter(([a, b]) => {
      const key = (row: Row) => `${String(row[a])}\0${String(row[b])}`;
      const found = groupSizes(candidates.map(key));
      return rows.some((row) => row[a] !== null && row[b] !== null && found.get(key(row)) === 1);
    });
    expect(linked).toEqual([]);
  });

  it('are at least five alike in all that is kept of them', () => {
    const rows = made('public.accounts').map(
      ({ id, number, ...kept }) => (void id, void number, JSON.stringify(kept)),
    );
    expect(Math.min(...groupSizes(rows).values())).toBeGreaterThanOrEqual(5);
  });

  it('have new keys, on which nothing of the copy can be joined', () => {
    const known = new Set(
      (before.get('public.accounts') ?? []).flatMap(({ id, number }) => [id, `n${String(number)}`]),
    );
    for (const { id, number } of made('public.accounts')) {
      expect(known.has(id ?? '')).toBe(false);
      expect(known.has(`n${String(number)}`)).toBe(false);
    }
  });

  it('keep invoices and payments as the law wants them, and not a name with them', () => {
    for (const table of ACCOUNTING) {
      const whole = (rows: Row[]) => rows.map((row) => row['id']).sort();
      expect(whole(after.get(table) ?? [])).toEqual(whole(before.get(table) ?? []));
      const mapped = site.deps.map.tables.get(table);
      for (const row of made(table))
        for (const { name, category } of mapped?.columns.values() ?? [])
          if (category === 'identity' || category === 'contact') expect(row[name] ?? null).toBeNull();
    }
  });
});

function groupSizes(keys: string[]): Map<string, number> {
  const sizes = new Map<string, number>();
  for (const key of keys) sizes.set(key, (sizes.get(key) ?? 0) + 1);
  return sizes;
}

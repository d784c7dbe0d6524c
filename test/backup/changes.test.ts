import { describe, expect, it } from 'vitest';
import { changesSince } from '../../src/backup/changes.ts';
import type { Manifest } from '../../src/backup/manifest.ts';

/** A manifest of which only the tables and the dump's size matter. */
function manifest(
  rows: Record<string, number>,
  rawBytes?: number,
  takenAt = '2026-11-22T02:00:03Z',
): Manifest {
  return {
    format: 1,
    backupId: takenAt,
    takenAt,
    run: { workflowId: 'w', runId: 'r' },
    source: { database: 'd', serverVersion: '17', encoding: 'UTF8', collate: 'C', ctype: 'C', roles: [] },
    tools: { pgDump: '17' },
    recipients: [],
    objects: [
      { name: 'db.dump.zst.age', bytes: 1, sha256: '', ...(rawBytes === undefined ? {} : { rawBytes }) },
    ],
    seconds: 1,
    proof: { result: 'proven', differences: [] },
    tables: Object.entries(rows).map(([name, count]) => ({ schema: 'public', name, rows: count })),
    sequences: [],
    catalogue: {},
  };
}
const changes = (before: Record<string, number>, now: Record<string, number>) =>
  changesSince(manifest(before, 100), manifest(now, 100, '2026-11-23T02:00:04Z'));
const named = (tables: { name: string }[]) => tables.map(({ name }) => name.replace('public.', ''));

it('says since when, and what there was', () => {
  expect(changesSince(manifest({ a: 5, b: 7 }, 1_000), manifest({ a: 5, b: 7 }, 1_200))).toEqual({
    since: '2026-11-22T02:00:03Z',
    rawBytesBefore: 1_000,
    rowsBefore: 12,
    tables: [],
    shrunk: [],
    databaseShrunk: false,
  });
});

describe('the tables', () => {
  it('come with the largest change first, gained or lost; equal changes by name', () => {
    const { tables } = changes({ b: 10, a: 10, lost: 90, same: 9 }, { b: 13, a: 13, lost: 50, same: 9 });
    expect(tables).toEqual([
      { name: 'public.lost', rows: 50, before: 90 },
      { name: 'public.a', rows: 13, before: 10 },
      { name: 'public.b', rows: 13, before: 10 },
    ]);
  });

  it('may be new or dropped; a new one without rows is no change', () => {
    const { tables } = changes({ dropped: 4 }, { fresh: 9, empty: 0 });
    expect(tables).toEqual([
      { name: 'public.fresh', rows: 9, before: 0 },
      { name: 'public.dropped', rows: 0, before: 4 },
    ]);
  });

  it('are ten at most, and the ones that shrank are named all the same', () => {
    const many = (rows: number) => Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`t${i}`, rows]));
    const { tables, shrunk } = changes({ ...many(0), small: 120 }, { ...many(5_000), small: 20 });
    expect(tables).toHaveLength(10);
    expect(named(tables)).not.toContain('small');
    expect(named(shrunk)).toEqual(['small']);
  });

  it('of the same name in two schemas are two tables', () => {
    const [before, now] = [manifest({ users: 10 }, 1), manifest({ users: 10 }, 1)];
    now.tables.push({ schema: 'auth', name: 'users', rows: 3 });
    expect(changesSince(before, now).tables).toEqual([{ name: 'auth.users', rows: 3, before: 0 }]);
  });
});

describe('a shrink', () => {
  it.each([
    [100, 49, true],
    [100, 50, false],
    [99, 0, false],
    [101, 50, true],
    [1_000_000, 0, true],
    [50, 5_000, false],
  ])('from %i rows to %i: %s', (before, now, warns) => {
    expect(named(changes({ t: before }, { t: now }).shrunk)).toEqual(warns ? ['t'] : []);
  });

  it('is also a table that is gone', () => {
    expect(changes({ t: 4_000 }, {}).shrunk).toEqual([{ name: 'public.t', rows: 0, before: 4_000 }]);
  });

  it.each([
    [1_000, 499, true],
    [1_000, 500, false],
    [undefined, 500, false],
    [1_000, undefined, false],
  ])('of the dump from %s bytes to %s: %s', (before, now, warns) => {
    expect(changesSince(manifest({}, before), manifest({}, now)).databaseShrunk).toBe(warns);
  });
});

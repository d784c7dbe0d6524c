import { afterAll, beforeAll, expect, it } from 'vitest';
import { readSizes } from '../../src/backup/journal.ts';
import { cloneDatabase, type ClonedDatabase } from '../support/postgres.ts';

let ops: ClonedDatabase;
beforeAll(async () => (ops = await cloneDatabase('ops')));
afterAll(() => ops.drop());

const idOf = (day: number): string =>
  `${new Date(Date.UTC(2026, 9, day)).toISOString().slice(0, 10)}T020000Z-019ab2c4-7d1e4f20`;

it('of the last thirty backups of a database, up to one: the oldest first', async () => {
  for (let day = 1; day <= 35; day += 1)
    await ops.db.query(
      `insert into ops.proofs (backup_id, workflow_id, run_id, database_name, result, proved_at, tables, rows,
                               stored_bytes, raw_bytes, backup_seconds, restore_seconds, detail)
       values ($1, 'w', 'r', $2, $3, now(), 1, 1, $4, 1, 1, null, '{}')`,
      [idOf(day), day === 20 ? 'another' : 'app', day === 33 ? 'not proven' : 'proven', 3_000_000_000 + day],
    );
  const sizes = await readSizes(ops.db, { backupId: idOf(34), database: 'app' });
  const days = Array.from({ length: 34 }, (_, at) => at + 1).filter((day) => day !== 20);
  expect(sizes).toEqual(
    days.slice(-30).map((day) => ({
      at: new Date(Date.UTC(2026, 9, day, 2)).toISOString(),
      storedBytes: 3_000_000_000 + day,
      proven: day !== 33,
    })),
  );
});

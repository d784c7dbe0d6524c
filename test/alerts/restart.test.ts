import { Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, inject, it } from 'vitest';
import { newNamespace } from '../support/namespace.ts';
import { startOwnOps, type OwnPostgres } from '../support/own-postgres.ts';
import { Desk } from './desk.ts';
import { expectKept, keysOf, openAll } from './kept.ts';

let postgres: OwnPostgres;
let connection: Connection;
let desk: Desk;
beforeAll(async () => {
  const address = inject('temporalAddress');
  connection = await Connection.connect({ address });
  const { namespace } = await newNamespace(connection);
  postgres = await startOwnOps();
  desk = await new Desk({ address, namespace, ops: postgres.db }).open();
});
afterAll(async () => {
  await desk.close();
  await connection.close();
  await postgres.stop();
});

// Twenty, and a Temporal server that is killed, are in test/faults/alerts-restart.test.ts.
it('four open alerts survive an operations database that is killed, with silence and acknowledgement (figure 10)', async () => {
  const keys = keysOf(4);
  const until = await openAll(desk, keys);
  await postgres.restart('immediate');
  await expectKept(desk, keys, until);
  const rows = await postgres.db.query(
    'select count(*)::int as open from ops.alerts where resolved_at is null',
  );
  expect(rows).toEqual([{ open: 4 }]);
});

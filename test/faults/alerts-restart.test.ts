import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { choosePorts } from '../../src/dev/ports.ts';
import { startTemporal } from '../../src/dev/temporal.ts';
import { ensureSearchAttributes } from '../../src/schedules/search-attributes.ts';
import { Desk } from '../alerts/desk.ts';
import { expectKept, keysOf, openAll } from '../alerts/kept.ts';
import { startOwnOps } from '../support/own-postgres.ts';
import { newNamespace } from '../support/namespace.ts';
import { cloneDatabase } from '../support/postgres.ts';
import { waitFor } from '../support/wait.ts';

const OPEN = 20;
const KEYS = keysOf(OPEN);

/** Figure 10: 20 alerts open, five of them silenced, while what holds them is killed and comes back. */
describe('20 open alerts', () => {
  const ends: (() => Promise<void>)[] = [];
  const later = (end: () => Promise<void>): void => void ends.unshift(end);
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });

  it('survive a Temporal server that is killed', async () => {
    const dir = await mkdtemp(path.join(tmpdir(), 'talos-alerts-'));
    later(() => rm(dir, { recursive: true, force: true }));
    const { temporal: port } = await choosePorts('free');
    const start = () =>
      startTemporal({
        command: inject('tools').temporal,
        port,
        dbFile: path.join(dir, 'temporal.db'),
        logDir: dir,
      });
    let server = await start();
    later(() => server.stop());
    const address = `127.0.0.1:${port}`;
    const connection = await Connection.connect({ address });
    await ensureSearchAttributes(new Client({ connection, namespace: 'default' }));
    await connection.close();
    const ops = await cloneDatabase('ops');
    later(() => ops.drop());
    const desk = await new Desk({ address, namespace: 'default', ops: ops.db }).open();
    later(() => desk.close());
    const until = await openAll(desk, KEYS);

    process.kill(server.pid, 'SIGKILL');
    await server.stop();
    server = await start();
    await expectKept(desk, KEYS, until);
    const rows = await ops.db.query('select count(*)::int as open from ops.alerts where resolved_at is null');
    expect(rows).toEqual([{ open: OPEN }]);
  });

  it('survive an operations database that is killed; what happened meanwhile is written down after', async () => {
    const postgres = await startOwnOps();
    later(() => postgres.stop());
    const address = inject('temporalAddress');
    const connection = await Connection.connect({ address });
    later(() => connection.close());
    const { namespace } = await newNamespace(connection);
    const desk = await new Desk({ address, namespace, ops: postgres.db }).open();
    later(() => desk.close());
    const until = await openAll(desk, KEYS);
    await postgres.restart('immediate');
    const [first] = KEYS.slice(-1);
    if (first === undefined) return;
    await expectKept(desk, KEYS, until);
    await desk.handle(first).signal('acknowledge', { by: 'link' });
    await waitFor(
      async () => {
        const rows = await postgres.db.query<{ by: string }>(
          'select acknowledged_by as by from ops.alerts where target = $1',
          [first.target],
        );
        return rows[0]?.by === 'link';
      },
      { timeoutMs: 60_000, what: 'the row' },
    );
  });
});

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { afterEach, describe, expect, inject, it } from 'vitest';
import { choosePorts } from '../../src/dev/ports.ts';
import { startTemporal } from '../../src/dev/temporal.ts';
import { ensureSearchAttributes } from '../../src/schedules/search-attributes.ts';
import { Desk } from '../alerts/desk.ts';
import { startOwnPostgres } from '../support/own-postgres.ts';
import { newNamespace } from '../support/namespace.ts';
import { cloneDatabase } from '../support/postgres.ts';
import { waitFor } from '../support/wait.ts';

const OPEN = 20;
const KEYS = Array.from({ length: OPEN }, (_, at) => ({ rule: 'AL4', target: `service-${at + 1}` }));
const HOUR = 3_600_000;

/** Figure 10: 20 alerts open, five of them silenced, while what holds them is killed and comes back. */
describe('20 open alerts', () => {
  const ends: (() => Promise<void>)[] = [];
  const later = (end: () => Promise<void>): void => void ends.unshift(end);
  afterEach(async () => {
    for (const end of ends.splice(0)) await end();
  });

  async function openAll(desk: Desk): Promise<string> {
    await Promise.all(KEYS.map((key) => desk.fire(key)));
    for (const key of KEYS) await desk.waitHeard(key, 2, 60_000);
    const until = new Date(Date.now() + HOUR).toISOString();
    for (const key of KEYS.slice(0, 5)) await desk.handle(key).signal('silence', { until, by: 'cli' });
    for (const key of KEYS.slice(5, 10)) await desk.handle(key).signal('acknowledge', { by: 'cli' });
    for (const key of KEYS.slice(0, 5)) await desk.until(key, ({ state }) => state === 'silenced');
    for (const key of KEYS.slice(5, 10)) await desk.until(key, ({ state }) => state === 'acknowledged');
    return until;
  }

  async function expectKept(desk: Desk, until: string): Promise<void> {
    // A report each, as the watch sends them: it must open nothing and tell nothing.
    for (const key of KEYS)
      await waitFor(() => desk.fire(key).then(() => true), { timeoutMs: 60_000, what: 'a report' });
    const states: string[] = [];
    for (const key of KEYS) {
      const view = await desk.until(key, ({ alertId }) => alertId > 0, 60_000);
      states.push(view.state);
      if (view.state === 'silenced') expect(view.silenced?.until).toBe(until);
    }
    expect(states).toEqual([
      ...Array.from({ length: 5 }, () => 'silenced'),
      ...Array.from({ length: 5 }, () => 'acknowledged'),
      ...Array.from({ length: 10 }, () => 'firing'),
    ]);
    expect(desk.left).toHaveLength(2 * OPEN);
  }

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
    const until = await openAll(desk);

    process.kill(server.pid, 'SIGKILL');
    await server.stop();
    server = await start();
    await expectKept(desk, until);
    const rows = await ops.db.query('select count(*)::int as open from ops.alerts where resolved_at is null');
    expect(rows).toEqual([{ open: OPEN }]);
  });

  it('survive an operations database that is killed; what happened meanwhile is written down after', async () => {
    const postgres = await startOwnPostgres();
    later(() => postgres.stop());
    await postgres.db.query(
      'create role talos_app; create schema ops; create table ops.migrations (id serial primary key)',
    );
    const folder = path.join(inject('repository'), 'database/migrations/ops');
    for (const file of (await readdir(folder)).sort())
      await postgres.db.query(await readFile(path.join(folder, file), 'utf8'));
    const address = inject('temporalAddress');
    const connection = await Connection.connect({ address });
    later(() => connection.close());
    const { namespace } = await newNamespace(connection);
    const desk = await new Desk({ address, namespace, ops: postgres.db }).open();
    later(() => desk.close());
    const until = await openAll(desk);
    await postgres.restart('immediate');
    const [first] = KEYS.slice(-1);
    if (first === undefined) return;
    await expectKept(desk, until);
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

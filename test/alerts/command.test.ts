import { Connection } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, describe, expect, inject, it, vi } from 'vitest';
import { alertsCommand } from '../../src/commands/alerts.ts';
import { newNamespace } from '../support/namespace.ts';
import { cloneDatabase, type ClonedDatabase } from '../support/postgres.ts';
import { waitFor } from '../support/wait.ts';
import { settings, talos, useSettings } from '../commands/talos.ts';
import { Desk } from './desk.ts';

describe('talos alerts', () => {
  let ops: ClonedDatabase;
  let desk: Desk;
  let connection: Connection;
  let given: Record<string, string>;
  const key = { rule: 'AL4', target: 'app' };
  const run = (...args: string[]) => talos(alertsCommand(), ...args);

  beforeAll(async () => {
    const address = inject('temporalAddress');
    connection = await Connection.connect({ address });
    const { namespace } = await newNamespace(connection);
    ops = await cloneDatabase('ops');
    given = settings({ OPS_DATABASE_URL: ops.url, TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace });
    desk = await new Desk({ address, namespace, ops: ops.db, times: { hold: 300, group: 0 } }).open();
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await desk?.close();
    await connection?.close();
    await ops?.drop();
  });
  beforeEach(() => useSettings(given));

  it('lists, shows, acknowledges, silences and resolves', async () => {
    expect((await run('list')).stdout).toBe('No alert is open.\n');
    await desk.fire(
      { rule: 'AL8', target: 'leads' },
      { level: 'important', since: new Date(Date.now() - 90_000_000).toISOString() },
    );
    await desk.fire(key, { reason: 'refused', evidence: [{ name: 'phase', value: 'TCP' }] });
    const { alertId } = await desk.until(key, (view) => view.alertId > 0);
    await desk.until({ rule: 'AL8', target: 'leads' }, (view) => view.alertId > 0);

    const { stdout, code } = await run('list');
    expect(code).toBe(0);
    const [head = '', first = '', second = ''] = stdout.split('\n');
    expect(head).toMatch(/^ALERT +LEVEL +RULE +TARGET +STATE +SINCE/);
    expect(first).toMatch(/^A\d+ +critical +AL4 +app +firing .* refused$/);
    expect(second).toContain('AL8');
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100);

    const shown = await run('show', `A${alertId}`);
    expect(shown.stdout).toMatch(/state +firing\n/);
    expect(shown.stdout).toMatch(/phase +TCP\n/);
    expect(shown.stdout).toMatch(/channels +sms told, email told\n/);

    expect((await run('acknowledge', 'AL4/app')).stdout).toBe(`A${alertId} (AL4 app): acknowledged\n`);
    expect((await desk.view(key)).acknowledged?.by).toBe('cli');
    expect((await run('silence', `${alertId}`, '2h')).stdout).toContain('until');
    await waitFor(async () => (await run('list', '--json')).stdout.includes('"silencedUntil"'), {
      timeoutMs: 10_000,
      what: 'the row',
    });
    expect((await run('resolve', `A${alertId}`)).stdout).toBe(`A${alertId} (AL4 app): resolved\n`);
    await waitFor(async () => !(await run('list')).stdout.includes('AL4'), {
      timeoutMs: 10_000,
      what: 'the end',
    });
    const all = JSON.parse((await run('list', '--all', '--json')).stdout) as {
      alertId: number;
      resolvedBy?: string;
    }[];
    expect(all.find((one) => one.alertId === alertId)).toMatchObject({ resolvedBy: 'cli' });
    const late = await run('acknowledge', `A${alertId}`);
    expect(late.code).toBe(1);
    expect(late.stderr).toContain('is over since');
  });

  it('says what is wrong, and what would be right', async () => {
    const cases: [string[], number, string][] = [
      [['acknowledge', 'app'], 2, 'is no alert: A17, or rule/target'],
      [['show', 'A99999'], 1, 'there is no alert A99999'],
      [['silence', 'A1', 'tomorrow'], 2, 'is no length of time'],
      [['silence', 'A1', '8d'], 2, 'seven days at the latest'],
    ];
    for (const [args, code, text] of cases) {
      const ended = await run(...args);
      expect([ended.code, ended.stderr.includes(text)], ended.stderr).toEqual([code, true]);
    }
    useSettings({ OPS_DATABASE_URL: 'postgresql://talos@127.0.0.1:1/ops' });
    const away = await run('list');
    expect(away.code).toBe(1);
    expect(away.stderr).toContain('the operations database does not answer (OPS_DATABASE_URL)');
  });
});

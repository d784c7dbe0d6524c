import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { Connection } from '@temporalio/client';
import type { AlertResult } from '../../src/alerts/view.ts';
import { ensureSearchAttributes } from '../../src/schedules/search-attributes.ts';
import { newNamespace } from '../support/namespace.ts';
import { cloneDatabase, type ClonedDatabase } from '../support/postgres.ts';
import { waitFor } from '../support/wait.ts';
import { Desk } from './desk.ts';

const TIMES = { hold: 400, group: 300, undelivered: 600_000 };

describe('raiseAlert', () => {
  let ops: ClonedDatabase;
  let desk: Desk;
  let connection: Connection;
  let namespace: string;
  beforeAll(async () => {
    const address = inject('temporalAddress');
    connection = await Connection.connect({ address });
    const made = await newNamespace(connection);
    ({ namespace } = made);
    await ensureSearchAttributes(made.client);
    ops = await cloneDatabase('ops');
    desk = await new Desk({ address, namespace, ops: ops.db, times: TIMES }).open();
  });
  afterAll(async () => {
    await desk?.close();
    await connection?.close();
    await ops?.drop();
  });
  const rows = (target: string) =>
    ops.db.query('select * from ops.alerts where target = $1 order by alert_id', [target]);

  it('opens once under 20 reports at once, tells it once on each channel, and its end with the duration', async () => {
    const key = { rule: 'AL4', target: 'app' };
    await Promise.all(Array.from({ length: 20 }, () => desk.fire(key)));
    expect(await desk.waitHeard(key, 2)).toEqual(['email firing', 'sms firing']);
    const view = await desk.until(
      key,
      ({ state, channels }) =>
        state === 'firing' && channels['sms'] === 'told' && channels['email'] === 'told',
    );
    expect(view).toMatchObject({ alertId: 1, level: 'critical' });
    const searched = desk.client.workflow.list({
      query: `AlertRule = 'AL4' and AlertState = 'firing' and AlertLevel = 'critical'`,
    });
    await waitFor(
      async () => {
        for await (const found of searched) return found.workflowId;
        return undefined;
      },
      { timeoutMs: 10_000, what: 'the search' },
    );
    await desk.clear(key);
    const result = (await desk.handle(key).result()) as AlertResult;
    expect(result).toMatchObject({
      alertId: 1,
      outcome: 'resolved',
      by: 'recovery',
      flaps: 0,
      episodes: 1,
      notices: 2,
    });
    expect(desk.heard(key)).toEqual(['email firing', 'email resolved', 'sms firing', 'sms resolved']);
    expect(await rows('app')).toMatchObject([
      { episode: 1, level: 'critical', resolved_by: 'recovery', flaps: 0 },
    ]);
  });

  it('is another incident, with another number, when it fires after its end', async () => {
    const key = { rule: 'AL4', target: 'again' };
    for (const count of [2, 6]) {
      await desk.fire(key);
      await desk.waitHeard(key, count);
      await desk.clear(key);
      await desk.handle(key).result();
    }
    const found = await rows('again');
    expect(found).toHaveLength(2);
    expect(found[0]?.['run_id']).not.toBe(found[1]?.['run_id']);
    expect(new Set(desk.left.map(({ key: name, channel }) => `${name} ${channel}`)).size).toBe(
      desk.left.length,
    );
  });

  it('is acknowledged, silenced and resolved by signals, also those of a person who typed them', async () => {
    const key = { rule: 'AL1', target: 'server' };
    await desk.fire(key);
    await desk.handle(key).signal('acknowledge');
    await desk.until(
      key,
      ({ state, acknowledged }) => state === 'acknowledged' && acknowledged?.by === 'operator',
    );
    await desk.handle(key).signal('silence', { until: 'tomorrow' });
    await desk.handle(key).signal('silence', null);
    const until = new Date(Date.now() + 3_600_000).toISOString();
    await desk.handle(key).signal('silence', { until, by: '+33639980001' });
    const view = await desk.until(key, ({ silenced }) => silenced !== undefined);
    expect(view.silenced).toMatchObject({ until, by: 'operator' });
    await desk.handle(key).signal('resolve', { by: 'cli' });
    await desk.until(key, ({ state }) => state === 'resolved');
    await desk.handle(key).signal('clear', {});
    expect(await desk.handle(key).result()).toMatchObject({ outcome: 'resolved', by: 'cli' });
    const [row] = await rows('server');
    expect(row).toMatchObject({ acknowledged_by: 'operator', silenced_by: 'operator', resolved_by: 'cli' });
  });

  it('keeps a silence over a restart of the worker, and over the end of the incident', async () => {
    const key = { rule: 'AL3', target: 'disk' };
    await desk.fire(key);
    await desk.waitHeard(key, 2);
    const until = new Date(Date.now() + 3_600_000).toISOString();
    await desk.handle(key).signal('silence', { until, by: 'cli' });
    await desk.until(key, ({ state }) => state === 'silenced');
    await desk.stop();
    await desk.start();
    expect((await desk.view(key)).silenced).toMatchObject({ until, by: 'cli' });
    await desk.clear(key);
    await desk.handle(key).result();
    expect(desk.heard(key)).toHaveLength(4);
    await desk.fire(key);
    expect((await desk.until(key, ({ alertId }) => alertId > 0)).silenced).toMatchObject({ until });
    expect(desk.heard(key)).toHaveLength(4);
    await desk.clear(key);
    await desk.handle(key).result();
    expect(desk.heard(key)).toHaveLength(4);
  });

  it('wholly inside an outage of a channel is one late notice there', async () => {
    const key = { rule: 'AL4', target: 'late' };
    desk.down.add('email');
    await desk.fire(key);
    await desk.waitHeard(key, 1);
    await desk.clear(key);
    expect(await desk.waitHeard(key, 2)).toEqual(['sms firing', 'sms resolved']);
    await desk.until(key, ({ underWay }) => underWay.join() === 'resolved-1 by email');
    desk.down.delete('email');
    await desk.handle(key).result();
    expect(desk.heard(key)).toEqual(['email resolved', 'sms firing', 'sms resolved']);
    const late = desk.left
      .filter(({ data }) => data.target === 'late')
      .map(({ data }) => data.resolved?.late);
    expect(late.filter(Boolean)).toHaveLength(1);
    expect(desk.left.at(-1)).toMatchObject({ channel: 'email', data: { resolved: { late: true } } });
  });

  it('that are important and begin together are one notice', async () => {
    const keys = ['one', 'two', 'three'].map((target) => ({ rule: 'AL9', target }));
    const before = desk.left.length;
    await Promise.all(keys.map((key) => desk.fire(key, { level: 'important' })));
    await Promise.all(keys.map((key) => desk.until(key, ({ channels }) => channels['email'] === 'told')));
    const left = desk.left.slice(before);
    expect(left.map(({ template, channel }) => `${template} ${channel}`)).toEqual(['alert-digest email']);
    expect(
      (left[0]?.data as unknown as { alerts: { target: string }[] }).alerts
        .map(({ target }) => target)
        .sort(),
    ).toEqual(['one', 'three', 'two']);
    for (const key of keys) await desk.clear(key);
    for (const key of keys) await desk.handle(key).result();
  });

  it('goes on in a new run with all it knows', async () => {
    const key = { rule: 'AL2', target: 'ram' };
    desk.down.add('sms');
    await desk.fire(key, { value: 93, threshold: 90, unit: '%' });
    await desk.waitHeard(key, 1);
    await desk.clear(key);
    await desk.until(key, ({ state }) => state === 'recovering');
    await desk.fire(key, { value: 94, threshold: 90, unit: '%' });
    await desk.until(key, ({ flaps }) => flaps === 1);
    const { runId } = await desk.handle(key).describe();
    for (let more = 0; more < 2_000; more += 1) {
      await desk.fire(key, { value: 96, threshold: 90, unit: '%' });
      if (more % 20 === 0 && (await desk.handle(key).describe()).runId !== runId) break;
    }
    expect((await desk.handle(key).describe()).runId).not.toBe(runId);
    const view = await desk.until(key, ({ state }) => state === 'firing');
    expect(view).toMatchObject({
      flaps: 1,
      channels: { email: 'told', sms: 'pending' },
      underWay: ['firing-1 by sms'],
    });
    desk.down.delete('sms');
    await desk.waitHeard(key, 2, 40_000);
    await desk.clear(key);
    await desk.handle(key).result();
    expect(desk.heard(key)).toEqual(['email firing', 'email resolved', 'sms firing', 'sms resolved']);
    expect(await rows('ram')).toMatchObject([{ flaps: 1, episode: 1 }]);
  }, 120_000);
});

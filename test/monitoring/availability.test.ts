import { once } from 'node:events';
import net from 'node:net';
import { afterEach, beforeEach, describe, expect, inject, it } from 'vitest';
import { evaluate, OWN_NETWORK, ruleSet, type RuleStates, type Sample } from '../../src/alerts/index.ts';
import { createPostgresMonitor, type PostgresMonitor } from '../../src/clients/postgres-monitor.ts';
import { policySchema } from '../../src/config/policy.ts';
import { availabilityLook } from '../../src/monitoring/availability.ts';
import { EMPTY, type WatchState } from '../../src/monitoring/state.ts';
import { isLoopback, targetsOf, type TargetSettings } from '../../src/monitoring/targets.ts';
import { freePort, startFakeApp, type FakeApp } from './support.ts';

const { signal } = new AbortController();
const policyOf = (given: object) => policySchema.parse({ monitoring: { controls: [], ...given } }).monitoring;

describe('one look at what should be up', () => {
  let app: FakeApp;
  let database: PostgresMonitor;
  beforeEach(async () => {
    app = await startFakeApp();
    database = createPostgresMonitor({ url: inject('postgresUrl') });
  });
  afterEach(async () => {
    await app.down();
    await database.close();
  });

  const look = async (
    settings: Partial<TargetSettings>,
    {
      state = EMPTY,
      at = 1_000,
      controls = [] as string[],
    }: { state?: WatchState; at?: number; controls?: string[] } = {},
  ) => {
    const { targets } = targetsOf({ policy: policyOf({}), database, ...settings });
    const seen = await availabilityLook(targets, controls)(state, at, signal);
    const up = seen.samples.filter(({ metric }) => metric === 'up');
    return {
      ...seen,
      of: Object.fromEntries(up.map((sample) => [sample.target, sample])) as Record<string, Sample>,
    };
  };

  it('sees the application, its database, further pages and ports', async () => {
    const tcp = { name: 'mail', address: `127.0.0.1:${String(await freePort())}` };
    const policy = policyOf({
      app: { path: '/health', bodyContains: 'fine' },
      http: [{ name: 'shop', url: app.url, status: 404 }],
      tcp: [tcp],
    });
    app.answer = (request, response) => {
      if (request.url === '/health') response.end('all is fine');
      else response.writeHead(404).end();
    };
    const { of } = await look({ policy, appUrl: app.url });
    expect(of).toMatchObject({
      app: { value: 1 },
      database: { value: 1 },
      shop: { value: 1 },
      mail: { value: 0, reason: 'refused' },
    });
    app.answer = (_request, response) => response.end('an error page with status 200');
    expect((await look({ policy, appUrl: app.url })).of['app']).toMatchObject({ value: 0, reason: 'body' });
  });

  it('takes a rotated key of Supabase as unknown, and names the service that is down', async () => {
    const policy = policyOf({ supabase: { table: 'profiles' } });
    const keys: unknown[] = [];
    const states: Record<string, number> = {};
    app.answer = (request, response) => {
      keys.push(request.headers['apikey']);
      const [, service = ''] = (request.url ?? '').split('/');
      response.writeHead(states[service] ?? 200).end('{}');
    };
    const supabase = { url: app.url, serviceRoleKey: 'key' };
    const seen = async () => (await look({ policy, supabase })).of['supabase'];
    expect(await seen()).toMatchObject({ value: 1 });
    expect(keys).toEqual(['key', 'key', 'key']);
    states['auth'] = 401;
    expect(await seen()).toMatchObject({ unknown: 'auth status 401' });
    states['rest'] = 503;
    expect(await seen()).toMatchObject({ value: 0, reason: 'rest status 503' });
    states['auth'] = states['rest'] = 301;
    expect(await seen()).toMatchObject({ value: 0, reason: 'auth status 301' });
  });

  it('takes an n8n that starts as unknown, and as down when it does not come to an end', async () => {
    const n8n = { url: app.url };
    app.answer = (_request, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('n8n is starting up');
    const first = await look({ n8n }, { at: 0 });
    expect(first.of['n8n']).toMatchObject({ unknown: 'starting' });
    const state = { ...EMPTY, ...first.state };
    expect((await look({ n8n }, { at: 599_000, state })).of['n8n']).toMatchObject({ unknown: 'starting' });
    expect((await look({ n8n }, { at: 600_000, state })).of['n8n']).toMatchObject({ value: 0 });
    app.answer = (request, response) => {
      if (request.url === '/healthz/readiness')
        response.writeHead(503, { 'content-type': 'application/json' }).end('{"status":"error"}');
      else response.writeHead(200, { 'content-type': 'application/json' }).end('{"status":"ok"}');
    };
    expect((await look({ n8n })).of['n8n']).toMatchObject({ value: 0, reason: 'status 503' });
    // A proxy's own page is not n8n.
    app.answer = (_request, response) =>
      response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>hello</h1>');
    expect((await look({ n8n })).of['n8n']).toMatchObject({ value: 0, reason: 'content-type' });
  });

  it('knows nothing while our own line is down: never DOWN, and one note after', async () => {
    await app.down();
    const control = `127.0.0.1:${String(await freePort())}`;
    const dead = createPostgresMonitor({ url: `postgres://nobody@127.0.0.1:${String(await freePort())}/x` });
    const set = ruleSet(policySchema.parse({}).alerts, {});
    let states: RuleStates = {};
    const told: string[] = [];
    const lookAt = async (at: number, controls: string[]) => {
      const { samples } = await look({ appUrl: app.url, database: dead }, { at, controls });
      const found = evaluate(set, states, samples);
      states = found.state;
      told.push(...found.effects.map(({ kind, target }) => `${kind} ${target}`));
      return samples;
    };
    for (let at = 0; at <= 600_000; at += 20_000)
      expect((await lookAt(at, [control])).every(({ unknown }) => unknown === OWN_NETWORK)).toBe(true);
    expect(told).toEqual([]);
    await app.up();
    await lookAt(620_000, [control]);
    expect(told).toEqual(['nodata own-network', 'data own-network']);
    // With a control that answers it is the target that is down.
    await app.down();
    const server = net.createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const reachable = `127.0.0.1:${String((server.address() as net.AddressInfo).port)}`;
    const seen = await lookAt(640_000, [control, reachable]);
    expect(seen.find(({ target }) => target === 'app')).toMatchObject({ value: 0, reason: 'refused' });
    // Controls elsewhere say nothing of what stands here, and are not asked about it.
    const here = await lookAt(660_000, ['192.0.2.1:443']);
    expect(here.find(({ target }) => target === 'app')).toMatchObject({ value: 0 });
    server.close();
    await dead.close();
  });

  it('is as long as its longest probe, not as their sum', async () => {
    app.answer = () => undefined;
    const http = ['a', 'b', 'c', 'd'].map((name) => ({ name, url: app.url }));
    const began = performance.now();
    const { of } = await look({ policy: policyOf({ timeoutSeconds: 1, http }) });
    expect(performance.now() - began).toBeLessThan(2_500);
    expect(of['d']).toMatchObject({ value: 0, reason: 'timeout' });
  });

  it('says what is not watched', () => {
    expect(targetsOf({ policy: policyOf({}), database }).missing).toEqual([
      'app: APP_URL is not set',
      'n8n: N8N_URL or N8N_API_KEY is not set',
      'supabase: SUPABASE_URL or SUPABASE_SERVICE_ROLE_KEY is not set',
      'vps: VPS_HOST is not set',
    ]);
    expect(['localhost', '127.0.0.1', '::1', '[::1]', '', '/run/postgresql'].every(isLoopback)).toBe(true);
    expect(['10.0.0.1', 'localhost.example.com', 'app.example.com'].some(isLoopback)).toBe(false);
  });
});

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, inject, it, vi } from 'vitest';
import { capture, type Host } from '../../src/clients/host.ts';
import { openPostgresSession } from '../../src/clients/postgres.ts';
import { demoCommand } from '../../src/commands/demo.ts';
import { BREAK_MS, breakDown, isBroken, readBreaks, readHeld } from '../../src/dev/demo-breaks.ts';
import { createDemoHost, INVENTED_DISK } from '../../src/dev/demo-host.ts';
import { startDemoSaas } from '../../src/dev/demo-saas.ts';
import { startStrain } from '../../src/dev/demo-strain.ts';
import { startN8n } from '../../src/dev/n8n.ts';
import { markOf } from '../../src/dev/process-table.ts';
import { createHostReader } from '../../src/monitoring/host-reader.ts';
import { startOwnPostgres } from '../support/own-postgres.ts';
import { waitFor } from '../support/wait.ts';

let dir: string;
const closing: (() => Promise<void>)[] = [];
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'talos-demo-'));
});
afterEach(async () => {
  vi.restoreAllMocks();
  for (const close of closing.splice(0).reverse()) await close();
  await rm(dir, { recursive: true, force: true });
});

/** The stack that these files tell of is this process. */
async function stackRuns(): Promise<void> {
  const mark = await markOf(process.pid);
  const env = {
    APP_URL: 'http://127.0.0.1:1',
    TEMPORAL_UI_URL: 'http://127.0.0.1:2',
    TEMPORAL_NAMESPACE: 'default',
  };
  const urls = [{ name: 'Mail inbox', url: 'http://127.0.0.1:3' }];
  await writeFile(path.join(dir, 'stack.json'), JSON.stringify({ ...mark, env, urls }));
}

async function demo(...args: string[]): Promise<{ code: number; text: string }> {
  let text = '';
  for (const stream of ['stdout', 'stderr'] as const)
    vi.spyOn(process[stream], 'write').mockImplementation((part) => {
      text += String(part);
      return true;
    });
  await demoCommand().parseAsync([...args, '--state-dir', dir], { from: 'user' });
  const code = Number(process.exitCode);
  process.exitCode = undefined;
  vi.restoreAllMocks();
  return { code, text };
}

it('refuses where no local stack runs, and writes nothing', async () => {
  const { code, text } = await demo('break', 'app');
  expect(code).toBe(2);
  expect(text).toMatch(/no local stack runs/);
  expect(readBreaks(dir)).toEqual({});
});

it('breaks, says until when and where to look, lists and mends', async () => {
  await stackRuns();
  const broken = await demo('break', 'app');
  expect(broken.code).toBe(0);
  expect(broken.text).toContain('http://127.0.0.1:2/namespaces/default/workflows/alert%2FAL4%2Fapp');
  expect(broken.text).toContain('The demo is impatient');
  expect((await demo()).text).toMatch(/^app +broken until \d\d:\d\d:\d\d/m);
  expect((await demo('mend')).text).toMatch(/^app is mended/);
  expect((await demo('mend', 'app')).text).toBe('app was not broken.\n');
  expect((await demo()).text).not.toMatch(/broken until/);
});

it('a break ends by itself after a quarter of an hour', async () => {
  const until = Date.parse(breakDown(dir, 'app'));
  expect(until - Date.now()).toBeGreaterThan(BREAK_MS - 5_000);
  expect(readBreaks(dir, until - 1)).toHaveProperty('app');
  expect(readBreaks(dir, until)).toEqual({});
});

it('the stand-ins answer 503 while they are broken, and only what is', async () => {
  const saas = await startDemoSaas({
    port: 0,
    databaseUrl: inject('postgresUrl'),
    serviceRoleKey: 'key',
    isBroken: (what) => isBroken(dir, what),
  });
  const file = path.join(dir, 'executions.json');
  const n8n = await startN8n({
    port: 0,
    apiKey: 'key',
    file,
    now: new Date(),
    isBroken: () => isBroken(dir, 'n8n'),
  });
  closing.push(
    () => saas.stop(),
    () => n8n.stop(),
  );
  const statuses = () =>
    Promise.all(
      [
        `${saas.url}/health`,
        `${saas.url}/auth/v1/health`,
        `${saas.url}/storage/v1/status`,
        `${n8n.url}/healthz/readiness`,
      ].map(async (url) => (await fetch(url)).status),
    );
  expect(await statuses()).toEqual([200, 200, 200, 200]);
  breakDown(dir, 'app');
  expect(await statuses()).toEqual([503, 200, 200, 200]);
  breakDown(dir, 'supabase');
  breakDown(dir, 'n8n');
  expect(await statuses()).toEqual([503, 503, 503, 503]);
});

it('the full disk is an invented one: every real figure stays', async () => {
  const reading = await readFile('/proc/stat', 'utf8').catch(() => undefined);
  if (reading === undefined) return;
  const reader = createHostReader(createDemoHost(() => isBroken(dir, 'disk')));
  const percent = async () => {
    const { samples } = await reader.read(undefined, Date.now(), AbortSignal.timeout(20_000));
    expect(samples.some(({ metric }) => metric === 'ram_percent')).toBe(true);
    return samples.find(({ metric, target }) => metric === 'disk_percent' && target.endsWith(INVENTED_DISK))
      ?.value;
  };
  expect(await percent()).toBe(41);
  breakDown(dir, 'disk');
  expect(await percent()).toBe(96);
});

it('a reading that breaks off stays a failure', async () => {
  const cut: Host = {
    name: 'cut',
    run: () => ({
      stdout: Readable.from(
        (async function* () {
          yield '#disks\n';
          throw new Error('lost');
        })(),
      ),
      done: new Promise(() => undefined),
    }),
    close: async () => undefined,
  };
  await expect(capture(createDemoHost(() => true, cut).run(''))).rejects.toThrow('lost');
});

it('holds busy processes and connections while they are asked for, and leaves none', async () => {
  // Not the server of the other tests, which would find it full.
  const server = await startOwnPostgres();
  const { url } = server;
  closing.push(() => server.stop());
  const strain = await startStrain({ stateDir: dir, databaseUrl: url });
  closing.push(() => strain.stop());
  const session = await openPostgresSession({ url, applicationName: 'talos-test' });
  closing.push(() => session.close());
  const held = async () =>
    (
      await session.query(
        `select state, query from pg_stat_activity where application_name = 'demo-customers'`,
      )
    ).length;
  breakDown(dir, 'cpu');
  breakDown(dir, 'db');
  const { cpu, db } = await waitFor(
    () => {
      const report = readHeld(dir);
      return report.cpu && report.db ? report : undefined;
    },
    { timeoutMs: 20_000, what: 'the strain' },
  );
  expect(db?.error).toBeUndefined();
  expect(await held()).toBeGreaterThan(0);
  const pids = (/pid ([\d, ]+)/.exec(cpu?.done ?? '')?.[1] ?? '').split(', ').map(Number);
  expect(pids.length).toBeGreaterThan(0);
  expect(await Promise.all(pids.map(markOf))).not.toContain(undefined);
  await strain.stop();
  await waitFor(async () => (await held()) === 0, { timeoutMs: 10_000, what: 'the connections’ end' });
  const gone = async () => (await Promise.all(pids.map(markOf))).every((mark) => mark === undefined);
  await waitFor(gone, { timeoutMs: 10_000, what: 'the processes’ end' });
}, 60_000);

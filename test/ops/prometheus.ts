import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { freeAddress } from '../../src/http/metrics/worker.ts';
import { end } from '../support/maintenance.ts';
import { waitFor } from '../support/wait.ts';

const run = promisify(execFile);

/** Debian's own. Where it is not there its tests are skipped, but never in CI. */
export async function findPrometheus(): Promise<boolean> {
  const found = await run('prometheus', ['--version']).then(
    () => true,
    () => false,
  );
  if (!found && process.env['CI'])
    throw new Error('Prometheus is not there (Debian: apt-get install --no-install-recommends prometheus)');
  if (!found) console.warn('Skipped, queries and rules of ops/: Prometheus is not there');
  return found;
}

export const promtool = async (...args: string[]): Promise<string> => {
  const { stdout, stderr } = await run('promtool', args);
  return stdout + stderr;
};

export interface Answer {
  metric: Record<string, string>;
  value: [number, string];
}

export interface Prometheus {
  query(expr: string): Promise<Answer[]>;
  /** Each rule, and what is wrong with it. */
  rules(): Promise<{ name: string; health: string; lastError?: string }[]>;
  stop(): Promise<void>;
}

/** A real one that scrapes one address each second. */
export async function startPrometheus(target: string, rules: string): Promise<Prometheus> {
  const folder = await mkdtemp(path.join(tmpdir(), 'talos-prometheus-'));
  const address = await freeAddress();
  const config = path.join(folder, 'prometheus.yml');
  await writeFile(
    config,
    JSON.stringify({
      global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
      rule_files: [rules],
      scrape_configs: [{ job_name: 'talos', scrape_timeout: '1s', static_configs: [{ targets: [target] }] }],
    }),
  );
  const child = spawn(
    'prometheus',
    [
      ...[`--config.file=${config}`, `--storage.tsdb.path=${path.join(folder, 'data')}`],
      ...[`--web.listen-address=${address}`, '--log.level=error'],
    ],
    { stdio: ['ignore', 'ignore', 'pipe'], env: { PATH: process.env['PATH'] ?? '' } },
  );
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const ask = async <Value>(route: string): Promise<Value> => {
    const response = await fetch(`http://${address}/api/v1/${route}`);
    const body = (await response.json()) as { status: string; error?: string; data: Value };
    if (body.status !== 'success') throw new Error(`${route}: ${body.error ?? response.statusText}`);
    return body.data;
  };
  const started = await Promise.race([
    once(child, 'exit').then(() => false),
    waitFor(() => ask('status/buildinfo').then(() => true), { timeoutMs: 30_000, what: 'Prometheus' }),
  ]);
  if (!started) throw new Error(`Prometheus ended: ${output}`);
  return {
    query: async (expr) =>
      (await ask<{ result: Answer[] }>(`query?query=${encodeURIComponent(expr)}`)).result,
    rules: async () =>
      (await ask<{ groups: { rules: { name: string; health: string }[] }[] }>('rules')).groups.flatMap(
        (group) => group.rules,
      ),
    async stop() {
      await end(child);
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

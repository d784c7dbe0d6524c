/**
 * Each command that README and docs show is run, in the order they stand, beside `npm start` in a folder that was never
 * used. What cannot be run here has its reason in the document: `<!-- not run: … -->` before the block.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { choosePorts, DEFAULT_PORTS, type PortName, type Ports } from '../../src/dev/ports.ts';
import { blocksOf, DOCUMENTS, type Block } from '../support/document-commands.ts';
import { end } from '../support/maintenance.ts';
import { waitFor } from '../support/wait.ts';

const root = path.resolve(import.meta.dirname, '../..');
const blocks = DOCUMENTS.flatMap(blocksOf);

let folder: string;
let ports: Ports;
let stack: ChildProcess;

/** A checkout of its own: what commands write (`.talos`, previews, histories) is not written into this one. */
function checkout(): string {
  const made = mkdtempSync(path.join(tmpdir(), 'talos-documents-'));
  chmodSync(made, 0o711);
  for (const name of ['node_modules', 'dist', 'database', 'src'])
    symlinkSync(path.join(root, name), path.join(made, name));
  for (const name of ['package.json', 'maintenance.example.yaml', '.env.example', 'docker-compose.yml'])
    cpSync(path.join(root, name), path.join(made, name));
  for (const name of ['ops', 'scripts'])
    cpSync(path.join(root, name), path.join(made, name), { recursive: true });
  mkdirSync(path.join(made, 'test/replay/histories'), { recursive: true });
  // npx links a package's own command into one cache for all folders, where two at once are in each other's way.
  mkdirSync(path.join(made, '.bin'));
  const npx = `#!/bin/sh\n[ "$1" = talos ] || exit 127\nshift\nexec '${process.execPath}' dist/cli.js "$@"\n`;
  writeFileSync(path.join(made, '.bin/npx'), npx, { mode: 0o755 });
  return made;
}

beforeAll(async () => {
  folder = checkout();
  ports = await choosePorts('free');
  const base = Math.min(...Object.values(ports));
  stack = spawn(process.execPath, ['dist/cli.js', 'dev', '--port-base', String(base)], { cwd: folder });
  let output = '';
  for (const stream of [stack.stdout, stack.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  await waitFor(
    () => {
      if (stack.exitCode !== null) throw new Error(output);
      return output.includes('\nready\n');
    },
    { timeoutMs: 180_000, what: `the stack (${output})` },
  );
}, 200_000);
afterAll(async () => {
  await end(stack, 'SIGTERM');
  rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}, 60_000);

/** The usual ports may be taken on this machine. */
const withPorts = (text: string): string =>
  (Object.entries(DEFAULT_PORTS) as [PortName, number][]).reduce(
    (changed, [name, port]) =>
      changed.replaceAll(
        new RegExp(`(127\\.0\\.0\\.1|localhost):${String(port)}\\b`, 'g'),
        `$1:${String(ports[name])}`,
      ),
    text,
  );

async function run({ text, file }: Block): Promise<{ code: number | null; output: string }> {
  // What one block exports, the next one of the document has.
  const kept = path.join(folder, `.exported-${file.replaceAll('/', '-')}`);
  const script = `[ -e ${kept} ] && . ${kept}\nset -euo pipefail\n${withPorts(text)}\ncd ${folder}; export -p | grep -v ' \\(OLD\\)\\?PWD' > ${kept}\n`;
  const tools = inject('tools');
  const child = spawn('bash', ['-c', script], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      ...{ HOME: process.env['HOME'], NO_COLOR: '1', TZ: 'UTC' },
      PATH: [
        path.join(folder, '.bin'),
        path.dirname(tools.postgres),
        path.dirname(tools.temporal),
        process.env['PATH'],
      ].join(':'),
      TEMPORAL_ADDRESS: `127.0.0.1:${String(ports.temporal)}`,
    },
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, output };
}

describe.each(DOCUMENTS.filter((file) => blocksOf(file).length > 0))('%s', (file) => {
  for (const block of blocks.filter((candidate) => candidate.file === file)) {
    const name = `line ${String(block.line)}: ${block.text.split('\n')[0] ?? ''}`;
    if (block.notRun !== undefined) it.skip(`${name} (not run: ${block.notRun})`);
    else
      it(
        name,
        async () => {
          const { code, output } = await run(block);
          expect(code, `${file}:${String(block.line)}\n${block.text}\n${output}`).toBe(block.exit);
        },
        180_000,
      );
  }
});

it('runs most of what is shown', () => {
  const run = blocks.filter(({ notRun }) => notRun === undefined);
  expect(run.length).toBeGreaterThan(20);
});

import path from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import type { Stack } from '../dev/stack.ts';
import { reportReady, writeLine } from './dev-output.ts';
import { stopRequest } from './stop-request.ts';

interface DevOptions {
  ephemeral?: boolean;
  portBase?: number;
  stateDir: string;
  worker: boolean;
  json?: boolean;
}

/** What runs on top of the stack: worker, HTTP server and schedules. */
interface Program {
  stop(): Promise<void>;
  failed: Promise<never>;
}

const LAST_PORT = 65_535;

export function devCommand(): Command {
  return new Command('dev')
    .description('run everything on this machine: the embedded stack, a demo SaaS, worker and schedules')
    .option('--ephemeral', 'keep nothing: the state is removed at the end')
    .option('--port-base <n>', 'use the ports n, n+1, … instead of the usual ones', portNumber)
    .option('--state-dir <dir>', 'where the state is kept', '.talos')
    .option('--no-worker', 'start the stack alone')
    .option('--json', 'print one JSON line once ready')
    .action(async (options: DevOptions) => {
      process.exitCode = await runDev(options);
    });
}

async function runDev(options: DevOptions): Promise<number> {
  // Whoever reads our output may go away first; that is no reason to leave processes behind.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const asked = stopRequest((line) => writeLine(process.stderr, line));
  const onProgress = (line: string) => writeLine(process.stderr, `  ${line}`);
  const parts: { stop(): Promise<void> }[] = [];
  try {
    const begun = Date.now();
    const { startStack } = await import('../dev/stack.ts');
    const { ephemeral, portBase, stateDir } = options;
    const stack = await startStack({ stateDir, ephemeral, portBase, onProgress });
    parts.push(stack);
    const failures: Promise<unknown>[] = [stack.failed];
    if (options.worker && !asked.yet) {
      const program = await startProgram(stack, onProgress);
      parts.push(program);
      failures.push(program.failed);
    }
    if (!asked.yet) reportReady(stack, { json: options.json, milliseconds: Date.now() - begun });
    const failure = await Promise.race([asked.promise, ...failures]);
    if (failure instanceof Error) throw failure;
    return 0;
  } catch (error) {
    writeLine(process.stderr, `talos dev: ${(error as Error).message}`);
    return 1;
  } finally {
    for (const part of parts.reverse()) await part.stop();
    asked.release();
  }
}

async function startProgram(stack: Stack, onProgress: (line: string) => void): Promise<Program> {
  // Loaded only now: the worker is the heaviest part of the program.
  const [{ loadConfig }, { applySchedules }, { withTemporal }, { createLogger }, { startWorker }] =
    await Promise.all([
      import('../config/index.ts'),
      import('../schedules/index.ts'),
      import('./connect.ts'),
      import('../logger.ts'),
      import('../worker.ts'),
    ]);
  // The stack's own settings and nothing else: no `.env`, no environment of the caller.
  const config = await loadConfig({ stateDir: stack.stateDir, dotenv: false });
  const logFile = path.join(stack.stateDir, 'logs', 'worker.log');
  const logger = createLogger({ file: logFile });
  const [worker, schedules] = await Promise.allSettled([
    startWorker(config, { logger, http: true }),
    withTemporal(config, (client) => applySchedules({ client, ...config })),
  ]);
  if (worker.status === 'rejected') throw worker.reason;
  if (schedules.status === 'rejected') {
    await worker.value.stop();
    throw schedules.reason;
  }
  onProgress('the schedules are applied, the worker polls');
  const failed = worker.value.failed.catch((error: Error) => {
    throw new Error(`${error.message}: see ${logFile}`, { cause: error });
  });
  return { stop: () => worker.value.stop(), failed };
}

function portNumber(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1024 && port <= LAST_PORT - 16) return port;
  throw new InvalidArgumentError('Write a number from 1024 to 65519: 16 ports from there must be free.');
}

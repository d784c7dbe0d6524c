import { Command, InvalidArgumentError, Option } from 'commander';
import { reportReady, writeLine } from './dev-output.ts';
import { stopRequest } from './stop-request.ts';

interface DevOptions {
  ephemeral?: boolean;
  portBase?: number;
  stateDir: string;
  worker: boolean;
  json?: boolean;
}

const LAST_PORT = 65_535;

export function devCommand(): Command {
  return new Command('dev')
    .description('run everything on this machine: the embedded stack, a demo SaaS, worker and schedules')
    .addOption(
      new Option('--ephemeral', 'keep nothing: the state is removed at the end').conflicts('stateDir'),
    )
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
      // Loaded only now: the worker is the heaviest part of the program.
      const { startProgram } = await import('./dev-program.ts');
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

function portNumber(text: string): number {
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1024 && port <= LAST_PORT - 16) return port;
  throw new InvalidArgumentError('Write a number from 1024 to 65519: 16 ports from there must be free.');
}

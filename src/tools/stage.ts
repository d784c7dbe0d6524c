import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process';
import { createInterface } from 'node:readline';
import { ApplicationFailure } from '@temporalio/common';

/** Lines of stderr kept for the error message. */
const STDERR_TAIL = 8;

/** Only lines that say what went wrong: PostgreSQL's DETAIL and CONTEXT lines quote rows, which are personal data. */
const TELLING = /error|fatal|could not|cannot|can't|hint|no such|denied|refused|not found|unknown|invalid/i;
const QUOTING = /^(DETAIL|CONTEXT|STATEMENT|QUERY):|Command was:/;

export interface StageOptions extends Pick<SpawnOptions, 'stdio' | 'env' | 'cwd' | 'uid' | 'gid'> {
  /** Type of the failure when the program does not end with exit code 0. */
  failure: string;
  /** Ends the program (SIGTERM, then SIGKILL after 5 s). */
  signal?: AbortSignal;
  onStderr?: (line: string) => void;
}

/** One program of a pipeline. */
export interface Stage {
  child: ChildProcess;
  /** Resolves when the program ended with exit code 0, rejects otherwise with its last words. Always await it. */
  done: Promise<void>;
}

/** Starts one program of a pipeline; arguments are passed as they are, no shell reads them. */
export function startStage(path: string, args: readonly string[], options: StageOptions): Stage {
  const { failure, signal, onStderr, ...spawnOptions } = options;
  const name = path.split('/').at(-1) ?? path;
  const tail: string[] = [];
  const child = spawn(path, args, spawnOptions);

  if (child.stderr)
    createInterface({ input: child.stderr }).on('line', (line) => {
      onStderr?.(line);
      if (TELLING.test(line) && !QUOTING.test(line) && tail.push(line) > STDERR_TAIL) tail.shift();
    });

  let killer: NodeJS.Timeout | undefined;
  const stop = (): void => {
    child.kill('SIGTERM');
    killer = setTimeout(() => child.kill('SIGKILL'), 5_000).unref();
  };
  if (signal?.aborted) stop();
  signal?.addEventListener('abort', stop, { once: true });

  const done = new Promise<void>((resolve, reject) => {
    child.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        ApplicationFailure.create({
          message: `Cannot start ${path}: ${error.code ?? error.message}`,
          type: 'ToolMissing',
          nonRetryable: error.code === 'ENOENT',
        }),
      );
    });
    // 'close' and not 'exit': it comes once stderr has been read to its end.
    child.once('close', (code, by) => {
      if (code === 0) return resolve();
      const how = by ? `was ended by ${by}` : `ended with exit code ${String(code)}`;
      const words = tail.length > 0 ? `: ${tail.join(' | ')}` : '';
      reject(ApplicationFailure.create({ message: `${name} ${how}${words}`, type: failure }));
    });
  }).finally(() => {
    clearTimeout(killer);
    signal?.removeEventListener('abort', stop);
  });
  // The caller awaits `done` after other work; until then a rejection must not end the process as unhandled.
  done.catch(() => undefined);
  return { child, done };
}

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { Command } from 'commander';
import { expect, inject, test } from 'vitest';
import { UsageError, printJson, printTable, runAction, say } from '../../src/commands/output.ts';
import { ConfigError } from '../../src/config/index.ts';
import { talos } from './talos.ts';

type Action = () => Promise<0 | 1 | 2 | void>;

const run = (action: Action) => talos(new Command('try').option('--no-local').action(runAction(action)));

test.each([
  ['nothing', () => Promise.resolve(), 0],
  ['its own code', () => Promise.resolve(1 as const), 1],
  ['an error', () => Promise.reject(new Error('broken')), 1],
  ['wrong usage', () => Promise.reject(new UsageError('broken')), 2],
  ['wrong settings', () => Promise.reject(new ConfigError([])), 2],
] satisfies [string, Action, number][])('the exit code after %s', async (_, action, expected) => {
  expect((await run(action)).code).toBe(expected);
});

test('an error is its message, on stderr, without a stack', async () => {
  const { stdout, stderr } = await run(() => Promise.reject(new Error('broken')));
  expect({ stdout, stderr }).toEqual({ stdout: '', stderr: 'talos: broken\n' });
});

test('results go to stdout, remarks to stderr', async () => {
  const { stdout, stderr } = await run(async () => {
    say('working');
    printJson({ proven: true });
  });
  expect(JSON.parse(stdout)).toEqual({ proven: true });
  expect(stderr).toBe('working\n');
});

test('a table is aligned, without blanks at the ends', async () => {
  const { stdout } = await run(async () =>
    printTable(
      ['A', 'LONG', 'C'],
      [
        ['wider', 'x', ''],
        ['y', 'z', 'w'],
      ],
    ),
  );
  expect(stdout).toBe('A      LONG  C\nwider  x\ny      z     w\n');
});

test('a reader that goes away first, as `head` does, is no failure', async () => {
  const cli = path.join(inject('repository'), 'dist/cli.js');
  const child = spawn(process.execPath, [cli, 'run', '--help'], { stdio: ['ignore', 'pipe', 'pipe'] });
  child.stdout.destroy();
  let stderr = '';
  child.stderr.on('data', (text) => (stderr += String(text)));
  const [code] = (await once(child, 'close')) as [number];
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
}, 30_000);

import path from 'node:path';
import type { Stack } from '../dev/stack.ts';

export function writeLine(stream: NodeJS.WriteStream, line: string): void {
  stream.write(`${line}\n`);
}

/** Tells where everything is, what to try, and last, on a line of its own, that it is ready. */
export function reportReady(stack: Stack, options: { json?: boolean; milliseconds: number }): void {
  const { urls, stateDir } = stack;
  if (options.json) {
    writeLine(process.stdout, JSON.stringify({ ready: true, pid: process.pid, stateDir, urls }));
    return;
  }
  const shown = path.relative('', stateDir);
  const folder = shown === '' || shown.startsWith('..') ? stateDir : shown;
  const rows = [
    ...urls.map(({ name, url }) => [name, url] as const),
    ['Webhook token', `WEBHOOK_TOKEN in ${path.join(folder, 'stack.json')}`] as const,
    ['Private key', `${path.join(folder, 'age-identity.txt')} (opens the backups made here)`] as const,
    ['State and logs', folder] as const,
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  const other =
    stack.env['TEMPORAL_ADDRESS'] === '127.0.0.1:7233' ? '' : ` --address ${stack.env['TEMPORAL_ADDRESS']}`;
  const where = folder === '.talos' ? '' : ` --state-dir ${folder}`;
  const tour = [
    [`npx talos schedules list${where}`, 'The jobs, when they ran and when they run next'],
    [
      `npx talos run backup-database --wait${where}`,
      'A backup, restored and compared; its mail is in the inbox',
    ],
    [
      `${stack.temporalCli} schedule trigger --schedule-id backup-database${other}`,
      'The same through Temporal; look at the run in the Web UI',
    ],
    [`npx talos run rapport-quotidien --wait${where}`, 'Yesterday in one mail'],
    [
      `npx talos demo break app${where}`,
      'An outage: it rings in 20 s, by mail and SMS; `npx talos demo mend` ends it',
    ],
  ] as const;
  const lines = [
    '',
    ...rows.map(([name, place]) => `  ${name.padEnd(width)}  ${place}`),
    '',
    '  Five things to try, in a second terminal, in this folder:',
    ...tour.map(([command, what], index) => `  ${String(index + 1)}. ${what}\n       ${command}`),
    '',
    `  Started in ${(options.milliseconds / 1000).toFixed(1)} s. Ctrl-C stops everything.`,
    'ready',
  ];
  writeLine(process.stdout, lines.join('\n'));
}

import { Connection } from '@temporalio/client';
import { HOST } from './ports.ts';
import { startChild } from './process.ts';
import type { Child, RecordedChild } from './process.ts';

export const NAMESPACE = 'default';

export interface TemporalServerOptions {
  /** The `temporal` CLI. */
  command: string;
  port: number;
  /** Without one there is no Web UI. */
  uiPort?: number;
  /** Without one nothing survives the process. */
  dbFile?: string;
  /** Workflow time may be skipped natively (server 1.32): for tests. */
  timeSkipping?: boolean;
  logDir: string;
  onSpawn?: (child: RecordedChild) => void;
}

const TIME_SKIPPING = [
  'frontend.WorkflowTimeSkippingEnabled=true',
  // By default a timer fires up to a second late, and 20 are looked for in a second: a year of monthly looks would take 14 s.
  'history.timerProcessorMaxTimeShift="10ms"',
  'history.timerProcessorMaxPollRPS=1000',
];

export function startTemporal(options: TemporalServerOptions): Promise<Child> {
  const { port, uiPort, dbFile } = options;
  // prettier-ignore
  const args = [
    'server', 'start-dev', '--ip', HOST, '--port', String(port), '--log-level', 'warn',
    ...(uiPort === undefined ? ['--headless'] : ['--ui-ip', HOST, '--ui-port', String(uiPort), '--ui-disable-news-fetch']),
    // Without these pragmas the file makes it three times slower; a killed process loses nothing with them.
    ...(dbFile === undefined ? [] : ['--db-filename', dbFile, '--sqlite-pragma', 'journal_mode=wal', '--sqlite-pragma', 'synchronous=normal']),
    ...(options.timeSkipping ? TIME_SKIPPING.flatMap((setting) => ['--dynamic-config-value', setting]) : []),
  ];
  const address = `${HOST}:${port}`;
  return startChild({
    name: 'temporal',
    command: options.command,
    args,
    logDir: options.logDir,
    ready: () => servesNamespace(address),
    onSpawn: options.onSpawn,
  });
}

async function servesNamespace(address: string): Promise<boolean> {
  const connection = await Connection.connect({ address, connectTimeout: 1_000 });
  try {
    await connection.workflowService.describeNamespace({ namespace: NAMESPACE });
    return true;
  } finally {
    await connection.close();
  }
}

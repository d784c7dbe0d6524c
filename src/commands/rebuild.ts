import { Command } from 'commander';
import type { Client } from '@temporalio/client';
import { createClients, type Clients } from '../clients/index.ts';
import type { Config } from '../config/index.ts';
import { withTemporal } from './connect.ts';
import { print, printJson, runAction } from './output.ts';
import { rebuildAlerts } from './rebuild-alerts.ts';
import { rebuildCustomers } from './rebuild-customers.ts';
import { rebuildPauses, rebuildSchedules } from './rebuild-schedules.ts';
import { readSettings, withSettings, type SettingsOptions } from './settings.ts';

export interface RebuildContext {
  client: Client;
  clients: Clients;
  config: Config;
  /** Says what is missing, and makes nothing. */
  dryRun: boolean;
}

/** What one part found and did, as it is printed. */
export interface Rebuilt {
  part: string;
  /** Known in `ops`. */
  known: number;
  running: number;
  /** Missing in Temporal: made again, or what would be. */
  made: number;
}

/** In this order: what is rebuilt first is there for the next. A part that is whole changes nothing. */
const PARTS: readonly ((context: RebuildContext) => Promise<Rebuilt>)[] = [
  rebuildSchedules,
  rebuildPauses,
  rebuildAlerts,
  rebuildCustomers,
];

export const rebuildCommand = (): Command =>
  withSettings(new Command('rebuild'))
    .description('after a loss of Temporal: make again what should be there, from the operations database')
    .option('--dry-run', 'say what is missing, and make nothing')
    .option('--json', 'print JSON')
    .action(runAction(rebuild));

async function rebuild(options: SettingsOptions & { dryRun?: boolean; json?: boolean }): Promise<void> {
  const config = await readSettings(options);
  const clients = createClients(config);
  const { dryRun = false } = options;
  try {
    const rebuilt = await withTemporal(config, async (client) => {
      const done: Rebuilt[] = [];
      for (const part of PARTS) done.push(await part({ client, clients, config, dryRun }));
      return done;
    });
    if (options.json) return printJson(rebuilt);
    for (const { part, known, running, made } of rebuilt)
      print(
        `${part}: ${String(known)} known, ${String(running)} running, ${String(made)} ${dryRun ? 'missing' : 'made again'}`,
      );
  } finally {
    await clients.close();
  }
}

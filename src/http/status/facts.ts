/** All that the status page and the metrics say, each source for itself. */
import type { Client } from '@temporalio/client';
import { listAlerts, type ListedAlert } from '../../alerts/list.ts';
import type { Queryable } from '../../clients/postgres.ts';
import { databaseId } from '../../database/index.ts';
import { SCHEDULE_IDS } from '../../shared/ids.ts';
import { ask, type Known } from './known.ts';
import { readBackups, readLifecycles, readUnsent, type LastBackup, type Phase } from './read-care.ts';
import { readDays, type Days } from './read-figures.ts';
import { readArming, readRuns, type Run } from './read-runs.ts';
import { readTargets, type TargetState } from './read-samples.ts';
import { readTemporal, type TemporalFacts } from './read-temporal.ts';

export interface OpsFacts {
  alerts: ListedAlert[];
  targets: TargetState[];
  runs: Map<string, Run[]>;
  arming: Map<string, string>;
  backups: { last?: LastBackup; proven?: LastBackup };
  unsent: { channel: string; count: number }[];
  lifecycles: Phase[];
}

export interface Facts {
  at: Date;
  temporal: Known<TemporalFacts>;
  ops: Known<OpsFacts>;
  app: Known<{ days: Days; databaseId: string }>;
}

export interface Sources {
  client: Client;
  ops: Queryable;
  app: Queryable;
  timeZone: string;
  onSilence: (source: 'temporal' | 'operations database' | 'application database', error: unknown) => void;
}

async function readOps(ops: Queryable, at: Date): Promise<OpsFacts> {
  const [alerts, targets, runs, arming, backups, unsent, lifecycles] = await Promise.all([
    listAlerts(ops),
    readTargets(ops),
    readRuns(ops, SCHEDULE_IDS),
    readArming(ops),
    readBackups(ops),
    readUnsent(ops, at),
    readLifecycles(ops),
  ]);
  return { alerts, targets, runs, arming, backups, unsent, lifecycles };
}

export async function readFacts(sources: Sources, at = new Date()): Promise<Facts> {
  const { client, ops, app, timeZone, onSilence } = sources;
  const [temporal, opsFacts, appFacts] = await Promise.all([
    ask(
      () => readTemporal(client, at),
      (error) => onSilence('temporal', error),
    ),
    ask(
      () => readOps(ops, at),
      (error) => onSilence('operations database', error),
    ),
    ask(
      async () => {
        const [days, id] = await Promise.all([readDays(app, at, timeZone), databaseId(app)]);
        return { days, databaseId: id };
      },
      (error) => onSilence('application database', error),
    ),
  ]);
  return { at, temporal, ops: opsFacts, app: appFacts };
}

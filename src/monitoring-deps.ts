import { getClient } from '@temporalio/activity';
import type { Clients } from './clients/index.ts';
import { parseHost } from './clients/ssh.ts';
import type { Config } from './config/index.ts';
import type { MonitoringDeps } from './monitoring/index.ts';
import { parseCron } from './schedules/cron.ts';
import { effectiveRows } from './schedules/rows.ts';

/** What the watches need of clients and settings. */
export function monitoringDeps(clients: Clients, { environment, policy, jobs }: Config): MonitoringDeps {
  const cronOf = (id: string) => {
    const row = effectiveRows({ policy }).find(({ scheduleId }) => scheduleId === id);
    return parseCron(row?.cron ?? '* * * * *');
  };
  return {
    ops: clients.ops,
    database: clients.monitored,
    host: clients.host,
    policy: policy.monitoring,
    thresholds: policy.alerts,
    times: {
      'monitoring-disponibilite': cronOf('monitoring-disponibilite'),
      'monitoring-performance': cronOf('monitoring-performance'),
    },
    availabilityIsOn: jobs.some(
      ({ scheduleId, ready }) => scheduleId === 'monitoring-disponibilite' && ready,
    ),
    appUrl: environment.appUrl,
    n8n: environment.n8n,
    supabase: environment.supabase,
    vps: environment.vps && parseHost(environment.vps.host),
    client: () => getClient(),
  };
}

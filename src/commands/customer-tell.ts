import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { Queryable } from '../clients/postgres.ts';
import type { Config, Policy } from '../config/index.ts';
import { ask, readOpen, startLifecycle, type LifecycleView } from '../lifecycle/index.ts';
import { DAY_MS, startOfDay } from '../shared/calendar.ts';
import { lifecycleId } from '../shared/ids.ts';
import { withTemporal } from './connect.ts';
import { UsageError } from './output.ts';

const ANSWER_MS = 5_000;
/** More in flight only make a queue. */
const AT_ONCE = 20;

export const tellOne = {
  state: (client: Client, account: string): Promise<LifecycleView> =>
    client.withDeadline(Date.now() + ANSWER_MS, () =>
      client.workflow.getHandle(lifecycleId(account)).query<LifecycleView>('state'),
    ),

  /** Where the workflow was lost it is made again from its row. */
  async signal(client: Client, account: string, name: string, payload: object | undefined): Promise<void> {
    const handle = client.workflow.getHandle(lifecycleId(account));
    const send = () => (payload === undefined ? handle.signal(name) : handle.signal(name, payload));
    await send().catch(async (error: unknown) => {
      if (!(error instanceof WorkflowNotFoundError)) throw error;
      await startLifecycle(client, { accountId: account });
      await send();
    });
  },
};

interface Told {
  count: number;
}

export async function tellMany(
  { ops, config, dryRun }: { ops: Queryable; config: Config; dryRun?: boolean },
  { accounts, signal, payload }: { accounts?: string[]; signal: string; payload?: object },
): Promise<Told> {
  const work = async (client: Client | undefined): Promise<Told> => {
    let count = 0;
    for await (const page of accounts ? [accounts] : pages(ops)) {
      const waiting = [...page];
      const worker = async () => {
        for (let account = waiting.shift(); account !== undefined; account = waiting.shift()) {
          if (client) await tellOne.signal(client, account, signal, payload);
          count += 1;
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, worker));
    }
    return { count };
  };
  return dryRun ? work(undefined) : withTemporal(config, work);
}

export async function* pages(ops: Queryable): AsyncGenerator<string[]> {
  for (let after = ''; ;) {
    const page = await readOpen(ops, { after });
    const last = page.at(-1);
    if (last === undefined) return;
    yield page;
    after = last;
  }
}

/** A day, an instant, or the numbers of the policy as it is now. */
export function deadlineOf(day: string | undefined, { lifecycle, timeZone }: Policy): object {
  if (day === undefined) {
    const { reactivationDays, reminderDays, anonymiseAfterMonths } = lifecycle;
    return { reactivationDays, reminderDays, anonymiseAfterMonths };
  }
  const at = Date.parse(day);
  if (Number.isNaN(at))
    throw new UsageError(`'${day}' is no day: 2027-03-01, or an instant as 2027-03-01T00:00:00Z`);
  const instant = /^\d{4}-\d\d-\d\d$/.test(day) ? startOfDay(timeZone, at / DAY_MS + 1) : new Date(at);
  if (instant.getTime() <= Date.now()) throw new UsageError(`${day} is past`);
  return { at: instant.toISOString() };
}

export interface Ended {
  outcome: 'anonymised' | 'under way' | 'not erased' | 'held' | 'too late';
  blocked: string[];
}

/** By the lifecycle that is under way, or by one that begins with it. */
export async function waitForErasure(
  client: Client,
  account: string,
  { underWay, waitMs }: { underWay: boolean; waitMs: number },
): Promise<Ended> {
  if (!underWay) {
    await startLifecycle(client, { accountId: account, erase: 'cli' });
    const handle = client.workflow.getHandle(lifecycleId(account));
    const view = await client
      .withDeadline(Date.now() + waitMs, () => handle.result() as Promise<LifecycleView>)
      .catch(() => undefined);
    return view ? endOf(view) : { outcome: 'under way', blocked: [] };
  }
  const asked = await ask(client, account, { what: 'erase', by: 'cli', waitMs });
  if (asked.outcome === 'done') return endOf(asked.view);
  return { outcome: asked.outcome === 'noted' ? 'under way' : asked.outcome, blocked: [] };
}

const endOf = ({ phase, erased, blocked = [], trouble }: LifecycleView): Ended => {
  if (phase === 'anonymized' || erased) return { outcome: 'anonymised', blocked: [] };
  if (phase === 'erasing') return { outcome: 'under way', blocked: trouble ? [trouble] : [] };
  return { outcome: 'not erased', blocked };
};

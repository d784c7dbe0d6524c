/** Samples as `ops.samples` keeps them: the figures of the KPIs. */
import type { Sample } from '../alerts/index.ts';
import type { Queryable } from '../clients/postgres.ts';

/** What an outage of the operations database may hold back in memory; the oldest go first. */
const MOST_WAITING = 5_000;
/** Judged, and of no use later. */
const NOT_STORED = new Set(['certificate_days', 'read_only']);

export interface SampleRow {
  metric: string;
  target: string;
  at: number;
  value: number;
  count: number | null;
  sum: number | null;
}

export function rowsOf(samples: readonly Sample[]): SampleRow[] {
  return samples.flatMap(({ metric, target, at, value, count, test }) => {
    if (value === undefined || test || NOT_STORED.has(metric)) return [];
    const name = metric === 'up' ? `availability:${target}` : metric;
    return [{ metric: name, target, at, value, count: count ?? null, sum: count === 1 ? value : null }];
  });
}

/** One statement a batch. Idempotent because the key is what was measured when: a repetition writes the same row. */
async function insert(ops: Queryable, rows: readonly SampleRow[]): Promise<void> {
  // Two rows of one key in one statement would be refused.
  const unique = [
    ...new Map(rows.map((row) => [`${row.metric} ${row.target} ${String(row.at)}`, row])).values(),
  ];
  await ops.query(
    `insert into ops.samples (metric, target, at, value, count, sum)
     select metric, target, to_timestamp(at / 1000.0), value, count, sum
       from unnest($1::text[], $2::text[], $3::float8[], $4::float8[], $5::bigint[], $6::float8[])
            as given (metric, target, at, value, count, sum)
     on conflict (metric, target, at) do update
        set value = excluded.value, count = excluded.count, sum = excluded.sum`,
    [
      unique.map(({ metric }) => metric),
      unique.map(({ target }) => target),
      unique.map(({ at }) => at),
      unique.map(({ value }) => value),
      unique.map(({ count }) => count),
      unique.map(({ sum }) => sum),
    ],
  );
}

export interface SampleStore {
  add(samples: readonly Sample[]): void;
  /** Waits so long for what is under way. */
  flush(ms: number): Promise<void>;
}

/** Stores beside the watch, which never waits for it: a failure is counted, and its rows go with the next batch. */
export function createSampleStore(
  ops: Queryable,
  onOutcome: (outcome: { stored: number; lost: number }) => void,
): SampleStore {
  let waiting: SampleRow[] = [];
  let running: Promise<void> | undefined;

  async function write(): Promise<void> {
    while (waiting.length > 0) {
      const batch = waiting;
      waiting = [];
      try {
        await insert(ops, batch);
        onOutcome({ stored: batch.length, lost: 0 });
      } catch {
        const kept = [...batch, ...waiting].slice(-MOST_WAITING);
        onOutcome({ stored: 0, lost: batch.length + waiting.length - kept.length });
        waiting = kept;
        return;
      }
    }
  }

  return {
    add(samples) {
      waiting.push(...rowsOf(samples));
      running ??= write().finally(() => (running = undefined));
    },
    async flush(ms) {
      let timer: NodeJS.Timeout | undefined;
      const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, ms)));
      await Promise.race([(async () => (await running, write()))(), late]);
      clearTimeout(timer);
      onOutcome({ stored: 0, lost: waiting.length });
      waiting = [];
    },
  };
}

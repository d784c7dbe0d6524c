import type { LedgerQuery } from './ledger.ts';

/** So many SMS an hour, over all workers: a storm of alerts must not become a bill, nor a phone nobody reads. */
export interface SmsCap {
  /** True when this notice may leave as an SMS of its own; asked again for the same notice it stays true. */
  take(key: string): Promise<boolean>;
  /** True for the one notice an hour above the cap that is told as a digest. */
  takeDigest(key: string): Promise<boolean>;
  /** When the next one may leave. */
  freeAt(): Promise<Date>;
}

const HOUR = `interval '1 hour'`;

const HELD = `select slot from ops.sms_slots
  where key = $1 and used_at > clock_timestamp() - ${HOUR} and slot between $2 and $3`;

const TAKE = `
  update ops.sms_slots set key = $1, used_at = clock_timestamp()
  where slot = (select slot from ops.sms_slots
                 where slot between $2 and $3 and used_at <= clock_timestamp() - ${HOUR}
                 order by slot limit 1 for update skip locked)
  returning slot`;

export function createSmsCap(query: LedgerQuery, perHour: number): SmsCap {
  const take = async (key: string, from: number, to: number): Promise<boolean> => {
    const range = [key, from, to];
    if ((await query(HELD, range)).length > 0) return true;
    await query(
      'insert into ops.sms_slots (slot) select generate_series($1::int, $2) on conflict do nothing',
      [from, to],
    );
    return (await query(TAKE, range)).length > 0;
  };
  return {
    take: (key) => take(key, 1, perHour),
    takeDigest: (key) => take(key, 0, 0),
    async freeAt() {
      const [row] = await query<{ at: Date | null }>(
        `select min(used_at) + ${HOUR} as at from ops.sms_slots where slot between 1 and $1 and used_at > '-infinity'`,
        [perHour],
      );
      return row?.at ?? new Date();
    },
  };
}

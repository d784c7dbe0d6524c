/** `ops.report_runs`: what was told of a period. One transaction decides the revision, and whether it is to be mailed. */
import { createHash } from 'node:crypto';
import type { Postgres, Transaction } from '../clients/postgres.ts';
import type { MovedFigure } from '../notifications/notice.ts';
import type { Period } from './period.ts';

/** `asked`: a person wants the mail. `automatic`: the Schedule does, in time. `none`: kept, not mailed. */
export type Intent = 'automatic' | 'asked' | 'none';

interface Content {
  figures: readonly { metric: string; value: number | null }[];
  revision: number;
  moved?: MovedFigure[];
}

export interface Entry<Data extends Content> {
  period: Pick<Period, 'kind' | 'name' | 'from' | 'to'>;
  /** Made without looking at what is stored: `revision` and `moved` are written here. */
  data: Data;
  /** What of the data decides whether anything has changed. */
  content: unknown;
  intent: Intent;
  run: { workflowId: string; runId: string };
}

export interface Stored<Data> {
  revision: number;
  isNew: boolean;
  data: Data;
  /** What is to be mailed: this revision, or the one that was chosen for this period before. */
  mail?: { revision: number; data: Data };
}

interface Row<Data> {
  revision: number;
  hash: string;
  mail: 'automatic' | 'asked' | null;
  data: Data;
  mine: boolean;
}

/**
 * Safe to repeat and to run twice at once: one at a time for a period, a run keeps the revision it stored, and equal
 * figures are the revision that is there.
 */
export function storeReport<Data extends Content>(ops: Postgres, entry: Entry<Data>): Promise<Stored<Data>> {
  const { kind, name, from } = entry.period;
  const hash = createHash('sha256').update(JSON.stringify(entry.content)).digest('hex');
  return ops.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock(hashtextextended($1, 0))', [`report/${kind}/${name}`]);
    const rows = await tx.query<Row<Data>>(
      `select revision, content_hash as hash, mail, data, (workflow_id, run_id) = ($3, $4) as mine
         from ops.report_runs where kind = $1 and period = $2 order by revision`,
      [kind, name, entry.run.workflowId, entry.run.runId],
    );
    const newest = rows.at(-1);
    const there = rows.find(({ mine }) => mine) ?? (newest?.hash === hash ? newest : undefined);
    const own = there ?? (await insert(tx, entry, hash, newest));
    const stored = { revision: own.revision, isNew: there === undefined || there.mine, data: own.data };
    // A report that came before its time may have been mailed already, and a newer period's too: neither leaves again.
    const chosen = entry.intent === 'asked' ? own : (rows.find(({ mail }) => mail !== null) ?? own);
    if (entry.intent === 'none') return stored;
    if (entry.intent === 'automatic' && chosen.mail === null && (await newerIsMailed(tx, kind, from)))
      return stored;
    await tx.query(
      'update ops.report_runs set mail = coalesce(mail, $4) where kind = $1 and period = $2 and revision = $3',
      [kind, name, chosen.revision, entry.intent],
    );
    return { ...stored, mail: { revision: chosen.revision, data: chosen.data } };
  });
}

async function insert<Data extends Content>(
  tx: Transaction,
  { period: { kind, name, from, to }, data, run }: Entry<Data>,
  hash: string,
  newest: Row<Data> | undefined,
): Promise<Row<Data>> {
  const revision = (newest?.revision ?? 0) + 1;
  const whole: Data = { ...data, revision, ...(newest && { moved: movedSince(newest.data, data) }) };
  const [row] = await tx.query<Row<Data>>(
    `insert into ops.report_runs
       (kind, period, revision, period_from, period_to, content_hash, data, workflow_id, run_id)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
     returning revision, content_hash as hash, mail, data, true as mine`,
    [kind, name, revision, from, to, hash, JSON.stringify(whole), run.workflowId, run.runId],
  );
  // Read back as it is stored, so that the first answer has the same bytes as every later one.
  return row as Row<Data>;
}

function movedSince(before: Content, after: Content): MovedFigure[] {
  const values = new Map(before.figures.map(({ metric, value }) => [metric, value]));
  return after.figures.flatMap(({ metric, value }) => {
    const was = values.get(metric) ?? null;
    return was === value ? [] : [{ metric, before: was, after: value }];
  });
}

async function newerIsMailed(tx: Transaction, kind: string, from: Date): Promise<boolean> {
  const rows = await tx.query(
    'select from ops.report_runs where kind = $1 and period_from > $2 and mail is not null limit 1',
    [kind, from],
  );
  return rows.length > 0;
}

/** What was told of a period first; it is there. */
export async function readFirst<Data>(
  ops: Postgres,
  { kind, name }: Pick<Period, 'kind' | 'name'>,
): Promise<Data> {
  const [row] = await ops.query<{ data: Data }>(
    'select data from ops.report_runs where kind = $1 and period = $2 order by revision limit 1',
    [kind, name],
  );
  if (row === undefined) throw new Error(`no report of ${name} is stored`);
  return row.data;
}

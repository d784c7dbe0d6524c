/** `ops.log_archives`: what was archived, and which rows of it are not known to be gone. */
import type { Postgres } from '../../clients/postgres.ts';
import { FENCED, takenOver, type Fence } from './fence.ts';
import type { Verified } from './object.ts';

/** A row: the values of its primary key as text, then the MD5 of the row's own text. */
export type Pending = string[];

export interface Entry {
  objectKey: string;
  source: string;
  /** Quoted name of the table or partition. */
  relation: string;
  rows: number;
  firstAt: Date | null;
  lastAt: Date | null;
  /** Undefined: it is not known that its object can be read. */
  verified: Pick<Verified, 'contentSha256' | 'sha256' | 'bytes'> | undefined;
}

/** One whose rows may still stand in their table: its run was killed, or a row was locked. */
export interface OpenEntry extends Entry {
  pending: Pending[];
}

interface Columns extends Omit<Entry, 'verified'> {
  contentSha256: string | null;
  sha256: string | null;
  bytes: number | null;
}

const COLUMNS = `object_key as "objectKey", source, relation, rows, first_at as "firstAt", last_at as "lastAt",
  content_sha256 as "contentSha256", sha256, bytes`;

function entryOf<Row extends Columns>({ contentSha256, sha256, bytes, ...row }: Row) {
  const isVerified = contentSha256 !== null && sha256 !== null && bytes !== null;
  return { ...row, verified: isVerified ? { contentSha256, sha256, bytes } : undefined };
}

/** Every change is refused to an attempt that has been succeeded, in the very statement. */
async function change<Row extends object>(fence: Fence, sql: string, values: unknown[]): Promise<Row> {
  const [row] = await fence.ops.query<Row>(`${FENCED} ${sql}`, [fence.source, fence.epoch, ...values]);
  if (!row) throw takenOver(fence);
  return row;
}

export async function openEntries({ ops, source }: Fence): Promise<OpenEntry[]> {
  const rows = await ops.query<Columns & { pending: Pending[] }>(
    `select ${COLUMNS}, pending from ops.log_archives
      where source = $1 and pending is not null order by planned_at, object_key`,
    [source],
  );
  return rows.map(entryOf);
}

/** Before the object is written, so that it is never one that nobody knows. */
export async function planEntry(fence: Fence, planned: Omit<Entry, 'source' | 'verified'>): Promise<void> {
  await change(
    fence,
    `insert into ops.log_archives (object_key, source, epoch, relation, rows, first_at, last_at, pending)
     select $3::text, $1::text, $2::bigint, $4::text, $5::integer, $6::timestamptz, $7::timestamptz, '[]'::jsonb from fence
     on conflict (object_key) do update
        set pending = excluded.pending, planned_at = now(), content_sha256 = null, sha256 = null, bytes = null,
            verified_at = null, deleted_at = null, pruned_at = null
     returning 1 as done`,
    [planned.objectKey, planned.relation, planned.rows, planned.firstAt, planned.lastAt],
  );
}

/** From here on its rows may go. `pending` is JSON: an array of `Pending`. */
export async function entryVerified(
  fence: Fence,
  objectKey: string,
  { contentSha256, sha256, bytes, rows }: Verified,
  pending: string,
): Promise<Entry> {
  return entryOf(
    await change<Columns>(
      fence,
      `update ops.log_archives set verified_at = now(), content_sha256 = $4, sha256 = $5, bytes = $6, rows = $7,
              pending = $8::jsonb
        where object_key = $3 and exists (select from fence) returning ${COLUMNS}`,
      [objectKey, contentSha256, sha256, bytes, rows, pending],
    ),
  );
}

/** Rows of `left` are still there: they stay pending. */
export async function entryGone(fence: Fence, objectKey: string, left: Pending[]): Promise<void> {
  await change(
    fence,
    `update ops.log_archives
        set gone = gone + jsonb_array_length(pending) - jsonb_array_length($4::jsonb),
            pending = nullif($4::jsonb, '[]'::jsonb), deleted_at = case when $4::jsonb = '[]'::jsonb then now() end
      where object_key = $3 and pending is not null and exists (select from fence) returning 1 as done`,
    [objectKey, JSON.stringify(left)],
  );
}

/** Its attempt ended before it was verified: the rows are where they were. */
export async function entryAbandoned(fence: Fence, objectKey: string): Promise<void> {
  await change(
    fence,
    `update ops.log_archives set pending = null, abandoned_at = now()
      where object_key = $3 and verified_at is null and exists (select from fence) returning 1 as done`,
    [objectKey],
  );
}

/** Rows that this run archived and that have gone, by all its attempts. */
export async function goneInRun({ ops, source, goneBefore }: Fence): Promise<number> {
  const [row] = await ops.query<{ gone: number }>(
    'select coalesce(sum(gone), 0)::bigint as gone from ops.log_archives where source = $1',
    [source],
  );
  return Math.max(0, (row?.gone ?? 0) - goneBefore);
}

export async function entryAt(ops: Postgres, objectKey: string): Promise<Entry | undefined> {
  const [row] = await ops.query<Columns>(
    `select ${COLUMNS} from ops.log_archives where object_key = $1 and verified_at is not null and pruned_at is null`,
    [objectKey],
  );
  return row && entryOf(row);
}

/** What has been kept long enough, by when it was archived; and what has not counted for a day. */
export const prunableEntries = (
  ops: Postgres,
  prefix: string,
  at: Date,
  months: number,
): Promise<{ objectKey: string; abandoned: boolean }[]> =>
  ops.query(
    `select object_key as "objectKey", abandoned_at is not null as abandoned from ops.log_archives
      where starts_with(object_key, $1) and pruned_at is null and pending is null
        and (verified_at < least($2::timestamptz, now()) - make_interval(months => $3)
             or abandoned_at < now() - interval '1 day') order by planned_at limit 1000`,
    [prefix, at, months],
  );

export async function entryPruned(ops: Postgres, objectKey: string): Promise<void> {
  await ops.query('update ops.log_archives set pruned_at = now() where object_key = $1', [objectKey]);
}

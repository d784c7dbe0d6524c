/** `ops.log_archives`: what was archived, and which rows of it are not known to be gone. */
import type { Postgres } from '../../clients/postgres.ts';
import type { Verified } from './object.ts';

/** A row: the values of its primary key as text, then the MD5 of the row's own text. */
export type Pending = string[];

export interface Entry {
  objectKey: string;
  source: string;
  /** Quoted name of the table or partition. */
  relation: string;
  pending: Pending[];
  verified: boolean;
}

export interface Planned extends Omit<Entry, 'verified'> {
  firstAt: Date | undefined;
  lastAt: Date | undefined;
}

/** Objects whose rows may still stand in their table: where a run was killed, or a row was locked. */
export const openEntries = async (ops: Postgres, source: string): Promise<Entry[]> =>
  ops.query<Entry>(
    `select object_key as "objectKey", source, relation, pending, verified_at is not null as verified
       from ops.log_archives where source = $1 and pending is not null order by planned_at, object_key`,
    [source],
  );

/** Before the object is written, so that it is never one that nobody knows. */
export async function planEntry(ops: Postgres, planned: Planned): Promise<void> {
  await ops.query(
    `insert into ops.log_archives (object_key, source, relation, rows, first_at, last_at, pending)
     values ($1, $2, $3, $4, $5, $6, $7)
     on conflict (object_key) do update
        set rows = excluded.rows, first_at = excluded.first_at, last_at = excluded.last_at, pending = excluded.pending,
            planned_at = now(), verified_at = null, deleted_at = null, pruned_at = null`,
    [
      ...[planned.objectKey, planned.source, planned.relation, planned.pending.length],
      ...[planned.firstAt ?? null, planned.lastAt ?? null, JSON.stringify(planned.pending)],
    ],
  );
}

export async function entryVerified(ops: Postgres, objectKey: string, verified: Verified): Promise<void> {
  await ops.query(
    `update ops.log_archives set verified_at = now(), content_sha256 = $2, sha256 = $3, bytes = $4 where object_key = $1`,
    [objectKey, verified.contentSha256, verified.sha256, verified.bytes],
  );
}

/** None of its rows was left when it was to be written again: there is no object to keep. */
export async function dropEntry(ops: Postgres, objectKey: string): Promise<void> {
  await ops.query('delete from ops.log_archives where object_key = $1', [objectKey]);
}

export async function entryDeleted(ops: Postgres, objectKey: string, left: Pending[]): Promise<void> {
  await ops.query(
    `update ops.log_archives
        set pending = $2, deleted_at = case when $2::jsonb is null then now() end where object_key = $1`,
    [objectKey, left.length === 0 ? null : JSON.stringify(left)],
  );
}

/** What has been kept long enough, by when it was archived. */
export const prunableEntries = (ops: Postgres, at: Date, months: number): Promise<{ objectKey: string }[]> =>
  ops.query(
    `select object_key as "objectKey" from ops.log_archives
      where pruned_at is null and pending is null
        and verified_at < least($1::timestamptz, now()) - make_interval(months => $2) order by verified_at limit 1000`,
    [at, months],
  );

export async function entryPruned(ops: Postgres, objectKey: string): Promise<void> {
  await ops.query('update ops.log_archives set pruned_at = now() where object_key = $1', [objectKey]);
}

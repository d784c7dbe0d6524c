/** Deletes rows in short transactions, block range by block range, so that a large table is read once and in order. */
import { setTimeout as delay } from 'node:timers/promises';
import type { Postgres } from '../../clients/postgres.ts';
import { archiveRows, type Archive, type ArchivedRow } from '../archive/index.ts';
import type { Progress, RemoveContext, Removed, Warning } from '../source.ts';
import { archiveColumns, deleteArchived, idOf, recover, type Place } from './archived.ts';
import { resolve } from './check.ts';
import { rowBytes } from './find.ts';
import { createPace } from './pace.ts';
import { dropExpired } from './partitions.ts';
import type { Leaf, Relation } from './relation.ts';
import { quoted, type Conditions, type TableRule } from './rule.ts';
import { inTransaction, isBusy, tableFailure } from './session.ts';
import { vacuum } from './vacuum.ts';

const FIRST_BLOCKS = 32;
const MOST_BLOCKS = 8_192;
const STATEMENT_MS = 30_000;
/** An object holds so much at the most: it stands in memory while it is written. */
const SEGMENT_ROWS = 20_000;
const SEGMENT_BYTES = 8 * 1024 * 1024;
/** How long a batch that does not step over locked rows waits for one: it holds others meanwhile. */
const NOT_WAITING_MS = 20;
/** One page that somebody keeps locked must not stop the night. */
const BUSY_TRIES = 5;

interface Where {
  leaf: string;
  block: number;
}

export class TableRemoval {
  readonly #db: Postgres;
  readonly #rule: TableRule;
  readonly #archive: Archive | undefined;
  readonly #context: RemoveContext;
  readonly #done: Required<Pick<Removed, 'count' | 'bytes' | 'archived' | 'objects' | 'warnings'>>;
  #busy = 0;
  #held = new Set<string>();
  #bytesPerRow = 0;

  constructor(db: Postgres, rule: TableRule, archive: Archive | undefined, context: RemoveContext) {
    this.#db = db;
    this.#rule = rule;
    this.#archive = archive;
    this.#context = context;
    const { count = 0, bytes = 0, archived = 0 } = context.before ?? {};
    this.#done = { count, bytes, archived, objects: [], warnings: [] };
  }

  async run(): Promise<Removed> {
    const { schema, table, setting } = this.#rule;
    try {
      return await this.#run();
    } catch (error) {
      this.#context.signal.throwIfAborted();
      throw tableFailure(`${schema}.${table}`, setting, error);
    }
  }

  async #run(): Promise<Removed> {
    const found = await inTransaction(this.#db, { readOnly: true, statementMs: STATEMENT_MS }, (tx) =>
      resolve(tx, this.#rule),
    );
    if (!found) return this.#result(true);
    const { relation, conditions } = found;
    await this.#recover(relation);
    const before = this.#context.before?.resume as Where | undefined;
    const dropped = await dropExpired(this.#db, this.#rule, relation, {
      ...this.#context,
      sweep: (leaf) => this.#sweep(relation, leaf, { ...conditions, ordinary: 'false' }, 0),
    });
    this.#add(dropped);
    this.#done.warnings.push(...dropped.warnings);
    for (const leaf of relation.leaves) {
      if (dropped.gone.has(leaf.sql) || (before && leaf.sql < before.leaf)) continue;
      const from = before?.leaf === leaf.sql ? before.block : 0;
      const count = this.#done.count;
      if (!(await this.#sweep(relation, leaf, conditions, from))) return this.#result(false);
      await vacuum(this.#db, leaf, this.#done.count - count);
    }
    return this.#result(true);
  }

  #result(finished: boolean): Removed {
    const warnings: Warning[] = this.#done.warnings;
    return { ...this.#done, warnings, ...(this.#busy > 0 && { left: { locked: this.#busy } }), finished };
  }

  #add({ count, bytes = 0, archived = 0 }: Progress): void {
    this.#done.count += count;
    this.#done.bytes += bytes;
    this.#done.archived += archived;
  }

  #place(relation: Relation, leaf: string): Place {
    const { time, table } = this.#rule;
    const has = relation.columns.some(({ name }) => name === time);
    return { relation, leaf, alias: quoted(table), time: has ? quoted(time ?? '') : undefined };
  }

  async #recover(relation: Relation): Promise<void> {
    if (!this.#archive) return;
    const { schema, table } = this.#rule;
    const placeOf = (leaf: string) =>
      relation.leaves.some(({ sql }) => sql === leaf) ? this.#place(relation, leaf) : undefined;
    const { count, objects, held } = await recover(
      this.#db,
      this.#archive,
      `${schema}.${table}`,
      placeOf,
      this.#context.signal,
    );
    this.#held = held;
    this.#add({ count, archived: count });
    this.#done.objects.push(...objects);
  }

  /** One table or partition. False: the time is over. */
  async #sweep(relation: Relation, leaf: Leaf, conditions: Conditions, from: number): Promise<boolean> {
    const { at, signal, deadline } = this.#context;
    const place = this.#place(relation, leaf.sql);
    const range = await this.#blocks(place, conditions.expired, leaf.blocks);
    this.#bytesPerRow = await inTransaction(this.#db, { readOnly: true, statementMs: STATEMENT_MS }, (tx) =>
      rowBytes(tx, { sql: `only ${leaf.sql}`, alias: place.alias }, conditions.expired, at),
    );
    const pace = createPace(FIRST_BLOCKS, MOST_BLOCKS);
    let segment: ArchivedRow[] = [];
    let segmentBytes = 0;
    let block = Math.max(from, range.from);
    let tries = 0;
    const flush = async (): Promise<void> => {
      if (segment.length > 0) await this.#archiveAndDelete(place, segment);
      segment = [];
      segmentBytes = 0;
      const { count, bytes, archived } = this.#done;
      this.#context.progress({ count, bytes, archived, resume: { leaf: leaf.sql, block } });
    };
    while (block <= range.to) {
      signal.throwIfAborted();
      if (Date.now() > deadline.getTime()) {
        await flush();
        return false;
      }
      const began = performance.now();
      try {
        const batch = await this.#batch(place, conditions, block, block + pace.size, tries > 0);
        tries = 0;
        block += pace.size;
        this.#add({ count: batch.count, bytes: Math.round(batch.count * this.#bytesPerRow) });
        for (const row of batch.important) {
          if (this.#held.has(idOf(row.key))) continue;
          segment.push(row);
          segmentBytes += row.line.length;
        }
        pace.took(performance.now() - began);
      } catch (error) {
        if (!isBusy(error)) throw error;
        // The first time only the way changes: rows that are locked are stepped over.
        if (tries > 0) pace.busy();
        tries += 1;
        if (tries > BUSY_TRIES) {
          this.#busy += 1;
          block += pace.size;
          tries = 0;
        } else if (tries > 1) await delay(50 * 2 ** tries, undefined, { signal });
        continue;
      }
      // A successor begins where the rows stand that are not archived yet; what is deleted is not found again.
      if (segment.length === 0 || segment.length >= SEGMENT_ROWS || segmentBytes >= SEGMENT_BYTES)
        await flush();
    }
    await flush();
    return true;
  }

  /** Where rows that go can be: all of the table, or, where an index finds them, between the first and the last. */
  async #blocks(place: Place, expired: string, blocks: number): Promise<{ from: number; to: number }> {
    const all = { from: 0, to: blocks };
    return inTransaction(this.#db, { readOnly: true, statementMs: STATEMENT_MS }, async (tx) => {
      const from = `from only ${place.leaf} as ${place.alias} where ${expired}`;
      const [plan] = await tx.query(`explain (format json) select ${place.alias}.ctid ${from}`, [
        this.#context.at,
      ]);
      if (/"Seq Scan"/.test(JSON.stringify(plan))) return all;
      // The block is the first number of a ctid; as text only once, of the two that count.
      const [row] = await tx.query<{ from: number | null; to: number | null }>(
        `select (first::text::point)[0]::int8 as from, (last::text::point)[0]::int8 as to
           from (select min(${place.alias}.ctid) as first, max(${place.alias}.ctid) as last ${from}) ends`,
        [this.#context.at],
      );
      return row?.from == null || row.to == null ? { from: 0, to: -1 } : { from: row.from, to: row.to };
    });
  }

  #batch(
    { leaf, alias, ...place }: Place,
    { ordinary, important }: Conditions,
    from: number,
    to: number,
    skipping: boolean,
  ): Promise<{ count: number; important: ArchivedRow[] }> {
    const inRange = `${alias}.ctid >= '(${String(from)},0)'::tid and ${alias}.ctid < '(${String(to)},0)'::tid`;
    // Locking each row first doubles what is written: worth it only where somebody else holds one of them.
    const which = skipping
      ? `${alias}.ctid = any (array(select ${alias}.ctid from only ${leaf} as ${alias} where ${inRange} and ${ordinary}
            for update skip locked))`
      : `${inRange} and ${ordinary}`;
    const lockMs = skipping ? undefined : NOT_WAITING_MS;
    return inTransaction(this.#db, { statementMs: STATEMENT_MS, lockMs }, async (tx) => {
      const count =
        ordinary === 'false'
          ? 0
          : await tx.execute(`delete from only ${leaf} as ${alias} where ${which}`, [this.#context.at]);
      const rows =
        important === undefined
          ? []
          : await tx.query<ArchivedRow>(
              `select ${archiveColumns({ leaf, alias, ...place })} from only ${leaf} as ${alias}
                where ${inRange} and ${important}`,
              [this.#context.at],
            );
      return { count, important: rows };
    });
  }

  async #archiveAndDelete(place: Place, rows: ArchivedRow[]): Promise<void> {
    const archive = this.#archive;
    if (!archive) throw new Error('rows to be archived and no archive: check() refuses that');
    const { schema, table } = this.#rule;
    const { signal } = this.#context;
    const segment = { source: `${schema}.${table}`, relation: place.leaf, rows };
    const entry = await archiveRows(archive, segment, signal);
    const { count, left } = await deleteArchived(this.#db, archive, place, entry, signal);
    for (const key of left) this.#held.add(idOf(key));
    this.#add({ count, bytes: Math.round(count * this.#bytesPerRow), archived: count });
    this.#done.objects.push(entry.objectKey);
  }
}

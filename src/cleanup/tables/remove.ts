/** Deletes rows in short transactions, block range by block range, so that a large table is read once and in order. */
import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Postgres } from '../../clients/postgres.ts';
import { goneInRun, takeOver, type Archive, type Fence } from '../archive/index.ts';
import type { Progress, RemoveContext, Removed, Warning } from '../source.ts';
import { readImportant, recover, type ImportantRows, type Place } from './archived.ts';
import { blocksOf } from './blocks.ts';
import { resolve } from './check.ts';
import { rowBytes } from './find.ts';
import { createPace } from './pace.ts';
import { dropExpired } from './partitions.ts';
import { readRelation, type Leaf, type Relation } from './relation.ts';
import { quoted, type Conditions, type TableRule } from './rule.ts';
import { Segments, SEGMENT_BYTES } from './segments.ts';
import { inTransaction, isBusy, STATEMENT_MS, tableFailure } from './session.ts';
import { vacuum } from './vacuum.ts';

const FIRST_BLOCKS = 32;
const MOST_BLOCKS = 8_192;
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
  readonly #done: Required<Pick<Removed, 'count' | 'bytes' | 'archived'>>;
  readonly #objects = new Set<string>();
  readonly #warnings: Warning[] = [];
  #fence: Fence | undefined;
  #busy = 0;
  readonly #held = new Set<string>();
  #bytesPerRow = 0;

  constructor(db: Postgres, rule: TableRule, archive: Archive | undefined, context: RemoveContext) {
    this.#db = db;
    this.#rule = rule;
    this.#archive = archive;
    this.#context = context;
    const { count = 0, bytes = 0, archived = 0 } = context.before ?? {};
    this.#done = { count, bytes, archived };
  }

  get #name(): string {
    return `${this.#rule.schema}.${this.#rule.table}`;
  }

  async run(): Promise<Removed> {
    try {
      return await this.#run();
    } catch (error) {
      this.#context.signal.throwIfAborted();
      throw tableFailure(this.#name, this.#rule.setting, error);
    }
  }

  async #run(): Promise<Removed> {
    const found = await inTransaction(this.#db, { readOnly: true, statementMs: STATEMENT_MS }, (tx) =>
      resolve(tx, this.#rule),
    );
    if (!found) return this.#result(true);
    const { relation, conditions } = found;
    if (this.#archive && conditions.important !== undefined)
      this.#fence = await takeOver(this.#archive.ops, this.#name, this.#context.run ?? randomUUID());
    await this.#recover(relation);
    const finished = await this.#everywhere(relation, conditions);
    // What somebody held a moment ago may be free by now.
    if (this.#held.size > 0) await this.#recover(relation);
    return this.#result(finished);
  }

  /** False: the time is over. */
  async #everywhere(relation: Relation, conditions: Conditions): Promise<boolean> {
    const before = this.#context.before?.resume as Where | undefined;
    const dropped = await dropExpired(this.#db, this.#rule, relation, {
      ...this.#context,
      sweep: (leaf) => this.#sweep(relation, leaf, { ...conditions, ordinary: 'false' }, { exactly: true }),
    });
    this.#add(dropped);
    this.#warnings.push(...dropped.warnings);
    for (const leaf of relation.leaves) {
      if (dropped.gone.has(leaf.sql) || (before && leaf.sql < before.leaf)) continue;
      const from = before?.leaf === leaf.sql ? before.block : 0;
      const count = this.#done.count;
      const swept = await this.#sweep(relation, leaf, conditions, { from });
      if (!swept) return false;
      await vacuum(this.#db, leaf, this.#done.count - count);
      // After it an index finds at once what stood elsewhere than its time says: mostly nothing.
      if (swept === 'likely' && !(await this.#sweep(relation, leaf, conditions, { exactly: true })))
        return false;
    }
    return true;
  }

  /** Archived rows are counted by the journal: it knows of all attempts what no heartbeat said. */
  async #result(finished: boolean): Promise<Removed> {
    const { count, bytes, archived } = this.#done;
    const inRun = this.#fence ? await goneInRun(this.#fence) : 0;
    return {
      ...{ count: count - archived + inRun, bytes, archived: inRun, finished },
      ...{ objects: [...this.#objects], warnings: this.#warnings },
      ...(this.#busy > 0 && { left: { locked: this.#busy } }),
    };
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
    const archive = this.#archive;
    if (!archive || !this.#fence) return;
    this.#held.clear();
    const objects = await recover(this.#db, archive, this.#fence, {
      placeOf: (leaf) => this.#placeOf(relation, leaf),
      ...{ held: this.#held, signal: this.#context.signal },
    });
    for (const key of objects) this.#objects.add(key);
  }

  /** Also of a partition that was detached, and stands for itself until it is dropped. */
  async #placeOf(relation: Relation, leaf: string): Promise<Place | undefined> {
    if (relation.leaves.some(({ sql }) => sql === leaf)) return this.#place(relation, leaf);
    const [there] = await this.#db.query<{ schema: string; name: string }>(
      `select nspname as schema, relname as name from pg_class c join pg_namespace n on n.oid = relnamespace
        where c.oid = to_regclass($1) and relkind = 'r'`,
      [leaf],
    );
    const other = there && (await readRelation(this.#db, there.schema, there.name, this.#rule.time));
    const shape = ({ columns }: Relation) => JSON.stringify(columns);
    return other && shape(other) === shape(relation) ? this.#place(relation, leaf) : undefined;
  }

  /** One table or partition. False: the time is over; `likely`: some rows may stand where it did not look. */
  async #sweep(
    relation: Relation,
    leaf: Leaf,
    conditions: Conditions,
    { from = 0, exactly = false }: { from?: number; exactly?: boolean },
  ): Promise<false | 'likely' | 'all'> {
    const { at } = this.#context;
    const place = this.#place(relation, leaf.sql);
    const { expired } = conditions;
    const range = await blocksOf(this.#db, place, { expired, at, blocks: leaf.blocks }, exactly);
    if (range.to < range.from) return 'all';
    this.#bytesPerRow = await inTransaction(this.#db, { readOnly: true, statementMs: STATEMENT_MS }, (tx) =>
      rowBytes(tx, { sql: `only ${leaf.sql}`, alias: place.alias }, expired, at),
    );
    const segments = this.#segmentsOf(place, conditions);
    try {
      const finished = await this.#batches(
        place,
        leaf,
        conditions,
        { ...range, from: Math.max(from, range.from) },
        segments,
      );
      await segments?.finish();
      return finished && (range.likely ? 'likely' : 'all');
    } finally {
      await segments?.close();
    }
  }

  #segmentsOf(place: Place, { important }: Conditions): Segments | undefined {
    if (important === undefined) return undefined;
    if (!this.#archive || !this.#fence)
      throw new Error('rows to be archived and no archive: check() refuses that');
    return new Segments({
      ...{ db: this.#db, archive: this.#archive, fence: this.#fence, place, held: this.#held },
      signal: this.#context.signal,
      gone: (objectKey, rows) => {
        this.#add({ count: rows, bytes: Math.round(rows * this.#bytesPerRow), archived: rows });
        this.#objects.add(objectKey);
      },
    });
  }

  /** Block range by block range. False: the time is over. */
  async #batches(
    place: Place,
    { sql, blocks, rows }: Leaf,
    conditions: Conditions,
    range: { from: number; to: number },
    segments: Segments | undefined,
  ): Promise<boolean> {
    const { signal, deadline, progress } = this.#context;
    // All of them important, the rows of a batch must fit into memory beside those of the objects under way.
    const blockBytes = (this.#bytesPerRow * Math.max(rows, 0)) / Math.max(blocks, 1);
    const most = segments
      ? Math.max(1, Math.floor(SEGMENT_BYTES / 2 / Math.max(blockBytes, 1)))
      : MOST_BLOCKS;
    const pace = createPace(FIRST_BLOCKS, Math.min(most, MOST_BLOCKS));
    let block = range.from;
    let tries = 0;
    while (block <= range.to) {
      signal.throwIfAborted();
      if (Date.now() > deadline.getTime()) return false;
      const began = performance.now();
      const from = block;
      let count: number;
      try {
        count = await this.#batch(place, conditions, from, from + pace.size, tries > 0);
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
      tries = 0;
      block += pace.size;
      pace.took(performance.now() - began);
      this.#add({ count, bytes: Math.round(count * this.#bytesPerRow) });
      const to = block;
      await segments?.add(() => this.#readImportant(place, conditions, from, to), from);
      // A successor begins where the rows stand that are not archived yet; what is deleted is not found again.
      progress({ ...this.#done, resume: { leaf: sql, block: segments?.from ?? block } });
    }
    return true;
  }

  async #batch(
    place: Place,
    { ordinary }: Conditions,
    from: number,
    to: number,
    skipping: boolean,
  ): Promise<number> {
    if (ordinary === 'false') return 0;
    const { leaf, alias } = place;
    const where = `${within(place, from, to)} and ${ordinary}`;
    // Locking each row first doubles what is written: worth it only where somebody else holds one of them.
    const which = skipping
      ? `${alias}.ctid = any (array(select ${alias}.ctid from only ${leaf} as ${alias} where ${where} for update skip locked))`
      : where;
    const lockMs = skipping ? undefined : NOT_WAITING_MS;
    return inTransaction(this.#db, { statementMs: STATEMENT_MS, lockMs, lazily: true }, (tx) =>
      tx.execute(`delete from only ${leaf} as ${alias} where ${which}`, [this.#context.at]),
    );
  }

  async #readImportant(
    place: Place,
    { important = 'false' }: Conditions,
    from: number,
    to: number,
  ): Promise<ImportantRows | undefined> {
    const { at, signal } = this.#context;
    const rows = { within: within(place, from, to), important, at, held: this.#held };
    for (let tries = 1; ; tries += 1)
      try {
        return await inTransaction(this.#db, { readOnly: true, statementMs: STATEMENT_MS }, (tx) =>
          readImportant(tx, place, rows),
        );
      } catch (error) {
        if (!isBusy(error) || tries > BUSY_TRIES) throw error;
        await delay(50 * 2 ** tries, undefined, { signal });
      }
  }
}

const within = ({ alias }: Place, from: number, to: number): string =>
  `${alias}.ctid >= '(${String(from)},0)'::tid and ${alias}.ctid < '(${String(to)},0)'::tid`;

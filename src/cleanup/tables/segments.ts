/**
 * Important rows on their way into the archive, beside the sweep: those of its last batch are read, one object is being
 * filled, another one is written and read back and its rows are deleted. In memory stand two objects at the most.
 */
import type { Postgres } from '../../clients/postgres.ts';
import {
  archiveRows,
  entryGone,
  keyOf,
  type Archive,
  type Fence,
  type Pending,
  type Segment,
} from '../archive/index.ts';
import { deleteImportant, hashOf, type ImportantRows, type Place } from './archived.ts';

const SEGMENT_ROWS = 50_000;
export const SEGMENT_BYTES = 8 * 1024 * 1024;

interface Proving {
  /** Block where the first of its rows stand. */
  from: number;
  settled: boolean;
  done: Promise<unknown>;
}

interface Given {
  db: Postgres;
  archive: Archive;
  fence: Fence;
  place: Place;
  signal: AbortSignal;
  /** Told of each object whose rows have gone. */
  gone: (objectKey: string, rows: number) => void;
  /** MD5 of rows that are archived and that somebody holds. */
  held: Set<string>;
}

export class Segments {
  readonly #given: Given;
  readonly #stop = new AbortController();
  #batches: ImportantRows[] = [];
  #from = 0;
  #reading: { from: number; done: Promise<void> } | undefined;
  #proving: Proving | undefined;

  constructor(given: Given) {
    this.#given = given;
  }

  /** Where a successor must begin: at the first row that is not known to be gone. */
  get from(): number | undefined {
    return this.#proving?.from ?? (this.#batches.length > 0 ? this.#from : this.#reading?.from);
  }

  /** After each batch of the sweep, of the blocks from `block` on. Waits for the rows of the batch before. */
  async add(read: () => Promise<ImportantRows | undefined>, block: number): Promise<void> {
    await this.#reading?.done;
    const done = read().then((rows) => this.#take(rows, block));
    // Awaited with the next batch or at the end; until then a rejection must not end the process as unhandled.
    done.catch(() => undefined);
    this.#reading = { from: block, done };
  }

  async #take(rows: ImportantRows | undefined, block: number): Promise<void> {
    if (rows) {
      if (this.#batches.length === 0) this.#from = block;
      this.#batches.push(rows);
    }
    // A failure of the one under way ends the sweep soon.
    if (this.#proving?.settled) await this.#settle();
    const size = (of: (rows: ImportantRows) => number) =>
      this.#batches.reduce((sum, batch) => sum + of(batch), 0);
    if (size((batch) => batch.rows) >= SEGMENT_ROWS || size((batch) => batch.text.length) >= SEGMENT_BYTES) {
      await this.#settle();
      this.#prove();
    }
  }

  /** Everything that was added is archived and gone, or held by somebody. */
  async finish(): Promise<void> {
    await this.#reading?.done;
    this.#reading = undefined;
    await this.#settle();
    if (this.#batches.length > 0) this.#prove();
    await this.#settle();
  }

  /** However the sweep ended: no upload outlives it. */
  async close(): Promise<void> {
    this.#stop.abort(new Error('the attempt ended'));
    await Promise.allSettled([this.#reading?.done]);
    await Promise.allSettled([this.#proving?.done]);
  }

  #prove(): void {
    const { archive, fence, place, signal } = this.#given;
    const batches = this.#batches;
    const [first] = batches;
    const segment: Segment = {
      relation: place.leaf,
      rows: batches.reduce((sum, { rows }) => sum + rows, 0),
      lines: batches,
      firstAt: earliest(batches.map(({ firstAt }) => firstAt)),
      lastAt: earliest(
        batches.map(({ lastAt }) => lastAt),
        -1,
      ),
      pending: () => `[${batches.map(({ pending }) => pending).join(',')}]`,
    };
    const objectKey = keyOf(fence, segment);
    const both = AbortSignal.any([signal, this.#stop.signal]);
    const proving: Proving = {
      ...{ from: this.#from, settled: false },
      done: archiveRows(archive, fence, segment, { objectKey, source: fence.source, signal: both })
        .then(() => this.#remove(objectKey, batches, both))
        .finally(() => (proving.settled = true)),
    };
    // Awaited by #settle or close; until then a rejection must not end the process as unhandled.
    proving.done.catch(() => undefined);
    this.#proving = first && proving;
    this.#batches = [];
  }

  /** The object is proven: its rows go. */
  async #remove(objectKey: string, batches: readonly ImportantRows[], signal: AbortSignal): Promise<void> {
    const { db, fence, place, gone, held } = this.#given;
    const left: Pending[] = [];
    let count = 0;
    for (const batch of batches) {
      signal.throwIfAborted();
      const kept = await deleteImportant(db, fence, place, batch);
      left.push(...kept);
      count += batch.rows - kept.length;
    }
    await entryGone(fence, objectKey, left);
    for (const row of left) held.add(hashOf(row));
    gone(objectKey, count);
  }

  async #settle(): Promise<void> {
    await this.#proving?.done;
    this.#proving = undefined;
  }
}

/** The earliest; with -1 the latest. */
const earliest = (times: readonly (Date | null)[], sign = 1): Date | null =>
  times.reduce(
    (best, time) => (time && (!best || sign * (time.getTime() - best.getTime()) < 0) ? time : best),
    null,
  );

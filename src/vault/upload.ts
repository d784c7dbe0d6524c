import { createHash } from 'node:crypto';
import type { ObjectStore, UploadedPart } from '../clients/object-store.ts';

const MiB = 1024 * 1024;
/** S3 takes 10,000 parts of 5 MiB to 5 GiB (the last may be smaller) and objects up to 5 TiB. */
export const MAX_PARTS = 10_000;
const SMALLEST_PART_BYTES = 8 * MiB;
/** Growth of the part size, one step each 1,000 parts; all 10,000 parts together hold 5 TiB. */
const GROWTH = [1, 2, 4, 8, 16, 32, 64, 128, 200, 201] as const;

/** Size in bytes of part `number` (1-based). The stream's length is unknown, so parts grow as it goes on. */
export function partBytes(number: number): number {
  const factor = GROWTH[Math.floor((number - 1) / 1_000)];
  if (factor === undefined)
    throw new RangeError(`part ${String(number)}: an object has ${String(MAX_PARTS)} parts at the most`);
  return factor * SMALLEST_PART_BYTES;
}

/** Parts under way at once. */
const inFlightAtMost = (bytes: number): number => (bytes <= 64 * MiB ? 3 : 1);

/** What an upload holds at part `number`, those under way and the one being filled: 32 MiB, or 1 % of the object. */
export const memoryBytes = (number: number): number =>
  (inFlightAtMost(partBytes(number)) + 1) * partBytes(number);

export interface UploadOptions {
  store: ObjectStore;
  key: string;
  signal?: AbortSignal;
  /** Called with the bytes accepted by the store so far. */
  onStored?: (bytes: number) => void;
  /** Writes over an object that is there; else it is refused, where the store can. */
  overwrite?: boolean;
  /**
   * Awaited after the last byte and before the object comes into being: every stage that feeds the stream must
   * have ended well, or a truncated stream would become a valid object.
   */
  beforeComplete: () => Promise<void>;
}

export interface Uploaded {
  bytes: number;
  sha256: string;
}

/**
 * Uploads a stream of unknown length in constant memory. The object exists after it returns, or not at all:
 * on any failure the open upload is aborted, so that the store keeps no part.
 */
export async function uploadStream(
  source: AsyncIterable<Uint8Array>,
  options: UploadOptions,
): Promise<Uploaded> {
  const { store, key, signal } = options;
  const upload = await store.beginUpload(key);
  const parts: UploadedPart[] = [];
  const inFlight = new Set<Promise<void>>();
  const hash = createHash('sha256');
  let bytes = 0;
  let stored = 0;
  let failure: unknown;

  const send = async (body: Buffer, number: number): Promise<void> => {
    while (inFlight.size >= inFlightAtMost(body.length)) await Promise.race(inFlight);
    if (failure !== undefined) throw failure as Error;
    const part = store
      .uploadPart(upload, number, body, signal)
      .then((done) => {
        parts.push(done);
        stored += body.length;
        options.onStored?.(stored);
      })
      .catch((error: unknown) => {
        failure ??= error;
      })
      .finally(() => inFlight.delete(part));
    inFlight.add(part);
  };

  try {
    let number = 1;
    let buffer = Buffer.allocUnsafe(partBytes(number));
    let filled = 0;
    for await (const chunk of source) {
      signal?.throwIfAborted();
      hash.update(chunk);
      bytes += chunk.length;
      let rest = chunk;
      while (rest.length > 0) {
        const taken = Math.min(rest.length, buffer.length - filled);
        buffer.set(rest.subarray(0, taken), filled);
        filled += taken;
        rest = rest.subarray(taken);
        if (filled < buffer.length) continue;
        await send(buffer, number++);
        buffer = Buffer.allocUnsafe(partBytes(number));
        filled = 0;
      }
    }
    if (filled > 0 || number === 1) await send(buffer.subarray(0, filled), number);
    await Promise.all(inFlight);
    if (failure !== undefined) throw failure as Error;
    await options.beforeComplete();
    await store.completeUpload(
      upload,
      parts.sort((a, b) => a.number - b.number),
      { overwrite: options.overwrite },
    );
    return { bytes, sha256: hash.digest('hex') };
  } catch (error) {
    await Promise.all(inFlight);
    // What cannot be aborted now (store down) is aborted by the sweep of the next attempt.
    await store.abortUpload(upload).catch(() => undefined);
    throw error;
  }
}

import { describe, expect, it, vi } from 'vitest';
import type { ObjectStore } from '../../src/clients/object-store.ts';
import { MAX_PARTS, memoryBytes, partBytes, uploadStream } from '../../src/vault/upload.ts';

const MiB = 1024 ** 2;
const GiB = 1024 ** 3;
const TiB = 1024 ** 4;
const sizes = Array.from({ length: MAX_PARTS }, (_, index) => partBytes(index + 1));

describe('the parts of an upload', () => {
  it('hold together the largest object of S3', () => {
    expect(sizes.reduce((sum, bytes) => sum + bytes, 0)).toBeGreaterThanOrEqual(5 * TiB);
  });

  it('are of a size that S3 takes', () => {
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(5 * MiB);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(5 * GiB);
    expect(sizes.every(Number.isInteger)).toBe(true);
  });

  it('never shrink', () => {
    expect(sizes.every((bytes, index) => bytes >= (sizes[index - 1] ?? 0))).toBe(true);
  });

  it('are small as long as the object is: 8 MiB up to the first 7 GiB', () => {
    const small = sizes.filter((bytes) => bytes === 8 * MiB);
    expect(small.length * 8 * MiB).toBeGreaterThan(7 * GiB);
  });

  it('are never more than 10,000', () => {
    expect(() => partBytes(MAX_PARTS + 1)).toThrow(RangeError);
  });

  it('hold no more memory than 32 MiB, or 1 % of what was sent before', () => {
    let sent = 0;
    for (const [index, bytes] of sizes.entries()) {
      expect(memoryBytes(index + 1)).toBeLessThanOrEqual(Math.max(32 * MiB, sent / 100));
      sent += bytes;
    }
  });

  it('are under way three at once at the most, while the fourth is filled', async () => {
    let underWay = 0;
    let most = 0;
    const sent: number[] = [];
    const store = {
      beginUpload: (key: string) => Promise.resolve({ key, uploadId: 'one' }),
      async uploadPart(_: unknown, number: number, body: Uint8Array) {
        most = Math.max(most, ++underWay);
        await new Promise((resolve) => setImmediate(resolve));
        sent[number - 1] = body.length;
        underWay -= 1;
        return { number, etag: String(number) };
      },
      completeUpload: vi.fn<ObjectStore['completeUpload']>(() => Promise.resolve()),
    };
    async function* source() {
      for (let chunk = 0; chunk < 81; chunk += 1) yield Buffer.alloc(MiB, chunk);
    }
    const beforeComplete = vi.fn(() => {
      expect(underWay).toBe(0);
      return Promise.resolve();
    });
    const stored = await uploadStream(source(), {
      store: store as unknown as ObjectStore,
      key: 'k',
      beforeComplete,
    });
    expect(stored.bytes).toBe(81 * MiB);
    expect(sent).toEqual([...Array.from({ length: 10 }, () => 8 * MiB), MiB]);
    expect(most).toBe(3);
    expect(beforeComplete).toHaveBeenCalledBefore(store.completeUpload);
  });
});

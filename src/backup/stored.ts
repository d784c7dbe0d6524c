import { createHash } from 'node:crypto';
import type { ObjectStore } from '../clients/object-store.ts';
import { decrypt, generateIdentity } from '../vault/index.ts';
import { backupIdOf, GUIDE, SUMS, sumsFile } from './layout.ts';
import type { Manifest, ObjectFacts } from './manifest.ts';
import type { VerifyOptions } from './verify.ts';

/** An age header is some hundred bytes for each recipient. */
const HEADER_AT_MOST_BYTES = 64 * 1024;

/** A stranger's key is refused by a sound header; a damaged one cannot even be read. */
async function headerProblem(head: Buffer): Promise<string | undefined> {
  async function* source(): AsyncGenerator<Uint8Array> {
    yield head;
  }
  try {
    await decrypt(source(), [await generateIdentity()]);
    return undefined;
  } catch (error) {
    const { type, message } = error as { type?: string; message: string };
    return type === 'WrongKey' ? undefined : message;
  }
}

/** Reads a whole object back, in constant memory, and says in words how it differs from what was written. */
export async function checkObject(
  options: Pick<VerifyOptions, 'store' | 'signal' | 'onProgress'>,
  folder: string,
  { name, bytes: expected, sha256 }: ObjectFacts,
): Promise<{ bytes: number; differences: string[] }> {
  const body = await options.store.get(`${folder}/${name}`, options.signal);
  if (!body) return { bytes: 0, differences: [`${name} is missing`] };
  const hash = createHash('sha256');
  let head = Buffer.alloc(0);
  let bytes = 0;
  for await (const part of body) {
    const chunk = part as Buffer;
    if (head.length < HEADER_AT_MOST_BYTES)
      head = Buffer.concat([head, chunk]).subarray(0, HEADER_AT_MOST_BYTES);
    hash.update(chunk);
    bytes += chunk.length;
    options.onProgress(`read ${(bytes / 1e6).toFixed(1)} of ${(expected / 1e6).toFixed(1)} MB of ${name}`);
  }
  const differences: string[] = [];
  if (bytes !== expected)
    differences.push(`${name} has ${String(bytes)} bytes instead of ${String(expected)}`);
  else if (hash.digest('hex') !== sha256)
    differences.push(`${name}: the content is not what was written (sha256 differs)`);
  const header = name.endsWith('.age') ? await headerProblem(head) : undefined;
  if (header) differences.push(`${name}: no readable age header (${header})`);
  return { bytes, differences };
}

async function readText(store: ObjectStore, key: string): Promise<string | undefined> {
  const body = await store.get(key);
  return body && Buffer.concat((await body.toArray()) as Buffer[]).toString('utf8');
}

/** The small files beside the objects: there, and of one mind with the manifest. */
export async function checkSmallFiles(
  store: ObjectStore,
  folder: string,
  manifest: Manifest,
): Promise<string[]> {
  const differences: string[] = [];
  if (manifest.backupId !== backupIdOf(folder))
    differences.push(`manifest.json is the one of ${manifest.backupId}`);
  const sums = await readText(store, `${folder}/${SUMS}`);
  if (sums === undefined) differences.push(`${SUMS} is missing`);
  else if (sums !== sumsFile(manifest)) differences.push(`${SUMS} and manifest.json name different sums`);
  if (!(await readText(store, `${folder}/${GUIDE}`))) differences.push(`${GUIDE} is missing`);
  return differences;
}

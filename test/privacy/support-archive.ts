import { buffer } from 'node:stream/consumers';
import type { ObjectStore } from '../../src/clients/object-store.ts';

export async function identityText(store: ObjectStore, key: string): Promise<string> {
  const stored = await store.get(key);
  return stored ? (await buffer(stored)).toString('utf8') : '';
}

import { open } from 'node:fs/promises';
import type { ObjectStore } from '../clients/object-store.ts';
import { decrypt, generateIdentity, identitiesOf, recipientOf } from '../vault/index.ts';
import { findBackup, listBackups } from './list.ts';
import { DUMP } from './layout.ts';
import type { Manifest } from './manifest.ts';

/** A private key and its public one: only the latter may be printed. */
export interface OperatorKey {
  identity: string;
  recipient: string;
}

/** Makes a key pair and writes it as `age-keygen` does, for its owner alone; an existing file is never written over. */
export async function createKeyFile(file: string): Promise<string> {
  const identity = await generateIdentity();
  const recipient = await recipientOf(identity);
  const created = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(`# created: ${created}\n# public key: ${recipient}\n${identity}\n`);
    await handle.sync();
  } finally {
    await handle.close();
  }
  return recipient;
}

/** Reads the text of an identity file. age's own message for a mistyped key quotes the key: it is never passed on. */
export async function readKeys(text: string): Promise<OperatorKey[]> {
  if (/^(age-encryption\.org\/|-----BEGIN AGE)/.test(text))
    throw new Error('is itself locked with a passphrase: unlock it first (age -d -o key.txt FILE)');
  const lines = identitiesOf(text);
  if (lines.length === 0) throw new Error('holds no private key (a line AGE-SECRET-KEY-1…)');
  const keys: OperatorKey[] = [];
  for (const [index, identity] of lines.entries()) {
    const recipient = await recipientOf(identity).catch(() => {
      throw new Error(
        `holds something that is no age private key (key line ${String(index + 1)}): a whole line AGE-SECRET-KEY-1… is needed`,
      );
    });
    keys.push({ identity, recipient });
  }
  return keys;
}

/** The newest complete backup, proven or not: a key must open whatever is there. */
export async function newestOr(
  store: ObjectStore,
  wanted?: string,
): Promise<{ folder: string; manifest: Manifest }> {
  if (wanted !== undefined) return findBackup(store, wanted);
  const [newest] = await listBackups(store);
  if (!newest)
    throw new Error(
      `there is no backup under ${store.url('')} yet: talos run backup-database --wait, then check again`,
    );
  return findBackup(store, newest.backupId);
}

/** Decrypts the header and the first chunk (64 KiB, authenticated), then lets go of the object. */
async function readFirstChunk(store: ObjectStore, key: string, identity: string): Promise<void> {
  const sealed = await store.get(key);
  if (!sealed) throw new Error(`${store.url(key)} is not in the bucket`);
  try {
    for await (const chunk of await decrypt(sealed, [identity])) if (chunk.length > 0) return;
    throw new Error(`${store.url(key)} is empty`);
  } finally {
    sealed.destroy();
  }
}

/** Finds the key that opens a backup; otherwise says whether the keys are the wrong ones or the object is damaged. */
export async function findFittingKey(
  store: ObjectStore,
  folder: string,
  manifest: Manifest,
  keys: readonly OperatorKey[],
): Promise<{ key: OperatorKey } | { problem: string }> {
  const damaged = (why: string) => ({
    problem: `${store.url(folder)}/${DUMP} is damaged (${why}): talos backup verify ${manifest.backupId}`,
  });
  for (const key of keys) {
    try {
      await readFirstChunk(store, `${folder}/${DUMP}`, key.identity);
      return { key };
    } catch (error) {
      const { type, message } = error as { type?: string; message: string };
      // Trouble on the way to the bucket says nothing of key or object.
      if (type?.startsWith('ObjectStore')) throw error;
      if (type !== 'WrongKey') return damaged(message);
      if (manifest.recipients.includes(key.recipient))
        return damaged(`its header refuses ${key.recipient}, for which it was written`);
    }
  }
  const tried = keys.map(({ recipient }) => recipient).join(', ');
  return {
    problem: `the key does not fit: ${manifest.backupId} is for\n  ${manifest.recipients.join(', ')},\n  and the file holds the key of\n  ${tried}`,
  };
}

export interface KeyCheck {
  backupId: string;
  takenAt: string;
  database: string;
  location: string;
  opens: boolean;
  /** Public key of the one that opened it. */
  recipient?: string;
  problem?: string;
}

/** Proves that one of the operator's keys opens a real backup, without reading the whole of it. */
export async function checkKey(
  store: ObjectStore,
  keys: readonly OperatorKey[],
  wanted?: string,
): Promise<KeyCheck> {
  const { folder, manifest } = await newestOr(store, wanted);
  const found = await findFittingKey(store, folder, manifest, keys);
  const { backupId, takenAt, source } = manifest;
  const backup = { backupId, takenAt, database: source.database, location: store.url(folder) };
  return 'key' in found
    ? { ...backup, opens: true, recipient: found.key.recipient }
    : { ...backup, opens: false, problem: found.problem };
}

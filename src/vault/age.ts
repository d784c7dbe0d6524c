import { Readable } from 'node:stream';
import { Decrypter, Encrypter, generateX25519Identity, identityToRecipient } from 'age-encryption';
import { ApplicationFailure } from '@temporalio/common';

/** A key pair that lives only in memory: its recipient may be stored, its identity must not leave the process. */
export interface EphemeralKey {
  identity: string;
  recipient: string;
}

export async function createEphemeralKey(): Promise<EphemeralKey> {
  const identity = await generateX25519Identity();
  return { identity, recipient: await identityToRecipient(identity) };
}

/** Encrypts a stream for all recipients in the age v1 format (`age -d -i key.txt` opens it). */
export async function encrypt(source: Readable, recipients: readonly string[]): Promise<Readable> {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  const plain = Readable.toWeb(source) as unknown as ReadableStream<Uint8Array>;
  return Readable.fromWeb(await encrypter.encrypt(plain));
}

/** Decrypts a stream; rejects with type `WrongKey` when no identity fits. A cut or changed stream errors while it is read. */
export async function decrypt(source: Readable, identities: readonly string[]): Promise<Readable> {
  const decrypter = new Decrypter();
  for (const identity of identities) decrypter.addIdentity(identity);
  const sealed = Readable.toWeb(source) as unknown as ReadableStream<Uint8Array>;
  try {
    return Readable.fromWeb(await decrypter.decrypt(sealed));
  } catch (error) {
    throw ApplicationFailure.nonRetryable(
      `Cannot decrypt: ${error instanceof Error ? error.message : 'unknown error'}. Is it the key of one of the recipients?`,
      'WrongKey',
    );
  }
}

/** Reads the secret keys of an age identity file (comments and empty lines left out). */
export const identitiesOf = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));

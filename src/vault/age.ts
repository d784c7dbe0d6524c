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

type Bytes = AsyncIterable<Uint8Array>;

/** `ReadableStream.from` rather than `Readable.toWeb`: that one throws outside any promise when its source breaks late. */
const asWebStream = (source: Bytes): ReadableStream<Uint8Array> =>
  (ReadableStream as unknown as { from(source: Bytes): ReadableStream<Uint8Array> }).from(source);

/** Encrypts a stream for all recipients in the age v1 format (`age -d -i key.txt` opens it). */
export async function encrypt(source: Bytes, recipients: readonly string[]): Promise<Bytes> {
  const encrypter = new Encrypter();
  for (const recipient of recipients) encrypter.addRecipient(recipient);
  return await encrypter.encrypt(asWebStream(source));
}

/** The library's own message quotes the whole private key. */
function addIdentity(decrypter: Decrypter, identity: string): void {
  try {
    decrypter.addIdentity(identity);
  } catch {
    throw ApplicationFailure.nonRetryable('A private key cannot be read: is it cut or mistyped?', 'WrongKey');
  }
}

/** Decrypts a stream; rejects with type `WrongKey` when no identity fits. A cut or changed stream errors while it is read. */
export async function decrypt(source: Bytes, identities: readonly string[]): Promise<Bytes> {
  const decrypter = new Decrypter();
  for (const identity of identities) addIdentity(decrypter, identity);
  try {
    return await decrypter.decrypt(asWebStream(source));
  } catch (error) {
    const message = error instanceof Error ? error.message : 'unknown error';
    // A header that cannot be read says that the object is damaged, not that the key is wrong.
    if (!/identity/.test(message))
      throw ApplicationFailure.retryable(`Cannot decrypt: ${message}`, 'ObjectDamaged');
    throw ApplicationFailure.nonRetryable(
      `Cannot decrypt: ${message}. Is it the key of one of the recipients?`,
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

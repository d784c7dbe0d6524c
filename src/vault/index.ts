/** Sealed objects: zstd + age + multipart upload + read back. Used by backup, clean-up and lifecycle. */
export {
  generateX25519Identity as generateIdentity,
  identityToRecipient as recipientOf,
} from 'age-encryption';
export { createEphemeralKey, decrypt, identitiesOf, type EphemeralKey } from './age.ts';
export { copyObject } from './copy.ts';
export { openSealed, readSealed, type OpenedObject, type OpenOptions } from './open.ts';
export { seal, type Producer, type Sealed, type SealOptions } from './seal.ts';

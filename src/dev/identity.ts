import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';

/** The recipient of the development identity, which is made on the first start and kept as `age-keygen` writes it. */
export async function keepAgeIdentity(file: string, now: Date): Promise<string> {
  if (!existsSync(file)) {
    const identity = await generateX25519Identity();
    const recipient = await identityToRecipient(identity);
    const text = `# created: ${now.toISOString()}\n# public key: ${recipient}\n# for development only\n${identity}\n`;
    writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
  }
  const identity = readFileSync(file, 'utf8').match(/^AGE-SECRET-KEY-1\S+$/m)?.[0];
  if (identity === undefined)
    throw new Error(`${file} holds no age identity: remove it, and a new one is made`);
  return identityToRecipient(identity);
}

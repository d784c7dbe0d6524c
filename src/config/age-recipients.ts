import { z } from 'zod';

const MEND =
  'Give public keys that begin with age1, separated by commas (age-keygen prints one as "Public key").';

/** Public keys only. The library is loaded when there is something to check: it costs 0.1 s at start. */
export const ageRecipients = z.string().transform(async (text, context): Promise<string[]> => {
  const refuse = (message: string, mend = MEND): never => {
    context.addIssue({ code: 'custom', message, params: { mend } });
    return z.NEVER;
  };
  if (/AGE-SECRET-KEY-/i.test(text)) {
    return refuse(
      'holds a private key, which must never be on this machine',
      'Give the public key (age1…) instead, remove the private key from here and keep it offline; if others can read this machine, make a new pair.',
    );
  }
  const recipients = text.split(/[\s,]+/).filter((part) => part !== '');
  if (recipients.length === 0) return refuse('holds no public key');
  const { Encrypter } = await import('age-encryption');
  for (const [index, recipient] of recipients.entries()) {
    const position = `number ${index + 1} of ${recipients.length}`;
    if (recipient.startsWith('age1tag')) {
      return refuse(
        `holds a key of a hardware token (${position})`,
        'Use an X25519 (age1…) or hybrid (age1pq1…) key.',
      );
    }
    try {
      new Encrypter().addRecipient(recipient);
    } catch {
      return refuse(`holds something that is not an age public key (${position})`);
    }
  }
  return recipients;
});

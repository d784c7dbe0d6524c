import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** One line of a known_hosts file that is about the host in question. */
interface KnownKey {
  type: string;
  /** The key as it goes over the wire. */
  blob: Buffer;
  revoked: boolean;
}

/** What a known_hosts file says of one host. */
export interface KnownHost {
  /** `ssh-ed25519`, `ecdsa-sha2-nistp256`, `ssh-rsa`, …: asked for first, so that a known key is the one compared. */
  types: string[];
  judge(blob: Buffer): 'known' | 'changed' | 'unknown' | 'revoked';
}

/** `SHA256:…`, as ssh and ssh-keygen -l write it. */
export const fingerprint = (blob: Buffer): string =>
  `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;

/** OpenSSH's wildcards: `*` and `?`. */
const matchesWildcard = (pattern: string, name: string): boolean =>
  new RegExp(
    `^${pattern
      .replace(/[^*?]/g, (char) => `\\u{${(char.codePointAt(0) ?? 0).toString(16)}}`)
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    'u',
  ).test(name);

/** Hashed names look like `|1|salt|HMAC-SHA1 of the name|`. */
function matchesHash(pattern: string, name: string): boolean {
  const [, version, salt, hash] = pattern.split('|');
  if (version !== '1' || salt === undefined || hash === undefined) return false;
  const expected = Buffer.from(hash, 'base64');
  const actual = createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest();
  return expected.length === actual.length && timingSafeEqual(expected, actual);
}

function matches(patterns: string, name: string): boolean {
  if (patterns.startsWith('|')) return matchesHash(patterns, name);
  let found = false;
  for (const pattern of patterns.toLowerCase().split(',')) {
    if (pattern.startsWith('!') && matchesWildcard(pattern.slice(1), name)) return false;
    found ||= matchesWildcard(pattern, name);
  }
  return found;
}

function* linesAbout(text: string, name: string): Generator<KnownKey> {
  for (const line of text.split(/\r?\n/)) {
    const words = line.trim().split(/\s+/);
    const marker = words[0]?.startsWith('@') ? words.shift() : undefined;
    const [patterns, type, key] = words;
    if (patterns === undefined || type === undefined || key === undefined || patterns.startsWith('#'))
      continue;
    // Certificates of hosts are not supported: such a line says nothing of the key itself.
    if (marker === '@cert-authority' || !matches(patterns, name)) continue;
    yield { type, blob: Buffer.from(key, 'base64'), revoked: marker === '@revoked' };
  }
}

/** Reads what the file says of a host, as OpenSSH does: `[host]:port` unless the port is 22. */
export function knownHost(text: string, host: string, port: number): KnownHost {
  const name = host.toLowerCase();
  const bracketed = `[${name}]:${String(port)}`;
  const keys = [...(port === 22 ? linesAbout(text, name) : []), ...linesAbout(text, bracketed)];
  // OpenSSH also accepts the key of the plain name at another port; there it is no reason to call a key changed.
  const elsewhere = port === 22 ? [] : [...linesAbout(text, name)];
  const all = [...keys, ...elsewhere];
  return {
    types: [...new Set(all.filter(({ revoked }) => !revoked).map(({ type }) => type))],
    judge(blob) {
      const same = all.filter((key) => key.blob.equals(blob));
      if (same.some(({ revoked }) => revoked)) return 'revoked';
      if (same.length > 0) return 'known';
      return keys.some(({ revoked }) => !revoked) ? 'changed' : 'unknown';
    },
  };
}

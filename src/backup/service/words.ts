/** Most names in one warning; a mail that lists thousands is not read. */
const NAMED = 5;

/** `a, b and 3 more`. */
export function someOf(names: readonly string[]): string {
  const shown = names.slice(0, NAMED).join(', ');
  return names.length > NAMED ? `${shown} and ${String(names.length - NAMED)} more` : shown;
}

/**
 * Names of files are bytes. Between the host and the archive they are kept as latin1, a character a byte; this makes
 * text of them, with an escape for each byte that is none.
 */
export function textOf(bytes: string): { text: string; exact: boolean } {
  const raw = Buffer.from(bytes, 'latin1');
  const text = raw.toString('utf8');
  if (Buffer.from(text).equals(raw)) return { text, exact: true };
  return {
    text: bytes.replace(/[\x80-\xff]/g, (byte) => `\\x${byte.charCodeAt(0).toString(16)}`),
    exact: false,
  };
}

/** For a warning: on one line. */
export const shown = (bytes: string): string => textOf(bytes).text.replaceAll('\n', '\\n');

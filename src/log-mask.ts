/** What must never stand in a log line, whoever wrote it: a message of a driver may quote a row, a URL or a header. */

const HIDDEN = '…';

/** In this order: a URL's credentials look like an address too. */
const PATTERNS: readonly [RegExp, string][] = [
  [/:\/\/[^\s/@"\\]*@/g, `://${HIDDEN}@`],
  [/AGE-SECRET-KEY-[0-9A-Z-]+/gi, HIDDEN],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[^]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, HIDDEN],
  [/\bBearer [^\s"\\]+/gi, `Bearer ${HIDDEN}`],
  // JSON Web Tokens: Supabase's keys are some.
  [/\beyJ[\w-]+\.[\w-]+\.[\w-]+/g, HIDDEN],
  [/[\p{L}\w.%+-]+@[\p{L}\w-]+(?:\.[\p{L}\w-]+)+/gu, HIDDEN],
  // International numbers, and French ones as people write them.
  [/\+\d(?:[ .-]?\d){8,14}\b/g, HIDDEN],
  [/\b0[1-9](?:[ .-]?\d{2}){4}\b/g, HIDDEN],
];

/** Hides the given values and what looks like a credential, an address or a telephone number in a line of JSON. */
export function createMask(secrets: readonly string[]): (line: string) => string {
  const values = [
    ...new Set(secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)])),
  ].sort((a, b) => b.length - a.length);
  return (line) => {
    const known = values.reduce((text, value) => text.replaceAll(value, HIDDEN), line);
    return PATTERNS.reduce((text, [pattern, instead]) => text.replace(pattern, instead), known);
  };
}

/** Data exceptions and what functions of the application raise: their messages quote values of rows. */
const QUOTES_VALUES = /^(?:22|P0)/;

/** An error on one line: PostgreSQL's by code and place where its message may quote a row. */
export function errorText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { code, table } = error as { code?: unknown; table?: unknown };
  if (typeof code === 'string' && 'severity' in error && QUOTES_VALUES.test(code))
    return `PostgreSQL ${code}${typeof table === 'string' ? ` at table ${table}` : ''}`;
  return `${error.name}: ${error.message}`;
}

/** What log lines have in common: the same sentence with other numbers, names and addresses in it. */
import type { Postgres } from '../../clients/postgres.ts';

/** In this order: what is longer and more certain first. PostgreSQL's regular expressions. */
const VARIABLE: readonly (readonly [pattern: string, replacement: string])[] = [
  ['[[:alnum:]._%+-]+@[[:alnum:].-]+', '<email>'],
  ['[[:xdigit:]]{8}-[[:xdigit:]]{4}-[[:xdigit:]]{4}-[[:xdigit:]]{4}-[[:xdigit:]]{12}', '<uuid>'],
  [String.raw`\?[^[:space:]"]+`, '?…'],
  [String.raw`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)?`, '<time>'],
  [String.raw`\d{1,3}(\.\d{1,3}){3}`, '<ip>'],
  [`"[^"]*"|'[^']*'|«[^»]*»`, '<…>'],
  [String.raw`\m(?=[[:xdigit:]]*\d)[[:xdigit:]]{8,}\M`, '<hex>'],
  [String.raw`\d+`, '#'],
  [String.raw`[[:space:]]+`, ' '],
];

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A normalised message as an SQL expression: 160 characters at the most. */
export const normalised = (message: string): string =>
  `left(btrim(${VARIABLE.reduce(
    (sql, [pattern, replacement]) =>
      `regexp_replace(${sql}, ${literal(pattern)}, ${literal(replacement)}, 'g')`,
    `left((${message})::text, 500)`,
  )}), 160)`;

/** Even normalised a message may name a person: it stays in the database, and histories hold its MD5. */
export async function keepMessages(
  ops: Postgres,
  messages: readonly { hash: string; message: string }[],
  at: Date,
): Promise<void> {
  if (messages.length === 0) return;
  await ops.query(
    `insert into ops.log_messages (hash, message, seen_at)
     select hash, message, $2 from jsonb_to_recordset($1) as given (hash text, message text)
     on conflict (hash) do update set seen_at = excluded.seen_at`,
    [JSON.stringify(messages), at],
  );
}

/** The texts of messages that were kept. */
export async function readMessages(
  ops: Pick<Postgres, 'query'>,
  hashes: readonly string[],
): Promise<Map<string, string>> {
  const rows = await ops.query<{ hash: string; message: string }>(
    'select hash, message from ops.log_messages where hash = any ($1::text[])',
    [hashes],
  );
  return new Map(rows.map(({ hash, message }) => [hash, message]));
}

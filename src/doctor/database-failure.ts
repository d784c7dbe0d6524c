import { failed, type Answer } from './finding.ts';

const codeOf = (error: unknown): string => (error as { code?: string } | undefined)?.code ?? '';

/** Why nobody could log in, by the code of the network or of PostgreSQL; the server's own text may hold names. */
const CAUSES: readonly [RegExp, string, (setting: string) => string][] = [
  [
    /^ECONNREFUSED$/,
    'nothing listens there',
    (setting) => `Start PostgreSQL, or correct host and port in ${setting}.`,
  ],
  [/^(ENOTFOUND|EAI_AGAIN)$/, 'the host name is not known', (setting) => `Correct the host in ${setting}.`],
  [
    /^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/,
    'the host cannot be reached',
    (setting) => `Open the firewall for this machine, or correct ${setting}.`,
  ],
  [
    /^28P01$/,
    'the password is wrong',
    (setting) => `Set it again: \\password in psql, and the same (percent-encoded) in ${setting}.`,
  ],
  [
    /^28000$/,
    'the server refuses this user from here',
    (setting) => `Add a line for it to pg_hba.conf, give the role LOGIN, or correct the user in ${setting}.`,
  ],
  [
    /^3D000$/,
    'there is no such database',
    (setting) => `Create it, or correct the name at the end of ${setting}.`,
  ],
  [/^53300$/, 'all its connections are taken', () => 'Raise max_connections, or end sessions that idle.'],
  [/^57P03$/, 'it is starting or stopping', () => 'Run it again in a minute.'],
  [
    /CERT|SELF_SIGNED|SSL/,
    'its certificate is not trusted',
    (setting) => `Put the server's CA into NODE_EXTRA_CA_CERTS, or correct sslmode in ${setting}.`,
  ],
];

export function connectionFailure(setting: string, error: unknown): Answer {
  const code = codeOf(error);
  const [, cause, mend] = CAUSES.find(([pattern]) => pattern.test(code)) ?? [];
  if (cause !== undefined && mend !== undefined)
    return failed(`${setting}: cannot connect: ${cause} (${code})`, mend(setting));
  const message = error instanceof Error ? error.message : String(error);
  const timeout = /timeout/i.test(message);
  return failed(
    `${setting}: cannot connect: ${timeout ? 'no answer in time' : code || message}`,
    timeout ? `Open the firewall for this machine, or correct ${setting}.` : `Correct ${setting}.`,
  );
}

/** Both databases: reachable, with the right roles, our schemas and the contract up to date, clocks that agree. */
import { createPostgres, type Postgres } from '../clients/postgres.ts';
import { checkContract, pendingMigrations, type ContractMistake } from '../database/index.ts';
import { connectionFailure } from './database-failure.ts';
import { failed, fine, warning, type Answer, type Check } from './finding.ts';

const APPLY = 'Run `talos database apply`.';
/** Deadlines are written by one clock and read by another. */
const SKEW_SECONDS = 5;
const CONNECT_MS = 8_000;

interface Facts {
  version: string;
  role: string;
  superuser: boolean;
  /** The server's clock minus ours, in ms: between the two bounds that the round trip leaves. */
  ahead: number;
  server: string | null;
}

async function readFacts(db: Postgres): Promise<Facts> {
  const before = Date.now();
  const [row] = await db.query<Omit<Facts, 'ahead'> & { now: Date }>(
    `select current_setting('server_version') as version, current_user as role, clock_timestamp() as now,
            (select rolsuper from pg_roles where rolname = current_user) as superuser,
            host(inet_server_addr()) || ':' || inet_server_port() as server`,
  );
  if (!row) throw new Error('the server does not describe itself');
  const after = Date.now();
  const at = row.now.getTime();
  // Within the round trip the two cannot be told apart.
  const ahead = at < before ? at - before : at > after ? at - after : 0;
  return { ...row, ahead };
}

function skew({ ahead }: Facts): Answer[] {
  const seconds = Math.round(Math.abs(ahead) / 1_000);
  if (seconds <= SKEW_SECONDS) return [];
  return [
    failed(
      `its clock is ${String(seconds)} s ${ahead > 0 ? 'ahead of' : 'behind'} this machine's`,
      'Set both by NTP (`timedatectl set-ntp true`).',
    ),
  ];
}

/** Connects, looks, and closes; what cannot be connected to is one finding. */
async function looking(
  setting: string,
  url: string,
  look: (db: Postgres, facts: Facts) => Promise<Answer[]>,
): Promise<Answer[]> {
  const db = createPostgres({ url, applicationName: 'talos-doctor', max: 1, connectTimeoutMs: CONNECT_MS });
  try {
    let facts: Facts;
    try {
      facts = await readFacts(db);
    } catch (error) {
      return [connectionFailure(setting, error)];
    }
    const { version, role } = facts;
    return [fine(`PostgreSQL ${version}, as ${role}`), ...skew(facts), ...(await look(db, facts))];
  } finally {
    await db.close();
  }
}

const leastPrivilege = (setting: string, { role, superuser }: Facts): Answer[] =>
  superuser
    ? [
        warning(
          `${setting} logs in as ${role}, a superuser: a mistake of ours could reach everything`,
          `Give talos_app a password (\`\\password talos_app\`) and put it into ${setting}.`,
        ),
      ]
    : [];

async function migrations(db: Postgres, folder: 'app' | 'ops'): Promise<Answer[]> {
  const pending = await pendingMigrations(db, folder);
  if (pending === undefined)
    return [failed(`schema ${folder === 'app' ? 'maintenance' : 'ops'} is not there`, APPLY)];
  if (pending.length === 0) return [];
  const count =
    pending.length === 1 ? 'one of our migrations has' : `${String(pending.length)} of our migrations have`;
  return [failed(`${count} not run: ${pending.join(', ')}`, APPLY)];
}

const ofContract = ({ problem, message }: ContractMistake): Answer =>
  problem === 'optional'
    ? warning(message, 'Leave it, or complete the adapter (docs/adapter.md).')
    : failed(message, 'Mend the adapter (docs/adapter.md), and run `talos database apply`.');

export const databaseChecks = (databaseUrl: string, opsDatabaseUrl: string): Check[] => [
  {
    area: 'application database',
    run: () =>
      looking('DATABASE_URL', databaseUrl, async (db, facts) => {
        const schema = await migrations(db, 'app');
        if (schema.some(({ message }) => message.startsWith('schema'))) return schema;
        const contract = (await checkContract(db)).map(ofContract);
        return [
          ...leastPrivilege('DATABASE_URL', facts),
          ...schema,
          ...(contract.length === 0 ? [fine('schema saas keeps the contract')] : contract),
        ];
      }),
  },
  {
    area: 'operations database',
    run: () =>
      looking('OPS_DATABASE_URL', opsDatabaseUrl, async (db, facts) => [
        ...leastPrivilege('OPS_DATABASE_URL', facts),
        ...(await migrations(db, 'ops')),
        ...sameServer(databaseUrl, opsDatabaseUrl),
      ]),
  },
];

const serverOf = (url: string): string => {
  const { hostname, port } = new URL(url);
  return `${hostname}:${port || '5432'}`;
};

/** An alert about a database cannot leave through it. */
const sameServer = (databaseUrl: string, opsDatabaseUrl: string): Answer[] =>
  serverOf(databaseUrl) === serverOf(opsDatabaseUrl)
    ? [
        warning(
          'it stands on the server that is watched: when that one is down, alerts have no ledger',
          'Put it on another machine (OPS_DATABASE_URL).',
        ),
      ]
    : [];

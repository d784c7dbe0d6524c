import { RESTORE_LIST } from './layout.ts';
import { dumpFacts, totalRows, type Manifest, type PartFacts, type SourceDescription } from './manifest.ts';
import { hasProjectList } from './supabase.ts';

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
/** For the shell, whatever the name holds. */
const inShell = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
const sh = (...lines: string[]): string => ['```sh', ...lines, '```'].join('\n');

const major = ({ serverVersion }: SourceDescription): string => String(Number.parseInt(serverVersion, 10));

/** Roles without login: enough for owners, grants and policies. */
const createRoles = (roles: readonly string[]): string =>
  sh(
    "psql -d postgres <<'SQL'",
    ...roles.map(
      (role) =>
        `select 'create role ${quoted(role).replaceAll("'", "''")} nologin' where to_regrole('${quoted(role).replaceAll("'", "''")}') is null \\gexec`,
    ),
    'SQL',
  );

const restore = (object: string, database: string): string =>
  `age -d -i "$KEY" ${object} | zstd -d | pg_restore -d ${database}`;

const fetch = (folderUrl: string, endpoint: string | undefined): string => `With \`aws\`:
${sh(`aws s3 cp --recursive${endpoint ? ` --endpoint-url ${inShell(endpoint)}` : ''} "$FOLDER/" .`)}
Or with \`rclone\`:
${sh(
  endpoint
    ? `rclone copy ":s3,provider=Other,env_auth,endpoint='${endpoint}':\${FOLDER#s3://}/" .`
    : `rclone copy ":s3,provider=AWS,env_auth,region=$AWS_REGION:\${FOLDER#s3://}/" .`,
)}
Other means will do: these are plain objects below \`${folderUrl}/\`.`;

const globalsStep = (object: string): string => `
**Only on a new server of your own**, and only once: roles with their attributes, memberships, settings and (where the
source shows them) passwords. It changes the roles that exist there, the one you are connected as too. Errors
\`already exists\` are expected.
${sh(`age -d -i "$KEY" ${object} | zstd -d | psql -d postgres -v database="$NEW"`)}`;

const partStep = ({ part, object, database }: PartFacts): string =>
  database && object
    ? `
### ${part}
Database **${database.source.database}** of PostgreSQL ${database.source.serverVersion}: ${String(database.tables.length)} tables, ${String(totalRows(database))} rows. Proof: **${database.proof.result}**.
${sh(`createdb -T template0 -E ${database.source.encoding} "\${NEW}_${part}"`)}
${createRoles(database.source.roles)}
${sh(restore(object, `"\${NEW}_${part}"`))}
`
    : '';

const filesStep = (object: string, step: number): string => `
## ${String(step)}. Files of the service
As root, to get the owners back. They hold secrets. \`files/README.txt\` says where each belongs.
${sh('mkdir -m 700 files', `age -d -i "$KEY" ${object} | zstd -d | tar -xpf - --numeric-owner -C files`)}
`;

/**
 * Into a new project of the platform: it has the schemas of accounts and files already, and refuses some others. One
 * transaction, since half a project cannot be emptied again; no trigger of the platform may answer to rows that it has
 * answered to once; and the platform allows `set` of that, but not as an option of the connection.
 */
const projectStep = (object: string): string => `
### Instead: into a new Supabase project
A new project has accounts, files and extensions of its own making: \`${RESTORE_LIST}\` leaves those out, and puts the rows
of \`auth\` and \`storage\` into them. In step 1 say where with the project's session pooler or direct connection (port 5432)
as \`PGHOST\`, \`PGPORT\`, \`PGUSER\`, and \`NEW=postgres\`; of step 3 run only the block that begins with \`psql\`. Instead of the
line above:
${sh(
  'part() {',
  `  age -d -i "$KEY" ${object} | zstd -d |`,
  `    pg_restore --no-owner --use-list=${RESTORE_LIST} --section="$1" -f -`,
  '}',
  "{ echo 'begin;' && part pre-data &&",
  "  echo 'set session_replication_role = replica;' && part data &&",
  "  echo 'set session_replication_role = origin;' && part post-data &&",
  `  printf '%s\\n' 'commit;' "notify pgrst, 'reload schema';" '\\echo restored'`,
  '} | psql -d "$NEW" -q -o /dev/null -v ON_ERROR_STOP=1',
)}
It prints \`restored\`, or nothing was changed: then take the line of what the error names out of \`${RESTORE_LIST}\`, and begin
anew. Not in it: secrets of \`vault\` (they open only with the old project's key), jobs of \`cron\`, passwords of logins, the
project's settings, and the files themselves. Such tables of the platform show in the count below.

### Then
`;

/** The page that lets anyone restore without our program. `folderUrl` is `s3://…` of the backup's folder. Pure. */
export function restoreGuide(manifest: Manifest, folderUrl: string, endpoint: string | undefined): string {
  const { source, proof, parts = [], tools } = manifest;
  const dump = dumpFacts(manifest);
  const objectOf = (part: string): string | undefined => parts.find((one) => one.part === part)?.object;
  const [globals, files] = [objectOf('globals'), objectOf('files')];
  const databases = parts.map(partStep).filter(Boolean);
  const failed = parts.filter(({ object }) => !object).map(({ part }) => part);
  const notes = [
    ...(proof.reason ? [proof.reason] : []),
    ...(proof.exceptions ?? []),
    ...proof.differences,
    ...(failed.length > 0 ? [`not in this backup, they could not be taken: ${failed.join(', ')}`] : []),
  ].map((note) => `- ${note}\n`);
  return `# Restore this backup

Database **${source.database}** of PostgreSQL ${source.serverVersion}, snapshot of ${manifest.takenAt}.
${String(manifest.tables.length)} tables, ${String(totalRows(manifest))} rows. Proof: **${proof.result}**.
${notes.join('')}
You need: the age private key of one of these recipients, \`age\`, \`zstd\`, and PostgreSQL's programs, ${major(source)} or newer
(the dump was made by pg_dump ${tools.pgDump}): ${manifest.recipients.map((recipient) => `\`${recipient}\``).join(', ')}.
No other program. The dump is ${String(dump.bytes)} bytes, unpacked ${String(dump.rawBytes ?? 0)}; nothing unpacked is written to disk.

Run the blocks in order, in one \`sh\`. **Stop at the first error.**

## 1. Say where from, with which key, into which server
The bucket's credentials stand in \`AWS_ACCESS_KEY_ID\`, \`AWS_SECRET_ACCESS_KEY\` and \`AWS_REGION\`; a password of the server in
\`PGPASSWORD\`. Set what differs from the defaults below first. In a copy of this folder, \`FOLDER\` is where the copy lies.
${sh(
  `export FOLDER="\${FOLDER:-${folderUrl}}"`,
  'export KEY="${KEY:-$HOME/key.txt}" NEW="${NEW:-restored}"',
  'export PGHOST="${PGHOST:-localhost}" PGPORT="${PGPORT:-5432}" PGUSER="${PGUSER:-postgres}"',
)}

## 2. Fetch and check
${sh('mkdir -m 700 backup && cd backup')}
${fetch(folderUrl, endpoint)}
${sh('sha256sum -c SHA256SUMS')}

## 3. A new, empty database and the roles
${sh(`createdb -T template0 -E ${source.encoding} "$NEW"`)}
The roles that the dump names; those that are missing are created without login.
${createRoles(source.roles)}
${globals ? globalsStep(globals) : 'Logins and passwords are not in this backup: set them by hand.'}

## 4. Restore, and count
${sh(restore(dump.name, '"$NEW"'))}
${hasProjectList(manifest) ? projectStep(dump.name) : ''}\`pg_restore\` goes on after an error: any line \`error:\` means that something is missing. Then count; each line that the last
command prints is a table with another number of rows than it should have. Nothing printed: all are equal.
${sh(
  `psql -d "$NEW" -Atq > counted.txt <<'SQL'`,
  `select format('select %L, count(*) from only %I.%I', schemaname || '.' || tablename, schemaname, tablename)`,
  `from pg_tables where schemaname !~ '^pg_' and schemaname <> 'information_schema' \\gexec`,
  'SQL',
  `sed -n '/^\`\`\`rows$/,/^\`\`\`$/p' RESTORE.md | sed '/^\`\`\`/d' | grep -Fvxf counted.txt`,
)}
${databases.length > 0 ? `\n## 5. The databases beside it\nOnly those that were lost.\n${databases.join('')}` : ''}${files ? filesStep(files, databases.length > 0 ? 6 : 5) : ''}
## Rows of each table
\`\`\`rows
${manifest.tables.map(({ schema, name, rows }) => `${schema}.${name}|${String(rows)}`).join('\n')}
\`\`\`
`;
}

import { mkdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { libpqEnvironment } from '../dist/backup/dump.js';
import { startStack } from '../dist/dev/stack.js';
import { resolveTools } from '../dist/tools/index.js';
import { makeDatabase } from './backup/data.mjs';
import { cpuClock } from './support/cpu.mjs';
import { figure, interleave } from './support/figures.mjs';
import { onPath, runPipe, runProgram } from './support/programs.mjs';

const TOOLS = ['pg_dump', 'pg_restore', 'initdb', 'postgres', 'pg_amcheck', 'zstd', 'rclone'];
const BUCKET = 'talos-backups';
const LEVEL = 3;
const ROUNDS = 3;
const OURS = fileURLToPath(new URL('./backup/ours.mjs', import.meta.url));
const FULL = { scale: 45, textMb: 420 };
const QUICK = { scale: 4, textMb: 40 };

/** The raw tools' settings; nothing secret among arguments. */
const pipeEnvironment = ({ url, tools, age, s3, recipient, file }) => ({
  ...libpqEnvironment(url, 'talos-bench'),
  PATH: process.env.PATH,
  HOME: process.env.HOME,
  PG_DUMP: tools.pg_dump,
  ZSTD: tools.zstd,
  AGE: age,
  RCLONE: tools.rclone,
  RECIPIENT: recipient,
  FILE: file,
  RCLONE_CONFIG: '/dev/null',
  RCLONE_CONFIG_S3_TYPE: 's3',
  RCLONE_CONFIG_S3_PROVIDER: 'Rclone',
  RCLONE_CONFIG_S3_ENDPOINT: s3.endpoint,
  RCLONE_CONFIG_S3_ACCESS_KEY_ID: s3.accessKeyId,
  RCLONE_CONFIG_S3_SECRET_ACCESS_KEY: s3.secretAccessKey,
  TARGET: `s3:${BUCKET}/raw/object`,
});

/** Every step leaves nothing behind; clearing up is not in its time. */
function stepsOf({ stack, url, tools, age, signal }) {
  const { s3 } = stack.services;
  const recipient = stack.env.BACKUP_AGE_RECIPIENTS;
  const work = path.join(stack.stateDir, 'work');
  const bucket = path.join(stack.stateDir, 's3', BUCKET);
  const file = path.join(work, 'plain.dump');
  mkdirSync(work, { recursive: true });
  const env = pipeEnvironment({ url, tools, age, s3, recipient, file });

  const pipe = (text, written) => async () => {
    try {
      const { seconds } = await runPipe(text, { env, signal });
      return { seconds, bytes: statSync(written).size };
    } finally {
      rmSync(written, { force: true });
    }
  };
  const ours = (mode) => async () => {
    const task = {
      mode,
      databaseUrl: url,
      s3: { ...s3, name: BUCKET, prefix: 'ours', region: 'us-east-1' },
      folder: 'daily/2026-01-01T000000Z-00000000-00000000',
      recipients: [recipient],
      level: LEVEL,
      tools,
      workDir: work,
    };
    try {
      const options = { env: process.env, input: JSON.stringify(task), signal, gently: true };
      return JSON.parse((await runProgram(process.execPath, [OURS], options)).stdout);
    } finally {
      rmSync(path.join(bucket, 'ours'), { recursive: true, force: true });
    }
  };
  const object = path.join(bucket, 'raw', 'object');
  return {
    raw: pipe(
      `"$PG_DUMP" -Fc -Z0 | "$ZSTD" -${LEVEL} -q -c | "$AGE" -r "$RECIPIENT" | "$RCLONE" rcat "$TARGET"`,
      object,
    ),
    stored: ours('stored'),
    gzip: pipe(`"$PG_DUMP" -Fc | "$AGE" -r "$RECIPIENT" | "$RCLONE" rcat "$TARGET"`, object),
    sealed: ours('sealed'),
    plain: pipe(`"$PG_DUMP" -Fc -f "$FILE"`, file),
    proven: ours('proven'),
  };
}

function figuresOf({ raw, gzip, plain, sealed, stored, proven }) {
  const seconds = (runs) => runs.map((run) => run.seconds);
  const ratio = (ours, theirs, of = (run) => run.seconds) => ours.map((run, i) => of(run) / of(theirs[i]));
  const apart = stored.map((run, i) => run.seconds - sealed[i].seconds);
  const bytes = (run) => run.bytes;
  const cpu = (run) => run.cpu;
  const cpuFigures = [
    figure('CPU: stored / raw pipe', 'ratio', ratio(stored, raw, cpu)),
    figure('CPU: stored without the manifest / raw pipe', 'ratio', ratio(sealed, raw, cpu)),
    figure('CPU: stored / pg_dump -Fc | age | rclone', 'ratio', ratio(stored, gzip, cpu)),
    figure('CPU: proven cycle / pg_dump -Fc', 'ratio', ratio(proven, plain, cpu)),
    figure('CPU: stored', 's', stored.map(cpu)),
    figure('CPU: raw pipe', 's', raw.map(cpu)),
  ];
  return [
    // The manifest's own time is told apart: it is what makes the proof possible, and a raw pipe has none.
    figure('stored / raw pipe', 'ratio', ratio(stored, raw)),
    figure('stored without the manifest / raw pipe', 'ratio', ratio(sealed, raw), { bar: 1.15 }),
    figure('stored / pg_dump -Fc | age | rclone', 'ratio', ratio(stored, gzip), { bar: 0.5 }),
    figure('stored without the manifest / pg_dump -Fc | age | rclone', 'ratio', ratio(sealed, gzip), {
      bar: 0.5,
    }),
    figure('proven cycle / pg_dump -Fc', 'ratio', ratio(proven, plain), { bar: 1.6 }),
    figure('memory above idle', 'MB', [...stored, ...proven].map((run) => run.rssMb), { bar: 130 }), // prettier-ignore
    figure('object / pg_dump -Fc', 'ratio', ratio(stored, plain, bytes), { bar: 0.88 }),
    ...(raw[0].cpu === null ? [] : cpuFigures),
    figure('manifest, added to stored', 's', apart),
    figure('manifest, digests beside the dump', 's', stored.map((run) => run.digestSeconds)), // prettier-ignore
    figure('proof, of it restore', 's', proven.map((run) => run.restoreSeconds)), // prettier-ignore
    figure('proof', 's', proven.map((run) => run.proofSeconds)), // prettier-ignore
    figure('raw pipe', 's', seconds(raw)),
    figure('pg_dump -Fc | age | rclone', 's', seconds(gzip)),
    figure('pg_dump -Fc', 's', seconds(plain)),
    figure('stored without the manifest', 's', seconds(sealed)),
    figure('stored', 's', seconds(stored)),
    figure('proven cycle', 's', seconds(proven)),
  ];
}

/** Our backup against the raw tools: same machine, same database, same S3 server, same run. */
export async function run({ quick, signal, onProgress }) {
  const [tools, age] = await Promise.all([
    resolveTools(TOOLS, { onProgress }),
    onPath('age', 'apt install age  (macOS: brew install age)'),
  ]);
  await onPath('bash', 'apt install bash');
  const stack = await startStack({
    stateDir: '',
    ephemeral: true,
    portBase: 'free',
    components: ['postgres', 's3'],
    onProgress,
  });
  try {
    signal.throwIfAborted();
    onProgress('making the database');
    const database = await makeDatabase(stack.services.postgresUrl, { ...(quick ? QUICK : FULL), signal });
    const mb = Math.round(database.bytes / 2 ** 20);
    onProgress(`a database of ${mb} MB, ${Math.round(database.text_bytes / 2 ** 20)} MB of it text`);
    const steps = stepsOf({ stack, url: database.url, tools, age, signal });
    // Unmeasured: it brings the database into the page cache.
    await steps.raw();
    const results = await interleave(steps, {
      rounds: ROUNDS,
      cpu: cpuClock(stack.stateDir),
      signal,
      onProgress,
    });
    return {
      software: `PostgreSQL ${database.version}, database of ${mb} MB`,
      figures: figuresOf(results),
    };
  } finally {
    await stack.stop();
  }
}

/**
 * `npm run bench [-- <name>…] [--json] [--quick]`: measures ours against named raw tools, in the same run.
 * The exit code is 0 whatever the values: a slow machine never breaks a build.
 */
import { existsSync } from 'node:fs';
import { constants, cpus, loadavg, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { endAll } from './support/programs.mjs';
import { table } from './support/table.mjs';

const BENCHES = {
  cleanup: 'our batches against one DELETE of 5,000,000 rows, and what a load beside them feels',
  statistics:
    'our hourly figures against REFRESH MATERIALIZED VIEW CONCURRENTLY over 6,000,000 rows of activity',
  status: 'server time and size of the status page with 90 days of data',
  backup: 'our backup of a 1 GB database against pg_dump, zstd, age and rclone in a pipe',
};
const names = Object.entries(BENCHES).map(([name, what]) => `  ${name}  ${what}`);

function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      json: { type: 'boolean' },
      quick: { type: 'boolean' },
      // For whoever works on one figure: some steps of a bench, fewer rounds.
      only: { type: 'string' },
      rounds: { type: 'string' },
      help: { type: 'boolean', short: 'h' },
    },
  });
  const unknown = positionals.filter((name) => !Object.hasOwn(BENCHES, name));
  if (unknown.length > 0) throw new Error(`there is no bench named ${unknown.join(', ')}`);
  return { ...values, wanted: positionals };
}

const machine = () =>
  `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, ` +
  `${process.platform} ${process.arch}, Node ${process.version}, load ${loadavg()[0].toFixed(1)} at the start`;

/** Aborted by Ctrl-C; a second one does not wait for anything. */
function stopRequest() {
  const controller = new globalThis.AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.on(name, () => {
      const code = 128 + constants.signals[name];
      if (controller.signal.aborted) process.exit(code);
      process.exitCode = code;
      console.error('stopping');
      controller.abort(new Error(`stopped by ${name}`));
    });
  return controller.signal;
}

async function main() {
  const { wanted, json, quick = false, only, rounds, help } = readArguments();
  const chosen = { only: only?.split(','), rounds: rounds && Number(rounds) };
  if (help || wanted.length === 0) console.error(['Benches:', ...names].join('\n'));
  if (help) return;
  if (!existsSync(fileURLToPath(new URL('../dist/cli.js', import.meta.url))))
    throw new Error('dist/ is missing: run `npm run build` first');
  const signal = stopRequest();
  const onProgress = (line) => console.error(line);
  const results = [];
  for (const name of wanted.length > 0 ? wanted : Object.keys(BENCHES)) {
    const host = machine();
    const { run } = await import(`./${name}.mjs`);
    const { software, figures } = await run({ quick, ...chosen, signal, onProgress });
    const result = { name: quick ? `${name} (quick)` : name, machine: `${host}, ${software}`, figures };
    if (json) results.push(result);
    else console.log(table(result));
  }
  if (json) console.log(JSON.stringify(wanted.length === 1 ? results[0] : results, undefined, 1));
}

process.on('exit', endAll);
await main().catch((error) => {
  console.error(`bench: ${error.message}`);
  if (process.exitCode === undefined) {
    process.exitCode = 1;
    if (error.code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' || /no bench named/.test(error.message))
      console.error(['Benches:', ...names].join('\n'));
  }
});

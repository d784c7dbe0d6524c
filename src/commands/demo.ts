import { resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Argument, Command } from 'commander';
import { alertWorkflowId } from '../alerts/index.ts';
import { ALERT_TIMES } from '../alerts/times.ts';
import { BREAKABLE, breakDown, mend, readBreaks, readHeld } from '../dev/demo-breaks.ts';
import type { Breakable, Held } from '../dev/demo-breaks.ts';
import { INVENTED_DISK } from '../dev/demo-host.ts';
import { DEMO_ALERT_TIMES, DEMO_SECONDS } from '../dev/demo-policy.ts';
import { readLiveStack, type LiveStack } from '../dev/state.ts';
import { print, printJson, printTable, runAction, UsageError } from './output.ts';

interface Options {
  stateDir: string;
  json?: boolean;
}

/** What each break is, which alerts come of it, and after how many seconds at the latest the first of them. */
const BREAKS: Record<Breakable, { what: string; alerts: [rule: string, target: string][]; seconds: number }> =
  {
    app: { what: '/health answers 503', alerts: [['AL4', 'app']], seconds: untilDown() },
    n8n: { what: '/healthz/readiness answers 503', alerts: [['AL4', 'n8n']], seconds: untilDown() },
    supabase: {
      what: 'auth, rest and storage answer 503',
      alerts: [['AL4', 'supabase']],
      seconds: untilDown(),
    },
    cpu: {
      what: 'one busy process per core, at the lowest priority',
      alerts: [['AL1', 'vps']],
      seconds: DEMO_SECONDS.processor + 4 * DEMO_SECONDS.read,
    },
    disk: {
      what: `an invented disk, ${INVENTED_DISK}, is 96 % full: filling a real one would hurt`,
      alerts: [['AL3', `vps:${INVENTED_DISK}`]],
      seconds: DEMO_SECONDS.other + 2 * DEMO_SECONDS.read,
    },
    db: {
      what: 'idle connections up to 86 % of the limit, and a query that sleeps',
      alerts: [
        ['AL6', 'database'],
        ['AL5', 'database'],
      ],
      seconds: 3 * DEMO_SECONDS.read,
    },
  };

function untilDown(): number {
  return DEMO_SECONDS.probe + DEMO_SECONDS.down + 2 * DEMO_SECONDS.inDoubt;
}

export function demoCommand(): Command {
  const command = new Command('demo').description('break the demo that `npm start` runs, and mend it');
  const add = (name: string, description: string, isDefault = false) =>
    command
      .command(name, { isDefault })
      .description(description)
      .option('--state-dir <dir>', 'where the local stack of `npm start` keeps its state', '.talos')
      .option('--json', 'print JSON');
  add('list', 'what can be broken, what is, and until when', true).action(runAction(list));
  add('break', 'break one part for 15 minutes, and see the alert come')
    .addArgument(new Argument('<what>', 'the part').choices(BREAKABLE))
    .action(runAction(breakOne));
  add('mend', 'mend one part, or all')
    .addArgument(new Argument('[what]', 'the part').choices(BREAKABLE))
    .action(runAction(mendSome));
  return command;
}

async function localStack({ stateDir }: Options): Promise<LiveStack & { stateDir: string }> {
  const dir = resolve(stateDir);
  const stack = await readLiveStack(dir);
  if (stack === undefined)
    throw new UsageError(
      `no local stack runs with ${stateDir}, and only the demo of \`npm start\` can be broken. ` +
        'Start it in another terminal, or name its --state-dir',
    );
  if (stack.env['APP_URL'] === undefined) throw new UsageError('this local stack has no demo application');
  return { ...stack, stateDir: dir };
}

async function list(options: Options): Promise<void> {
  const stack = await localStack(options);
  const breaks = readBreaks(stack.stateDir);
  if (options.json) return printJson(breaks);
  printTable(
    ['PART', 'STATE', 'BREAKING IT MEANS'],
    BREAKABLE.map((part) => {
      const until = breaks[part];
      return [part, until ? `broken until ${clock(until)}` : 'well', BREAKS[part].what];
    }),
  );
}

const HELD_MS = 20_000;
const POLL_MS = 100;
const isHeld = (part: Breakable): part is Held => part === 'cpu' || part === 'db';

/** What the stack did for it; fails with why it could not. */
async function heldBy(stateDir: string, part: Held, until: string): Promise<string> {
  for (const end = Date.now() + HELD_MS; Date.now() < end; await delay(POLL_MS)) {
    const report = readHeld(stateDir)[part];
    if (report?.until !== until) continue;
    if (report.error !== undefined) throw new Error(`${part} could not be broken: ${report.error}`);
    return report.done ?? '';
  }
  throw new Error(`the stack did not break ${part} within ${String(HELD_MS / 1000)} s: is it stopping?`);
}

async function breakOne(part: Breakable, options: Options): Promise<void> {
  const { stateDir, env, urls } = await localStack(options);
  const until = breakDown(stateDir, part);
  const done = isHeld(part) ? await heldBy(stateDir, part, until) : BREAKS[part].what;
  const { alerts, seconds } = BREAKS[part];
  if (options.json)
    return printJson({ part, until, done, alerts: alerts.map(([rule, target]) => ({ rule, target })) });
  const ids = alerts.map(([rule, target]) => alertWorkflowId({ rule, target }));
  const inbox = urls.find(({ name }) => name === 'Mail inbox')?.url ?? '';
  const ui = env['TEMPORAL_UI_URL'] ?? '';
  const page = (id: string) =>
    `${ui}/namespaces/${env['TEMPORAL_NAMESPACE'] ?? ''}/workflows/${encodeURIComponent(id)}`;
  const more = options.stateDir === '.talos' ? '' : ` --state-dir ${options.stateDir}`;
  const { escalate = 0, hold = 0 } = DEMO_ALERT_TIMES;
  const inSeconds = (ms: number) => `${String(ms / 1000)} s`;
  const lines = [
    `${part} is broken until ${clock(until)}: ${done}.`,
    '',
    `  within ${String(seconds)} s  e-mail and SMS: ${inbox}`,
    ...ids.map((id, index) => `  ${index === 0 ? 'the alert' : '         '}   ${page(id)}`),
    `  then        acknowledge it by the link of the mail, or`,
    ...alerts
      .slice(0, 1)
      .map(([rule, target]) => `              npx talos alerts acknowledge ${rule}/${target}${more}`),
    `              if nobody does, it escalates after ${inSeconds(escalate)}`,
    `  at last     npx talos demo mend ${part}${more}`,
    `              it recovers, and the end is told about ${recovery(part, hold)} s later`,
    '',
    `The demo is impatient: its probes come every ${String(DEMO_SECONDS.probe)} s, and "down" means ${String(DEMO_SECONDS.down)} s.`,
    `An installation probes every 20 s, waits 1 min, and escalates after ${String(ALERT_TIMES.escalate / 60_000)} min.`,
  ];
  // In one piece: a reader that goes away early is no failure.
  print(lines.join('\n'));
}

/** Good for 30 s, or a minute, after the look that finds it so; then the hold. */
function recovery(part: Breakable, hold: number): string {
  const steady = part === 'cpu' ? 10 : part === 'disk' || part === 'db' ? 60 : 30;
  return String(steady + hold / 1000 + DEMO_SECONDS.read);
}

async function mendSome(part: Breakable | undefined, options: Options): Promise<void> {
  const { stateDir } = await localStack(options);
  const mended = mend(stateDir, part === undefined ? BREAKABLE : [part]);
  if (options.json) return printJson({ mended });
  if (mended.length === 0) return print(part ? `${part} was not broken.` : 'Nothing was broken.');
  for (const one of mended)
    print(`${one} is mended; its end is told within about ${recovery(one, DEMO_ALERT_TIMES.hold ?? 0)} s.`);
}

const clock = (iso: string): string => {
  const at = new Date(iso);
  return [at.getHours(), at.getMinutes(), at.getSeconds()]
    .map((part) => String(part).padStart(2, '0'))
    .join(':');
};

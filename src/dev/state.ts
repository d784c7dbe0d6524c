import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';
import type { RecordedChild } from './process.ts';
import type { ProcessMark } from './process-table.ts';
import { endProcess, isAlive, markOf } from './process-table.ts';

/** What other `talos` commands read of a stack that runs. */
export interface LiveStack {
  pid: number;
  urls: { name: string; url: string }[];
  env: Record<string, string>;
}

/** What the next start needs if this one is killed: who owns the folder, and which processes it started. */
interface RunRecord {
  owner: ProcessMark;
  children: RecordedChild[];
}

const PRIVATE = 0o600;
const LEFTOVER_STOP_MS = 10_000;
const runFile = (stateDir: string) => path.join(stateDir, 'run.json');
const stackFile = (stateDir: string) => path.join(stateDir, 'stack.json');

export interface StateDir {
  recordChild: (child: RecordedChild) => void;
  publish: (stack: Omit<LiveStack, 'pid'>) => void;
  release: () => void;
}

/**
 * Makes this process the folder's owner. Refuses while another one lives; ends, by recorded pid, what a killed one left.
 */
export async function claimStateDir(stateDir: string, onProgress: (line: string) => void): Promise<StateDir> {
  mkdirSync(stateDir, { recursive: true });
  const previous = readJson<RunRecord>(runFile(stateDir));
  if (previous !== undefined) await endLeftovers(stateDir, previous, onProgress);
  const owner = (await markOf(process.pid)) ?? { pid: process.pid, started: '' };
  const record: RunRecord = { owner, children: [] };
  try {
    writeFileSync(runFile(stateDir), JSON.stringify(record), { mode: PRIVATE, flag: 'wx' });
  } catch {
    throw new Error(`another \`talos dev\` is starting with ${stateDir}. Use --state-dir for a second one`);
  }
  return {
    recordChild(child) {
      record.children.push(child);
      writeWhole(runFile(stateDir), record);
    },
    publish: (stack) =>
      writeWhole(stackFile(stateDir), { pid: process.pid, started: owner.started, ...stack }),
    release() {
      rmSync(stackFile(stateDir), { force: true });
      rmSync(runFile(stateDir), { force: true });
    },
  };
}

async function endLeftovers(
  stateDir: string,
  { owner, children }: RunRecord,
  onProgress: (line: string) => void,
) {
  if (await isAlive(owner)) {
    throw new Error(
      `a stack already runs with ${stateDir} (pid ${owner.pid}). Stop it with Ctrl-C, or use --state-dir and --port-base for a second one`,
    );
  }
  const left: RecordedChild[] = [];
  for (const child of children) if (await isAlive(child)) left.push(child);
  if (left.length > 0) {
    onProgress(`the last run was killed: ending what it left (${left.map(({ name }) => name).join(', ')})`);
    await Promise.all(left.map((child) => endProcess(child, child.stopSignal, LEFTOVER_STOP_MS)));
  }
  rmSync(stackFile(stateDir), { force: true });
  rmSync(runFile(stateDir), { force: true });
}

/** Ends and removes what killed ephemeral stacks left: folders of ours below `parent` whose owner is gone. */
export async function sweepEphemeral(parent: string, prefix: string): Promise<void> {
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(prefix)) continue;
    const folder = path.join(parent, name);
    const record = readJson<RunRecord>(runFile(folder));
    if (record === undefined || statSync(folder).uid !== userInfo().uid || (await isAlive(record.owner)))
      continue;
    await endLeftovers(folder, record, () => undefined);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The stack that runs with this folder; undefined where none does, also after a `kill -9`. */
export async function readLiveStack(stateDir: string): Promise<LiveStack | undefined> {
  const stack = readJson<LiveStack & ProcessMark>(stackFile(stateDir));
  if (stack === undefined || !(await isAlive(stack))) return undefined;
  return { pid: stack.pid, urls: stack.urls, env: stack.env };
}

/** Values made once and kept: what `create` names and the file lacks is added. Readable by the owner alone. */
export function keepValues<Name extends string>(
  file: string,
  create: Record<Name, () => string>,
): Record<Name, string> {
  const kept: Record<string, string> = readJson(file) ?? {};
  const names = Object.keys(create) as Name[];
  const values = Object.fromEntries(names.map((name) => [name, kept[name] ?? create[name]()]));
  writeWhole(file, { ...kept, ...values });
  return values as Record<Name, string>;
}

export function readJson<Value>(file: string): Value | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Value;
  } catch {
    return undefined;
  }
}

/** A reader sees the old content or the new one, never half of it. */
export function writeWhole(file: string, value: unknown): void {
  const temporary = `${file}.${randomBytes(4).toString('hex')}`;
  writeFileSync(temporary, `${JSON.stringify(value, undefined, 2)}\n`, { mode: PRIVATE });
  renameSync(temporary, file);
}

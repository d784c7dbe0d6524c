/**
 * The embedded stack: everything the program talks to, on 127.0.0.1, for `talos dev` and for tests.
 * It stops whole: in the reverse order of the start, also when one part does not come up.
 */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { resolveTools } from '../tools/index.ts';
import type { ToolOptions } from '../tools/index.ts';
import { startComponents } from './components.ts';
import type { Services, Started } from './components.ts';
import { forgetBreaks } from './demo-breaks.ts';
import { keepAgeIdentity } from './identity.ts';
import { choosePorts } from './ports.ts';
import { keepSecrets } from './secrets.ts';
import { settingsOf, urlsOf } from './settings.ts';
import { claimStateDir, sweepEphemeral } from './state.ts';

/** `app` is the demo application with its databases; it needs `postgres`, as `sms` needs `inbox`. */
export const COMPONENTS = ['postgres', 'temporal', 's3', 'inbox', 'sms', 'app', 'n8n'] as const;
export type ComponentName = (typeof COMPONENTS)[number];

/** Begins the name of a folder that is removed at the end. */
const EPHEMERAL = 'talos-ephemeral-';

export interface StackOptions {
  /** Where its state is kept; with `ephemeral` a temporary folder takes its place, which is removed at the end. */
  stateDir: string;
  /** The first of consecutive ports, `free` for any; default the usual ports. */
  portBase?: number | 'free';
  ephemeral?: boolean;
  components?: readonly ComponentName[];
  tools?: ToolOptions;
  onProgress?: (line: string) => void;
}

export interface Stack {
  /** The settings of design.md 7 for what runs. */
  env: Record<string, string>;
  urls: { name: string; url: string }[];
  stateDir: string;
  /** The `temporal` CLI that was found: a bare machine has none on PATH. */
  temporalCli: string;
  /** For tests and for the inbox: what `env` does not say. */
  services: Services;
  /** Resolves when a part ends that was not asked to. */
  failed: Promise<Error>;
  /** Idempotent. */
  stop(): Promise<void>;
}

const TOOLS = ['postgres', 'initdb', 'pg_dump', 'pg_restore', 'zstd', 'temporal', 'rclone'] as const;

export async function startStack(options: StackOptions): Promise<Stack> {
  const { ephemeral = false, onProgress = () => undefined } = options;
  const components = new Set(options.components ?? COMPONENTS);
  if (ephemeral) await sweepEphemeral(tmpdir(), EPHEMERAL);
  const stateDir = ephemeral ? mkdtempSync(path.join(tmpdir(), EPHEMERAL)) : path.resolve(options.stateDir);
  // Passable, so that PostgreSQL's own user reaches its data; what is private in it is so by its own mode.
  mkdirSync(stateDir, { recursive: true });
  chmodSync(stateDir, 0o711);
  const state = await claimStateDir(stateDir, onProgress);
  forgetBreaks(stateDir);
  const started: Started[] = [];
  let stopping: Promise<void> | undefined;
  const stop = () =>
    (stopping ??= stopAll(started).finally(() => {
      forgetBreaks(stateDir);
      state.release();
      if (ephemeral) rmSync(stateDir, { recursive: true, force: true });
    }));
  try {
    const [ports, tools] = await Promise.all([
      choosePorts(options.portBase),
      // The backup's own tools too: what is missing is said now, not at three in the morning.
      resolveTools([...TOOLS], { onProgress, ...options.tools }),
    ]);
    const secrets = keepSecrets(path.join(stateDir, 'secrets.json'));
    const now = new Date();
    const ageRecipient = await keepAgeIdentity(path.join(stateDir, 'age-identity.txt'), now);
    const context = {
      stateDir,
      ports,
      tools,
      secrets,
      ephemeral,
      now,
      onProgress,
      onSpawn: state.recordChild,
    };
    const services = await startComponents(components, context, started);
    const pgBin = path.dirname(tools.postgres);
    const env = settingsOf({ components, ports, secrets, ageRecipient, pgBin });
    const urls = urlsOf(components, ports);
    state.publish({ urls, env });
    const failed = Promise.race(started.map(({ died }) => died).filter((died) => died !== undefined));
    return { env, urls, stateDir, temporalCli: tools.temporal, services, failed, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function stopAll(started: readonly Started[]): Promise<void> {
  for (const part of started.toReversed()) await part.stop();
}

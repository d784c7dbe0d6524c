import { join, resolve } from 'node:path';
import { groupValues, readValues } from './environment.ts';
import type { Environment } from './environment.ts';
import { isTransactionPooler } from './formats.ts';
import { jobReadiness, unfinishedGroups } from './groups.ts';
import type { JobReadiness } from './groups.ts';
import { ConfigError } from './mistakes.ts';
import type { Mistake } from './mistakes.ts';
import { loadPolicy } from './policy-file.ts';
import type { Policy } from './policy.ts';
import { secretsOf } from './secrets.ts';
import { readDotEnv, readLocalStack, readSecretFiles } from './sources.ts';
import type { Settings } from './sources.ts';
import { unknownVariables } from './unknown-variables.ts';

export { settingProblem } from './environment.ts';
export { isTransactionPooler } from './formats.ts';
export {
  dataMapSchema,
  readStrategy,
  type Category,
  type MapFile,
  type MappedTable,
  type Strategy,
} from './policy/privacy.ts';
export { ConfigError } from './mistakes.ts';
export { temporalConnection } from './temporal.ts';
export type { Environment, JobReadiness, Mistake, Policy };
export type { VariableName as SettingName } from './variables.ts';

export interface Config {
  environment: Environment;
  policy: Policy;
  /** One for each schedule, in the order of the specification. */
  jobs: JobReadiness[];
  /** Things that do not stop us, and that somebody should know. */
  warnings: Mistake[];
  source: 'environment' | 'local stack';
  /** Values that must be seen nowhere: the log hides them. */
  secrets: string[];
}

export interface ConfigOptions {
  /** Stands in for `process.env`. */
  environment?: Settings;
  /** Where `.env`, `maintenance.yaml` and `.talos` are, and what relative paths start from. */
  cwd?: string;
  policyFile?: string;
  stateDir?: string;
  /** `false`: the environment is used even beside a running local stack (`--no-local`). */
  local?: boolean;
  /** `false`: `.env` is not read (the demo must not meet real settings). */
  dotenv?: boolean;
}

const TEMPORAL_READS = /^(?:TEMPORAL_.*|HOME|XDG_CONFIG_HOME|APPDATA)$/;

/**
 * Reads all settings: a running local stack's alone, else `process.env` over `.env`; and the policy of
 * `maintenance.yaml` (beside a local stack the one in its state folder, for the real one names real targets).
 * Throws one `ConfigError` with every mistake.
 */
export async function loadConfig(options: ConfigOptions = {}): Promise<Config> {
  const { environment: machine = process.env, local = true, dotenv = true } = options;
  const cwd = resolve(options.cwd ?? '.');
  const stateDir = resolve(cwd, options.stateDir ?? '.talos');
  const mistakes: Mistake[] = [];

  const stack = local ? await readLocalStack(stateDir, mistakes) : undefined;
  // With a stack.json that cannot be read nothing else is: see readLocalStack.
  if (mistakes.length > 0) throw new ConfigError(mistakes);
  const given = stack ?? { ...(dotenv ? await readDotEnv(cwd, mistakes) : {}), ...withoutEmpty(machine) };
  const settings = await readSecretFiles(given, cwd, mistakes);
  const read = await readValues(settings, mistakes);
  const policyFile = options.policyFile ?? join(stack ? stateDir : cwd, 'maintenance.yaml');
  const policy = await loadPolicy(resolve(cwd, policyFile), options.policyFile !== undefined, mistakes);
  if (mistakes.length > 0 || read === undefined || policy === undefined) throw new ConfigError(mistakes);

  const temporal = Object.fromEntries(
    Object.entries(settings).filter(([name]) => TEMPORAL_READS.test(name)),
  ) as Record<string, string>;
  const isSet = (name: string): boolean => settings[name] !== undefined;
  return {
    environment: groupValues(read.values, read.heartbeatUrls, temporal, machine, cwd),
    policy,
    jobs: jobReadiness(isSet, isTransactionPooler(read.values.DATABASE_URL)),
    warnings: [...unknownVariables(settings), ...unfinishedGroups(isSet)],
    source: stack ? 'local stack' : 'environment',
    secrets: secretsOf(settings),
  };
}

/** An empty variable of the process does not hide one of `.env`: compose files pass `NAME=` for "not set". */
const withoutEmpty = (settings: Settings): Settings =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value?.trim()));

import { type Command } from 'commander';
import { loadConfig, type Config } from '../config/index.ts';
import { say } from './output.ts';

export interface SettingsOptions {
  stateDir?: string;
  local?: boolean;
}

/** Every command that needs settings finds them the same way. */
export const withSettings = (command: Command): Command =>
  command
    .option('--state-dir <dir>', 'where the local stack of `npm start` keeps its state (default .talos)')
    .option('--no-local', 'use .env and the environment even while a local stack runs');

/** A running local stack's settings, else `.env` and the environment; says on stderr what deserves to be known. */
export async function readSettings({ stateDir, local }: SettingsOptions): Promise<Config> {
  const config = await loadConfig({ stateDir, local });
  if (config.source === 'local stack') say('(the local stack of `npm start`; --no-local for .env)');
  for (const { setting, problem, mend } of config.warnings) say(`warning: ${setting} ${problem}. ${mend}`);
  return config;
}

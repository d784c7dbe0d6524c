import type { Settings } from './sources.ts';
import { VARIABLE_NAMES } from './variables.ts';

/** A word that short would be hidden wherever it happens to stand. */
const SHORTEST = 6;

const SECRET_NAME = /(?:KEY|TOKEN|SECRET|PASSWORD)$/;
/** The address itself is what lets one in. */
const SECRET_ADDRESS = /^(?:HEARTBEAT_URL_|NOTIFY_WEBHOOK_URL$)/;

const ours = (name: string): boolean => VARIABLE_NAMES.includes(name) || name.startsWith('TEMPORAL_');

/** The secrets among the settings: keys and tokens, passwords of URLs as written and as meant, lines of private keys. */
export function secretsOf(settings: Settings): string[] {
  const found = Object.entries(settings).flatMap(([name, value = '']) => {
    if (!ours(name)) return [];
    if (SECRET_ADDRESS.test(name)) return [value];
    if (SECRET_NAME.test(name)) return value.split(/\n|\\n/);
    const password = URL.canParse(value) ? new URL(value).password : '';
    return [password, decoded(password)];
  });
  return [...new Set(found.map((value) => value.trim()))].filter(
    (value) => value.length >= SHORTEST && !/^-----/.test(value),
  );
}

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

import { closest, distance } from 'fastest-levenshtein';
import type { Mistake } from './mistakes.ts';
import type { Settings } from './sources.ts';
import { VARIABLE_NAMES } from './variables.ts';

/** Prefixes that hardly anybody else uses on a machine of ours. */
const OURS = /^(?:TALOS|BACKUP|TWILIO|HEARTBEAT_URL)_/;

/** Shorter names (`APP_URL`) are too close to variables of other programs. */
const SHORTEST = 8;

/** Warnings about variables that look like ours and are not: most often a slip of the hand. */
export function unknownVariables(settings: Settings): Mistake[] {
  const known = new Set(VARIABLE_NAMES.flatMap((name) => [name, `${name}_FILE`]));
  return Object.keys(settings).flatMap((name) => {
    if (known.has(name) || settings[name] === undefined) return [];
    const nearest = closest(name, [...known]);
    const isSlip = name.length >= SHORTEST && distance(name, nearest) <= 2 && settings[nearest] === undefined;
    if (!isSlip && !OURS.test(name)) return [];
    const mend = isSlip ? `Did you mean ${nearest}?` : 'Remove it, or compare it with .env.example.';
    return [{ setting: name, problem: 'is not a variable of ours and is ignored', mend }];
  });
}

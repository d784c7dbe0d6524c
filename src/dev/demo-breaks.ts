/**
 * What of the demo is broken on purpose: a file in the state folder, written by `talos demo` and read by the stand-ins
 * and by the stack. Each break ends by itself, so that nothing stays broken because it was forgotten.
 */
import { rmSync } from 'node:fs';
import path from 'node:path';
import { readJson, writeWhole } from './state.ts';

export const BREAKABLE = ['app', 'n8n', 'supabase', 'cpu', 'disk', 'db'] as const;
export type Breakable = (typeof BREAKABLE)[number];

/** What the stack must hold while it lasts, and reports of. */
export type Held = Extract<Breakable, 'cpu' | 'db'>;
export type HeldReport = Partial<Record<Held, { until: string; done?: string; error?: string }>>;

/** Until when each lasts (ISO instants). */
type Breaks = Partial<Record<Breakable, string>>;

/** A break ends by itself after so long. */
export const BREAK_MS = 15 * 60_000;

const breaksFile = (stateDir: string): string => path.join(stateDir, 'breaks.json');
const heldFile = (stateDir: string): string => path.join(stateDir, 'breaks-held.json');

/** Those that last. */
export function readBreaks(stateDir: string, now = Date.now()): Breaks {
  const written = readJson<Breaks>(breaksFile(stateDir)) ?? {};
  return Object.fromEntries(Object.entries(written).filter(([, until]) => Date.parse(until) > now));
}

export const isBroken = (stateDir: string, part: Breakable): boolean =>
  readBreaks(stateDir)[part] !== undefined;

/** Breaks it, or again from now on; says until when (ISO instant). */
export function breakDown(stateDir: string, part: Breakable): string {
  const until = new Date(Date.now() + BREAK_MS).toISOString();
  writeWhole(breaksFile(stateDir), { ...readBreaks(stateDir), [part]: until });
  return until;
}

/** Which of them were broken. */
export function mend(stateDir: string, parts: readonly Breakable[]): Breakable[] {
  const breaks = readBreaks(stateDir);
  const mended = parts.filter((part) => breaks[part] !== undefined);
  const left = Object.fromEntries(
    Object.entries(breaks).filter(([part]) => !mended.includes(part as Breakable)),
  );
  if (mended.length > 0) writeWhole(breaksFile(stateDir), left);
  return mended;
}

export const readHeld = (stateDir: string): HeldReport => readJson<HeldReport>(heldFile(stateDir)) ?? {};

export const writeHeld = (stateDir: string, report: HeldReport): void =>
  writeWhole(heldFile(stateDir), report);

/** A stack begins and ends whole, also after one that was killed. */
export function forgetBreaks(stateDir: string): void {
  for (const file of [breaksFile(stateDir), heldFile(stateDir)]) rmSync(file, { force: true });
}

import { setTimeout as delay } from 'node:timers/promises';

const POLL_MS = 50;

/** Asks again and again until the condition gives something, and returns it; fails with `what` after the bound. */
export async function waitFor<Value>(
  condition: () => Promise<Value | undefined | false> | Value | undefined | false,
  { timeoutMs, what }: { timeoutMs: number; what: string },
): Promise<Value> {
  const end = Date.now() + timeoutMs;
  let last: unknown;
  do {
    try {
      const value = await condition();
      if (value !== undefined && value !== false) return value;
      last = undefined;
    } catch (error) {
      last = error;
    }
    await delay(POLL_MS);
  } while (Date.now() < end);
  throw new Error(`${what}: not within ${timeoutMs} ms`, { cause: last });
}

import { setTimeout as pause } from 'node:timers/promises';

/** A restart of the ledger's server takes seconds: waiting for it is cheaper than a second mail. */
const PAUSES_MS = [100, 400, 1_500, 3_000];

/** Repeats a write while the ledger does not answer. */
export async function patiently(write: () => Promise<void>): Promise<void> {
  for (const wait of PAUSES_MS) {
    try {
      return await write();
    } catch {
      await pause(wait);
    }
  }
  await write();
}

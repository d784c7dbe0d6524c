import type { Client } from '@temporalio/client';
import { describe } from './diff.ts';

/** A Schedule as Temporal has it. Temporal keeps neither who paused it nor when: only the note. */
interface Standing {
  /** ISO 8601. */
  createdAt: string;
  paused: boolean;
  note?: string;
}

/** Undefined when there is none. */
export async function standingOf(client: Client, scheduleId: string): Promise<Standing | undefined> {
  const found = await describe(client, scheduleId);
  if (found === undefined) return undefined;
  const { paused, note } = found.state;
  return { createdAt: found.info.createdAt.toISOString(), paused, note };
}

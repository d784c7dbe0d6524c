import type { N8nExecution } from '../../clients/n8n.ts';

/** What has ended and does not begin again: a retry is an execution of its own. Never new, running, unknown or waiting. */
export const ENDED = ['success', 'error', 'canceled', 'crashed'] as const;

const DAY_MS = 86_400_000;

/** The instant that an execution must have ended before. Never later than our own clock allows, whatever the run's is. */
export const endedBefore = (at: Date, keepDays: number): Date =>
  new Date(Math.min(at.getTime(), Date.now()) - keepDays * DAY_MS);

/** One that waited may keep the instant; one that still lies ahead of its end means that it goes on. */
export const isExpired = ({ status, stoppedAt, waitTill }: N8nExecution, before: Date): boolean =>
  (ENDED as readonly string[]).includes(status) &&
  stoppedAt !== undefined &&
  stoppedAt < before &&
  (waitTill === undefined || waitTill <= stoppedAt);

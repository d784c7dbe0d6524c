/** What the guard asks about backups. The composition root fills it in: rooms do not import each other. */
export interface BackupWatch {
  /** Settings without which backup-database is off. */
  missing: readonly string[];
  lastProven(): Promise<{ backupId: string; at: string } | null>;
  /** When the first backup was recorded, ISO 8601. */
  firstBackup(): Promise<string | null>;
  /** When a key that backups are written for today last opened one, ISO 8601. */
  lastKeyCheck(): Promise<string | null>;
  /** The newest run that was to make a backup. */
  lastRun(): Promise<BackupRun | undefined>;
  /** Undefined when Temporal has no such Schedule. */
  schedule(id: 'backup-database' | 'talos-guard'): Promise<ScheduleStanding | undefined>;
}

export interface BackupRun {
  workflowId: string;
  runId: string;
  /** ISO 8601. */
  at: string;
  outcome: 'running' | 'succeeded' | 'failed' | 'skipped';
  errorType?: string;
}

/** A Schedule as far as the guard judges it. Temporal keeps neither who paused it nor when: only the note. */
export interface ScheduleStanding {
  /** ISO 8601. */
  createdAt: string;
  paused: boolean;
  note?: string;
}

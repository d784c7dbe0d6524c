/** What the two clean-ups delete from: a table, a folder, a bucket, n8n's executions. One interface, so that preview,
 * brake, deletion and report are the same for all of them. */

export type SourceKind = 'table' | 'folder' | 'bucket' | 'executions';

/** What would go, as of one instant. Ids and counts only: it stands in histories and in `ops.runs`. */
export interface Found {
  /** Rows, files or executions. */
  count: number;
  /** Bytes on disk where the source can tell, estimated for rows; undefined: unknown. */
  bytes?: number;
  /** Of those, to be archived before they go. */
  important?: number;
  /** ISO 8601 instants. */
  oldest?: string;
  newest?: string;
  /** At most five keys: a primary key, a path below its root, an execution's id. */
  samples: string[];
  /** What was seen and left, by reason: { open: 2, symlink: 1 }. */
  left?: Record<string, number>;
  warnings: Warning[];
}

/** `code` chooses the words in mails; `detail` names a table, an index to create, a folder, never a person. */
export interface Warning {
  code: string;
  detail?: string;
}

export interface Removed {
  count: number;
  bytes?: number;
  /** Of those, archived and verified before they went. */
  archived?: number;
  /** Objects of the archive written by this run. */
  objects?: string[];
  left?: Record<string, number>;
  warnings: Warning[];
  /** False: the time budget ended first; the next run goes on. */
  finished: boolean;
}

export interface Progress {
  count: number;
  bytes?: number;
  archived?: number;
  /** Where a successor goes on: opaque to all but the source; no personal data. */
  resume?: unknown;
}

export interface RemoveContext {
  /** What is older goes: the run's scheduled instant, from which each source counts its own days back. */
  at: Date;
  /** The run that this attempt belongs to; undefined: it is a run of its own. */
  run?: string;
  signal: AbortSignal;
  /** Called after each batch; becomes the activity's heartbeat. */
  progress: (progress: Progress) => void;
  /** What a killed predecessor said last. */
  before?: Progress;
  /** Ends in good order when it is over. */
  deadline: Date;
}

export interface Source {
  /** In reports, brake and histories: `auth.sessions`, `files:/var/tmp/app`, `storage:uploads/tmp`, `n8n:executions`. */
  name: string;
  kind: SourceKind;
  /** Everything that would make `remove` wrong or refused, before anything goes: throws what names the setting and the mend. */
  check(signal: AbortSignal): Promise<Warning[]>;
  /** Reads only. */
  find(at: Date, signal: AbortSignal): Promise<Found>;
  /** Deletes what `find` would find at the same instant; may be killed anywhere and repeated. */
  remove(context: RemoveContext): Promise<Removed>;
}

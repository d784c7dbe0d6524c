/** What the clean-ups tell. Names and counts only, as everything in `notice.ts`. */

export interface CleanSourceData {
  /** `auth.sessions`, `files:/var/tmp/app`, `n8n:executions`. */
  name: string;
  kind: 'table' | 'folder' | 'bucket' | 'executions';
  found?: number;
  /** Absent: nothing was tried. */
  removed?: number;
  /** Freed; what would be freed where nothing may be changed. */
  bytes?: number;
  /** Of the removed: kept in the archive, verified. */
  archived?: number;
  /** Seen and left, by reason. */
  left?: Record<string, number>;
  /** The brake held it, and nobody agreed. */
  held?: true;
  unfinished?: true;
  failure?: { type: string; message: string };
  warnings: { code: string; detail?: string }[];
}

export interface LogTableData {
  table: string;
  rows: number;
  before: number;
  bytes: number;
  days: { day: string; levels: Record<string, number> }[];
  sources: { name: string; count: number }[];
  /** By MD5: the text is read while sending, and stands in no history. */
  messages: { name: string; count: number }[];
  messagesOf?: number;
  failure?: string;
}

export interface CleanReportData {
  job: 'nettoyage-donnees-temporaires' | 'nettoyage-logs';
  mode: 'armed' | 'observe' | 'dry-run';
  /** ISO instant. */
  scheduledAt: string;
  count: number;
  bytes: number;
  sources: CleanSourceData[];
  /** Earlier runs, oldest first. */
  trend: { at: string; count: number; bytes: number }[];
  /** What a person said to the brake. */
  answer?: 'approved' | 'rejected' | 'no answer';
  logs?: { from: string; to: string; tables: LogTableData[] };
  /** The week's logs in the bucket. */
  week?: {
    week: string;
    objects: number;
    rows: number;
    bytes: number;
    failure?: { type: string; message: string };
  };
  pruned?: number;
  /** The run ended before it could say what it did. */
  failure?: { type: string; message: string };
  workflowId: string;
  runId: string;
}

/** Far more than usual would go: a person is asked. */
export interface BrakeHoldsData {
  /** Schedule id. */
  job: string;
  /** ISO instant. */
  scheduledAt: string;
  /** Then it counts as rejected. */
  waitHours: number;
  held: {
    /** The source, or `customers`. */
    what: string;
    planned: number;
    limit: number;
    against: 'mean' | 'preview' | 'share';
    bytes?: number;
    oldest?: string;
    newest?: string;
  }[];
  workflowId: string;
  runId: string;
}

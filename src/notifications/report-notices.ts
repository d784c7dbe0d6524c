/** What the reports tell. Figures and ids only: who an id stands for is looked up while sending. */

/** A figure of `maintenance.statistics`; `null`: its source is missing, or its denominator is 0. */
export interface ReportFigure {
  metric: string;
  value: number | null;
  /** Of a rate: « 2 sur 10 ». */
  numerator?: number | null;
  denominator?: number | null;
  /** Measured by our own probes, or by our own fetch of the page: the application gives nothing better. */
  source?: 'probe' | 'fetch';
}

/** What the figures were before, in the revision that was stored first or last. */
export interface MovedFigure {
  metric: string;
  before: number | null;
  after: number | null;
}

interface ReportBase {
  /** `2026-11-22` or `2026-W47`. */
  period: string;
  /** ISO instants, half-open. */
  from: string;
  to: string;
  /** When the newest figure was computed (ISO instant). */
  asOf?: string;
  /** 2 and more: figures have changed since; `moved` says which. Empty: only what they are compared with. */
  revision: number;
  moved?: MovedFigure[];
  /** Names of figures that could not be computed. */
  missing: string[];
  /** The statistics of the period were not there in time. */
  late?: true;
  workflowId: string;
  runId: string;
}

export interface DailyFigure extends ReportFigure {
  /** The same weekday a week before. */
  weekBefore: number | null;
  /** Mean of the 30 days before; `null` with less than 7 of them. */
  mean: number | null;
}

export interface Anomaly {
  metric: string;
  value: number;
  mean: number;
  /** What the 30 days before were between. */
  low: number;
  high: number;
}

export interface DailyReportData extends ReportBase {
  figures: DailyFigure[];
  anomalies: Anomaly[];
  /** What went wrong with the service itself. */
  incidents: {
    alerts: { rule: string; target: string; count: number }[];
    failedRuns: { job: string; count: number }[];
  };
  /** Leads of the day that have no account: ids, the newest first. */
  callBack: { ids: string[]; more: number };
}

export interface PeriodFigure extends ReportFigure {
  /** Of the period before. */
  before: number | null;
}

/** What one customer did to the MRR (cents); `id` is the application's. */
export interface Movement {
  id: string;
  kind: 'new' | 'reactivation' | 'expansion' | 'contraction' | 'churn';
  cents: number;
}

/** The largest first; `more` are not among them. */
export interface Movements {
  rows: Movement[];
  more: number;
}

/** A week, or a month, against what came before and what was wanted. */
export interface PeriodReportData extends ReportBase {
  kind: 'weekly' | 'monthly';
  figures: PeriodFigure[];
  /** The last twelve, oldest first; `goal` is that of the MRR. */
  trend: {
    period: string;
    mrr: number | null;
    goal: number | null;
    customersNew: number | null;
    customersChurned: number | null;
  }[];
  /** Absent in reports that were stored before there were any. */
  movements?: Movements;
  /** `actual` is `null` where the figure is not there yet. */
  goals: { metric: string; target: number; actual: number | null }[];
}

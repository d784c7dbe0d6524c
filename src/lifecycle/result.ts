import type { Answer, BrakeReason, Mode } from '../workflow-kit/index.ts';

/** Customers of whom nobody was seen for so long. */
export interface Found {
  /** Without those whose lifecycle is under way, and those who came back lately. */
  count: number;
  /** Of all customers, without archived ones: what the brake compares with. */
  accounts: number;
}

export interface ArchiveResult {
  mode: Mode;
  found: number;
  /** Lifecycles that began; what would have begun where nothing may be changed. */
  count: number;
  /** Left for the next run. */
  left: number;
  /** Lifecycles whose next step is more than two days late. */
  overdue: number;
  /** What of archives, ledger and legal store was kept long enough. */
  purged?: Record<'ledger' | 'legalStore' | 'archives', number>;
  /** What the brake of later runs compares with. */
  amounts: { customers?: number };
  brake?: { reasons: BrakeReason[]; answer: Answer };
}

/** No customer may be forgotten on the way without a word. */
export function failureOf({ overdue }: ArchiveResult): { type: string; message: string } | undefined {
  if (overdue === 0) return undefined;
  return {
    type: 'LifecyclesOverdue',
    message: `${String(overdue)} lifecycles are more than two days late: talos customer list --overdue`,
  };
}

/** In a few lines of Markdown, for the Web UI. */
export const describeArchiving = ({
  mode,
  found,
  count,
  left,
  overdue,
  purged,
  brake,
}: ArchiveResult): string =>
  [
    `**${mode === 'armed' ? 'Asks' : 'Would ask'} ${String(count)} customers**, of ${String(found)} found`,
    ...(mode === 'observe' ? ['', 'Observing: nothing was changed. `talos enable` arms this job.'] : []),
    ...(brake ? ['', `The brake held: ${brake.answer}.`] : []),
    ...(left > 0 ? ['', `${String(left)} are left for the next run.`] : []),
    ...(overdue > 0 ? ['', `${String(overdue)} lifecycles are late.`] : []),
    ...(purged
      ? [
          '',
          `Kept long enough: ${String(purged.archives)} archives, ${String(purged.ledger)} erasures, ${String(purged.legalStore)} rows of the legal store.`,
        ]
      : []),
  ].join('\n');

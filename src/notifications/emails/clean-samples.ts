import type { BrakeHoldsData, CleanReportData } from '../clean-notices.ts';
import type { Notice } from '../notice.ts';

const RUN = {
  workflowId: 'nettoyage-logs-2026-11-22T03:00:00Z',
  runId: '01a2b3c4-0000-7000-8000-000000000000',
};

const temporary: CleanReportData = {
  job: 'nettoyage-donnees-temporaires',
  mode: 'armed',
  scheduledAt: '2026-11-24T01:00:00Z',
  count: 14_204,
  bytes: 86_400_000,
  sources: [
    { name: 'auth.sessions', kind: 'table', found: 1_204, removed: 1_204, bytes: 412_000, warnings: [] },
    {
      name: 'auth.refresh_tokens',
      kind: 'table',
      found: 12_310,
      removed: 12_306,
      bytes: 3_100_000,
      left: { locked: 4 },
      warnings: [],
    },
    {
      name: 'files:/srv/talosprimes/tmp',
      kind: 'folder',
      found: 694,
      removed: 694,
      bytes: 82_888_000,
      left: { open: 2, symlink: 1 },
      warnings: [],
    },
    { name: 'auth.one_time_tokens', kind: 'table', found: 0, warnings: [] },
    { name: 'storage:uploads/tmp/', kind: 'bucket', found: 0, warnings: [] },
  ],
  trend: [
    { at: '2026-11-21T01:00:00Z', count: 12_900, bytes: 70_000_000 },
    { at: '2026-11-22T01:00:00Z', count: 13_400, bytes: 81_000_000 },
    { at: '2026-11-23T01:00:00Z', count: 14_000, bytes: 79_500_000 },
  ],
  ...RUN,
  workflowId: 'nettoyage-donnees-temporaires-2026-11-24T01:00:00Z',
};

/** What the numbers below stand for: samples have no database to read texts from. */
export const SAMPLE_MESSAGES: Readonly<Record<string, string>> = {
  1: 'Requête traitée en # ms',
  2: 'Réponse lente : # ms',
  3: 'Paiement refusé par le prestataire en # ms',
};

const DAYS = [
  '2026-11-15',
  '2026-11-16',
  '2026-11-17',
  '2026-11-18',
  '2026-11-19',
  '2026-11-20',
  '2026-11-21',
];

const logs: CleanReportData = {
  ...temporary,
  ...RUN,
  job: 'nettoyage-logs',
  scheduledAt: '2026-11-22T03:00:00Z',
  count: 1_204_310,
  bytes: 386_000_000,
  sources: [
    {
      name: 'public.app_logs',
      kind: 'table',
      found: 1_180_000,
      removed: 1_180_000,
      bytes: 371_000_000,
      archived: 24_310,
      warnings: [{ code: 'TimeNotIndexed', detail: 'create index concurrently on public.app_logs ("at")' }],
    },
    {
      name: 'auth.audit_log_entries',
      kind: 'table',
      found: 3_310,
      removed: 3_310,
      bytes: 1_000_000,
      archived: 3_310,
      warnings: [],
    },
    { name: 'n8n:executions', kind: 'executions', found: 21_000, removed: 21_000, warnings: [] },
  ],
  logs: {
    from: '2026-11-14T23:00:00Z',
    to: '2026-11-21T23:00:00Z',
    tables: [
      {
        table: 'public.app_logs',
        ...{ rows: 96_310, before: 81_200, bytes: 1_240_000_000 },
        days: DAYS.map((day, at) => ({
          day,
          levels: { info: 11_000 + 900 * at, warn: 420 + 30 * at, error: at === 4 ? 610 : 80 },
        })),
        sources: [
          { name: 'api', count: 61_000 },
          { name: 'worker', count: 22_000 },
          { name: 'billing', count: 13_310 },
        ],
        messages: [
          { name: '1', count: 21_400 },
          { name: '2', count: 9_800 },
          { name: '3', count: 610 },
        ],
      },
      {
        table: 'auth.audit_log_entries',
        ...{ rows: 4_120, before: 4_310, bytes: 22_000_000 },
        days: DAYS.map((day, at) => ({ day, levels: { '': 560 + 10 * at } })),
        sources: [
          { name: 'login', count: 3_100 },
          { name: 'token_refreshed', count: 1_020 },
        ],
        messages: [],
      },
    ],
  },
  trend: ['2026-11-01', '2026-11-08', '2026-11-15'].map((day, at) => ({
    at: `${day}T03:00:00Z`,
    ...{ count: 1_090_000 + 48_000 * at, bytes: 351_000_000 + 14_000_000 * at },
  })),
  week: { week: '2026-W47', objects: 2, rows: 100_430, bytes: 4_310_000 },
  pruned: 3,
};

const report = (key: string, data: CleanReportData, level: 'info' | 'important' = 'info'): Notice => ({
  key: `sample/${key}`,
  ...{ level, template: 'clean-report', data },
});

const held: BrakeHoldsData = {
  job: 'nettoyage-donnees-temporaires',
  scheduledAt: '2026-11-24T01:00:00Z',
  waitHours: 72,
  held: [
    {
      ...{ what: 'auth.sessions', planned: 48_210, limit: 3_612, against: 'mean', bytes: 17_000_000 },
      ...{ oldest: '2025-02-03T11:00:00Z', newest: '2026-11-24T00:58:00Z' },
    },
    { what: 'files:/srv/talosprimes/tmp', planned: 9_800, limit: 820, against: 'preview' },
  ],
  ...RUN,
};

export const cleanSamples = {
  'clean-report': {
    temporary: report('temporary', temporary),
    logs: report('logs', logs),
    observed: report('observed', {
      ...temporary,
      mode: 'observe',
      trend: [],
      sources: temporary.sources.map(({ name, kind, found, bytes, warnings }) => ({
        ...{ name, kind, found, bytes, warnings },
      })),
    }),
    nothing: report('nothing', { ...temporary, count: 0, bytes: 0, sources: temporary.sources.slice(3) }),
    partly: report(
      'partly',
      {
        ...temporary,
        sources: [
          ...temporary.sources.slice(0, 2),
          {
            ...{ name: 'files:/etc', kind: 'folder', warnings: [] },
            failure: {
              type: 'FolderRefused',
              message:
                '/etc in cleanup.temporaryFiles.folders is never cleaned: /etc belongs to the system; take it out',
            },
          },
        ],
      },
      'important',
    ),
    held: report(
      'held',
      {
        ...temporary,
        answer: 'no answer',
        count: 12_306,
        sources: temporary.sources.map((source, at) => (at === 0 ? { ...source, held: true } : source)),
      },
      'important',
    ),
    failed: report(
      'failed',
      {
        ...temporary,
        ...{ count: 0, bytes: 0, sources: [], trend: [] },
        failure: { type: 'DatabaseUnreachable', message: 'no answer from the server of OPS_DATABASE_URL' },
      },
      'important',
    ),
  },
  'brake-holds': {
    two: { key: 'sample/brake', level: 'important', template: 'brake-holds', data: held },
  },
} satisfies Record<string, Record<string, Notice>>;

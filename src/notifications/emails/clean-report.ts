import type { CleanReportData, CleanSourceData } from '../clean-notices.ts';
import type { Formatter, Locale } from '../format.ts';
import { NOTHING } from '../typography.ts';
import { chartsOf } from './clean-charts.ts';
import { logTablesOf } from './clean-logs.ts';
import { EN } from './clean-words-en.ts';
import { FR } from './clean-words-fr.ts';
import type { Context, DataTable, Fact, Figure, Letter, TableRow, Warning } from './letter.ts';

const WORDS: Readonly<Record<Locale, typeof FR>> = { fr: FR, en: EN };
const SOURCES_SHOWN = 12;
const TREND_SHOWN = 6;

type State = keyof typeof FR.word;

const LOOK = {
  done: { tone: 'good', sign: '✓' },
  nothing: { tone: 'good', sign: '✓' },
  observed: { tone: 'plain', sign: '·' },
  partly: { tone: 'warn', sign: '!' },
  held: { tone: 'warn', sign: '!' },
  failed: { tone: 'bad', sign: '✕' },
} as const;

function stateOf({ failure, sources, week, mode, count }: CleanReportData): State {
  if (failure) return 'failed';
  if (week?.failure || sources.some((source) => source.failure)) return 'partly';
  if (sources.some(({ held }) => held)) return 'held';
  if (mode !== 'armed') return count === 0 ? 'nothing' : 'observed';
  return count === 0 ? 'nothing' : 'done';
}

/** What a clean-up did (TD4, LG3): sums first, what needs a person, each source, the trend, the logs in figures. */
export function cleanReport(data: CleanReportData, context: Context): Letter {
  const { format, otherFormat, runUrl } = context;
  const t = WORDS[format.locale];
  const state = stateOf(data);
  const job = t.job[data.job];
  const at = format.dateTime(data.scheduledAt);
  const size = format.bytes(data.bytes);
  const observed = data.mode !== 'armed';
  return {
    subject: subjectOf(data, state, format),
    preheader: t.preheader(t.archivedWords(archivedOf(data), format), t.sources(data.sources.length, format)),
    verdict: {
      ...LOOK[state],
      word: t.word[state],
      line: t.line[state](at, t.things(data.count, format), size),
    },
    paragraphs: [],
    warnings: warningsOf(data, format),
    figures: state === 'failed' ? [] : figuresOf(data, observed, format),
    findings: data.failure && { title: data.failure.type, items: [data.failure.message] },
    steps:
      state === 'observed'
        ? { title: t.stepsTitle, items: t.arm(data.job) }
        : state === 'failed'
          ? { title: t.stepsTitle, items: t.failureTodo(data.job) }
          : undefined,
    pictures: chartsOf(data, t, format),
    tables: [
      ...sourceTable(data, observed, format),
      ...trendTable(data, format),
      ...logTablesOf(data, t, context),
    ],
    link: runUrl && { label: t.open, href: runUrl(data) },
    facts: { title: t.factsTitle, rows: factsOf(data, format) },
    other: { locale: otherFormat.locale, text: gistOf(data, state, otherFormat) },
    footer: t.footer(`${job} (${data.job})`, format.timeZone),
  };
}

function subjectOf(data: CleanReportData, state: State, format: Formatter): string {
  const t = WORDS[format.locale];
  const job = t.job[data.job];
  const failed = data.sources.filter(({ failure }) => failure).length + (data.week?.failure ? 1 : 0);
  if (state === 'done') return t.subject.done(job, data.count, format.bytes(data.bytes), format);
  if (state === 'observed') return t.subject.observed(job, data.count, format);
  if (state === 'partly') return t.subject.partly(job, failed, format);
  return t.subject[state](job);
}

function gistOf(data: CleanReportData, state: State, format: Formatter): string {
  const t = WORDS[format.locale];
  const job = t.job[data.job];
  const count = t.things(data.count, format);
  if (state === 'done' || state === 'observed') return t.gist[state](job, count, format.bytes(data.bytes));
  if (state === 'partly' || state === 'held') return t.gist[state](job, count);
  return t.gist[state](job);
}

const archivedOf = ({ sources }: CleanReportData): number =>
  sources.reduce((sum, { archived = 0 }) => sum + archived, 0);

function figuresOf(data: CleanReportData, observed: boolean, format: Formatter): Figure[] {
  const t = WORDS[format.locale];
  const { count, bytes, trend } = data;
  const archived = archivedOf(data);
  const mean = trend.reduce((sum, run) => sum + run.count, 0) / trend.length;
  return [
    { label: observed ? t.wouldGo : t.removed, value: format.number(count) },
    { label: observed ? t.wouldFree : t.freed, value: format.bytes(bytes), note: t.freedNote },
    ...(archived > 0 ? [{ label: t.archived, value: format.number(archived), note: t.archivedNote }] : []),
    ...(trend.length > 0
      ? [{ label: t.usual, value: format.number(Math.round(mean)), note: t.usualNote(trend.length) }]
      : []),
  ];
}

function warningsOf({ job, sources, week, answer }: CleanReportData, format: Formatter): Warning[] {
  const t = WORDS[format.locale];
  const failures = sources.flatMap(({ name, failure }) =>
    failure ? [{ title: t.failure(name), ...failureIn(failure, job, t) }] : [],
  );
  const noted = sources.flatMap(({ warnings }) =>
    warnings.map(({ code, detail = '' }) => `${t.warnings[code] ?? code} ${detail}`.trim()),
  );
  return [
    ...failures,
    ...(week?.failure ? [{ title: t.weekFailure, ...failureIn(week.failure, job, t) }] : []),
    ...(sources.some(({ held }) => held)
      ? [{ title: t.heldTitle, text: t.heldText[answer ?? 'no answer'], todo: t.heldTodo(job) }]
      : []),
    ...(noted.length > 0 ? [{ title: t.noted, items: noted, todo: [] }] : []),
  ];
}

/** Most messages name the setting and the mend themselves. */
function failureIn({ type, message }: { type: string; message: string }, job: string, t: typeof FR) {
  const words = t.failureWords[type];
  return words
    ? { text: words.text, items: [], todo: words.todo(job) }
    : { items: [message], todo: t.failureTodo(job) };
}

/** Where something happened first, the largest at the top; what had nothing to delete shares one line. */
function sourceTable({ sources }: CleanReportData, observed: boolean, format: Formatter): DataTable[] {
  const t = WORDS[format.locale];
  const amount = ({ removed, found }: CleanSourceData): number => removed ?? found ?? 0;
  const isQuiet = (source: CleanSourceData): boolean =>
    amount(source) === 0 && !source.failure && !source.held && !source.left;
  const told = sources.filter((source) => !isQuiet(source)).sort((a, b) => amount(b) - amount(a));
  if (sources.length === 0) return [];
  const quiet = sources.filter(isQuiet).map(({ name }) => name);
  const hidden = told.slice(SOURCES_SHOWN);
  return [
    {
      title: t.bySource,
      head: observed ? t.bySourceHeadWould : t.bySourceHead,
      rows: [
        ...told.slice(0, SOURCES_SHOWN).map((source) => sourceRow(source, observed, format)),
        ...(hidden.length > 0
          ? [
              {
                cells: [
                  t.more(hidden.length, format),
                  format.number(hidden.reduce((sum, source) => sum + amount(source), 0)),
                  format.bytes(hidden.reduce((sum, { bytes = 0 }) => sum + bytes, 0)),
                ],
              },
            ]
          : []),
      ],
      note: quiet.length > 0 ? t.empty(quiet.join(', ')) : undefined,
    },
  ];
}

function sourceRow(source: CleanSourceData, observed: boolean, format: Formatter): TableRow {
  const t = WORDS[format.locale];
  const { name, found, removed, bytes, archived = 0, left = {}, held, unfinished, failure } = source;
  const notes = [
    ...(failure ? [`${t.failedRow} (${failure.type})`] : []),
    ...(held ? [t.heldRow] : []),
    ...(archived > 0 ? [t.archivedOf(format.number(archived))] : []),
    ...Object.entries(left).map(([reason, count]) =>
      t.left(t.leftReasons[reason] ?? reason, format.number(count)),
    ),
    ...(unfinished ? [t.unfinishedRow] : []),
  ];
  const count = observed ? found : held ? 0 : removed;
  return {
    cells: [name, format.number(count), bytes === undefined || held ? NOTHING : format.bytes(bytes)],
    code: true,
    notes: notes.length > 0 ? [notes.join(' · ')] : [],
  };
}

function trendTable({ trend, count, bytes, mode, failure }: CleanReportData, format: Formatter): DataTable[] {
  const t = WORDS[format.locale];
  if (trend.length === 0 || mode !== 'armed' || failure) return [];
  const runs = trend.slice(-TREND_SHOWN).reverse();
  return [
    {
      title: t.trend,
      head: t.trendHead,
      rows: [
        { cells: [t.thisRun, format.number(count), format.bytes(bytes)] },
        ...runs.map((run) => ({
          cells: [format.date(run.at), format.number(run.count), format.bytes(run.bytes)],
        })),
      ],
    },
  ];
}

function factsOf({ scheduledAt, week, pruned, workflowId }: CleanReportData, format: Formatter): Fact[] {
  const t = WORDS[format.locale];
  return [
    { label: t.scheduled, value: format.dateTime(scheduledAt) },
    ...(week && !week.failure
      ? [
          {
            label: t.week,
            value: t.weekValue(week.week, t.rows(week.rows, format), format.bytes(week.bytes)),
          },
        ]
      : []),
    ...(pruned ? [{ label: t.pruned, value: t.prunedValue(pruned, format) }] : []),
    { label: t.run, value: workflowId, code: true },
  ];
}

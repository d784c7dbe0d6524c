import type { Formatter } from '../format.ts';
import type { GuardReportLateData } from '../notice.ts';
import { REPORT_LATE_WORDS as WORDS } from './guard-report-late-words.ts';
import type { Context, Fact, Letter } from './letter.ts';

const JOBS = { daily: 'rapport-quotidien', weekly: 'rapport-hebdomadaire' } as const;

type Standing = Exclude<GuardReportLateData['mail'], 'none'> | 'running' | 'failed' | 'never run' | 'ended';

/** Where the report got stuck: at the mail server, or before there was anything to mail. */
function standingOf({ mail, lastRun }: GuardReportLateData): Standing {
  if (mail !== 'none') return mail;
  if (lastRun === undefined) return 'never run';
  if (lastRun.outcome === 'running' || lastRun.outcome === 'failed') return lastRun.outcome;
  return 'ended';
}

/** A report that should have left: told on every channel but the one that it should have left by. */
export function guardReportLate(data: GuardReportLateData, { format, otherFormat, runUrl }: Context): Letter {
  const t = WORDS[format.locale];
  const { lastRun } = data;
  const job = JOBS[data.kind];
  const limit = format.duration(data.limitMinutes * 60);
  const due = format.dateTime(data.dueAt);
  return {
    subject: t.subject(reportName(data, format)),
    preheader: t.preheader(limit),
    verdict: { tone: 'bad', sign: '✕', word: t.word, line: whyOf(data, format) },
    paragraphs: [t.due(due, limit)],
    figures: [
      {
        label: t.lateBy,
        value: format.duration((Date.parse(data.at) - Date.parse(data.dueAt)) / 1_000),
      },
      { label: t.limit, value: limit, note: t.limitNote },
    ],
    steps: { title: t.stepsTitle, items: t.mend(job, data.period)[standingOf(data)] },
    link: runUrl && lastRun && { label: t.open, href: runUrl(lastRun) },
    facts: { title: t.factsTitle, rows: factsOf(data, format) },
    other: {
      locale: otherFormat.locale,
      text: `${WORDS[otherFormat.locale].subject(reportName(data, otherFormat))}. ${whyOf(data, otherFormat)}`,
    },
    footer: t.footer(format.timeZone),
  };
}

function reportName({ kind, period }: GuardReportLateData, format: Formatter): string {
  const t = WORDS[format.locale];
  if (kind === 'daily') return t.daily(format.day(period));
  const [year = '', week = ''] = period.split('-W');
  return t.weekly(String(Number(week)), year);
}

const whyOf = (data: GuardReportLateData, { locale }: Formatter): string =>
  WORDS[locale].why(data.code)[standingOf(data)];

function factsOf(data: GuardReportLateData, format: Formatter): Fact[] {
  const t = WORDS[format.locale];
  const { lastRun, code } = data;
  return [
    { label: t.dueAt, value: format.dateTime(data.dueAt) },
    { label: t.lookedAt, value: format.dateTime(data.at) },
    { label: t.period, value: data.period, code: true },
    ...(code === undefined ? [] : [{ label: t.answer, value: code, code: true }]),
    {
      label: t.lastRun,
      value: lastRun ? `${format.dateTime(lastRun.at)}, ${t.outcomes[lastRun.outcome]}` : t.none,
    },
  ];
}

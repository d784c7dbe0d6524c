import type { Formatter } from '../format.ts';
import type { GuardNoBackupData } from '../notice.ts';
import { failureWordsOrUnknown } from './failures.ts';
import { NO_BACKUP_WORDS as WORDS } from './guard-no-backup-words.ts';
import type { Context, Fact, Letter } from './letter.ts';

const HOUR_MS = 3_600_000;

type Standing = 'missing' | 'paused' | 'running' | 'failed' | 'idle' | 'unproven';

/** Why there is no backup, as far as the Schedule and the last run tell: what hinders most comes first. */
function standingOf({ schedule, lastRun, at, limitHours }: GuardNoBackupData): Standing {
  if (schedule !== 'active') return schedule;
  if (lastRun?.outcome === 'running') return 'running';
  if (!lastRun || Date.parse(at) - Date.parse(lastRun.at) > limitHours * HOUR_MS) return 'idle';
  return lastRun.outcome === 'failed' ? 'failed' : 'unproven';
}

/** The guard's alarm: nothing proven for too long, why as far as is known, and what can still be restored. */
export function guardNoBackup(data: GuardNoBackupData, { format, otherFormat, runUrl }: Context): Letter {
  const t = WORDS[format.locale];
  const { lastProven, lastRun } = data;
  const standing = standingOf(data);
  const limit = format.duration(data.limitHours * 3_600);
  const age = lastProven ? ageOf(data, format) : undefined;
  return {
    subject: age === undefined ? t.subjectNever : t.subject(age),
    preheader: t.preheader(limit, t.scheduleStates[data.schedule]),
    verdict: {
      tone: 'bad',
      sign: '✕',
      word: t.word,
      line: age === undefined ? t.lineNever(limit) : t.line(age, limit),
    },
    paragraphs: [whyOf(data, standing, format), age === undefined ? t.riskNever : t.risk],
    figures: [
      age === undefined ? { label: t.lastProof, value: t.none } : { label: t.unprovenFor, value: age },
      { label: t.limit, value: limit, note: t.limitNote },
    ],
    steps: { title: t.stepsTitle, items: [...t.mend[standing], t.list] },
    command: lastProven
      ? {
          title: t.restoreTitle,
          line: `npx talos backup restore ${lastProven.backupId} --into postgresql://… --identity ${t.key}`,
          note: t.restoreNote(format.dateTime(lastProven.at)),
        }
      : undefined,
    link: runUrl && lastRun && { label: t.open, href: runUrl(lastRun) },
    facts: { title: t.factsTitle, rows: factsOf(data, format) },
    other: {
      locale: otherFormat.locale,
      text: `${WORDS[otherFormat.locale].gist(lastProven ? ageOf(data, otherFormat) : undefined)} ${whyOf(data, standing, otherFormat)}`,
    },
    footer: t.footer(format.timeZone),
  };
}

const ageOf = ({ at, lastProven }: GuardNoBackupData, format: Formatter): string =>
  format.duration((Date.parse(at) - Date.parse(lastProven?.at ?? at)) / 1_000);

function whyOf(data: GuardNoBackupData, standing: Standing, format: Formatter): string {
  const { locale } = format;
  const t = WORDS[locale].why;
  const { lastRun, pauseNote } = data;
  const ranAt = lastRun && format.dateTime(lastRun.at);
  if (standing === 'missing') return t.missing;
  if (standing === 'paused') return t.paused(pauseNote);
  if (ranAt === undefined) return t.neverRun;
  if (standing === 'idle') return t.idle(ranAt);
  if (standing === 'failed')
    return t.failed(ranAt, failureWordsOrUnknown(locale, lastRun?.errorType ?? 'Unknown').title);
  return standing === 'running' ? t.running(ranAt) : t.unproven(ranAt);
}

function factsOf(data: GuardNoBackupData, format: Formatter): Fact[] {
  const t = WORDS[format.locale];
  const { lastProven, lastRun, installedAt, pauseNote } = data;
  const facts: (Fact | undefined)[] = [
    { label: t.lookedAt, value: format.dateTime(data.at) },
    lastProven
      ? { label: t.lastBackup, value: lastProven.backupId, code: true }
      : { label: t.lastBackup, value: t.noneKnown },
    { label: t.schedule, value: t.scheduleStates[data.schedule] },
    pauseNote === undefined || pauseNote === '' ? undefined : { label: t.pauseNote, value: pauseNote },
    lastRun && {
      label: t.lastRun,
      value: `${format.dateTime(lastRun.at)}, ${t.outcomes[lastRun.outcome]}`,
    },
    lastProven || installedAt === undefined
      ? undefined
      : { label: t.installed, value: format.dateTime(installedAt) },
  ];
  return facts.filter((fact) => fact !== undefined);
}

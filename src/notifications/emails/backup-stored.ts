import type { BackupStoredData } from '../notice.ts';
import type { Formatter, Locale } from '../format.ts';
import { EN } from './backup-stored-en.ts';
import { FR } from './backup-stored-fr.ts';
import { sizesPicture } from './backup-sizes.ts';
import { tablesOf } from './backup-tables.ts';
import { daysIn, keyAgeDays, keyReminder, shrinkOf, troublesOf } from './backup-warnings.ts';
import { failureWords } from './failures.ts';
import type { Context, Fact, Figure, Findings, Letter } from './letter.ts';

/** A mail stays short however much differs: the run's result holds the whole list. */
const LINES_SHOWN = 12;
const IDS_SHOWN = 5;

const WORDS: Readonly<Record<Locale, typeof FR>> = { fr: FR, en: EN };

type State = 'proven' | 'except' | 'unproven' | 'different';

function stateOf({ proof }: BackupStoredData): State {
  if (proof.result === 'proven') return 'proven';
  if (proof.result === 'proven except') return 'except';
  return proof.differences.length > 0 ? 'different' : 'unproven';
}

const isGood = (state: State): state is 'proven' | 'except' => state === 'proven' || state === 'except';

const LOOK = {
  proven: { tone: 'good', sign: '✓' },
  except: { tone: 'good', sign: '✓' },
  unproven: { tone: 'warn', sign: '!' },
  different: { tone: 'bad', sign: '✕' },
} as const;

/** The daily confirmation (BK3): proven or not in the first line, what to look at, the figures, how to restore. */
export function backupStored(data: BackupStoredData, { format, otherFormat, runUrl }: Context): Letter {
  const state = stateOf(data);
  const t = WORDS[format.locale];
  const { differences, exceptions = [] } = data.proof;
  const troubles = troublesOf(data, shrinkOf(data, t), format);
  const reminder = keyReminder(data, format);
  const wrong = wrongOf(data, state, troubles.length, format);
  return {
    subject: t.subject[state](wrong, data.database, format.date(data.startedAt)),
    preheader: t.preheader(data, format),
    verdict: {
      ...LOOK[isGood(state) && troubles.length > 0 ? 'unproven' : state],
      word: `${t.word[state]}${wrong}`,
      line: t.line[state](format.dateTime(data.startedAt), data.digests === false),
    },
    paragraphs: reasonOf(data, format.locale),
    warnings: reminder ? [...troubles, reminder] : troubles,
    figures: figuresOf(data, state, format),
    findings: listed(t.findings, differences, t.hidden),
    exceptions: listed(t.exceptions, exceptions, t.hidden, meaningOf(exceptions, t)),
    steps: isGood(state) ? undefined : { title: t.stepsTitle, items: t.steps[state] },
    pictures: sizesPicture(data, format),
    tables: tablesOf(data, format),
    // No command invites to restore a copy that is known to differ.
    command:
      state === 'different'
        ? undefined
        : {
            title: t.restoreTitle,
            line: `npx talos backup restore ${data.backupId} --into ${t.target} --identity ${t.key}`,
            note: t.restoreHelp,
          },
    link: runUrl && { label: t.open, href: runUrl(data) },
    facts: { title: t.factsTitle, rows: factsOf(data, format) },
    other: { locale: otherFormat.locale, text: summaryOf(data, state, otherFormat) },
    footer: t.footer(format.timeZone),
  };
}

/** What follows the verdict in subject and heading: a shrink by name, anything else as a number of things to settle. */
function wrongOf(data: BackupStoredData, state: State, troubles: number, { locale }: Formatter): string {
  if (troubles === 0) return '';
  const t = WORDS[locale];
  const what = shrinkOf(data, t) ?? t.toSettle(troubles);
  return isGood(state) ? t.but(what) : t.and(what);
}

function summaryOf(data: BackupStoredData, state: State, format: Formatter): string {
  const t = WORDS[format.locale];
  const troubles = troublesOf(data, shrinkOf(data, t), format).map(({ title }) => `${title}.`);
  return [t.summary[state](data, format), ...troubles].join(' ');
}

/** Why there is no proof: in words where the reason is a known type, else as it was given. */
function reasonOf({ proof }: BackupStoredData, locale: Locale): string[] {
  if (proof.result !== 'not proven' || proof.reason === undefined) return [];
  const known = failureWords(locale, proof.reason);
  const reason = known === undefined ? proof.reason : `${known.title}. ${known.meaning}`;
  return [`${WORDS[locale].reason} ${reason}`];
}

function figuresOf(data: BackupStoredData, state: State, format: Formatter): Figure[] {
  const t = WORDS[format.locale];
  const comparison = isGood(state) && data.digests === false ? t.countedNote : t.tablesNote[state];
  return [
    { label: t.size, value: format.bytes(data.storedBytes), note: t.sizeNote(format.bytes(data.rawBytes)) },
    { label: t.took, value: format.duration(data.backupSeconds), note: t.tookNote },
    { label: t.rate, value: format.rate(data.rawBytes, data.backupSeconds), note: t.rateNote },
    {
      label: t.restore,
      value: format.duration(data.restoreSeconds),
      note: data.restoreSeconds === undefined ? t.notMeasured : t.restoreNote,
    },
    { label: t.tables, value: format.number(data.tables), note: comparison },
    { label: t.rows, value: format.number(data.rows), note: comparison },
  ];
}

function listed(
  title: string,
  items: readonly string[],
  hiddenWords: (count: number) => string,
  note?: string,
): Findings | undefined {
  if (items.length === 0) return undefined;
  const hidden = items.length - LINES_SHOWN;
  return {
    title,
    items: [...items.slice(0, LINES_SHOWN), ...(hidden > 0 ? [hiddenWords(hidden)] : [])],
    note,
  };
}

/** Only of extensions is it certain that their data is in the dump. */
const meaningOf = (exceptions: readonly string[], t: typeof FR): string =>
  exceptions.every((line) => line.startsWith('extension ')) ? t.exceptionsMeaning : t.exceptionsMeaningMixed;

function factsOf(data: BackupStoredData, format: Formatter): Fact[] {
  const t = WORDS[format.locale];
  const { keys, localCopy, keyCheckedAt, retention } = data;
  const days = keyAgeDays(data);
  const ids = (label: string, all: readonly string[]): Fact[] => {
    const more = all.length > IDS_SHOWN ? [`… +${format.number(all.length - IDS_SHOWN)}`] : [];
    return all.length === 0
      ? []
      : [{ label, value: [...all.slice(0, IDS_SHOWN), ...more].join(', '), code: true }];
  };
  return [
    { label: t.database, value: `${data.database} · PostgreSQL ${data.serverVersion}` },
    { label: t.proofTook, value: format.duration(data.proveSeconds) },
    ...(keyCheckedAt == null || days === undefined
      ? []
      : [{ label: t.privateKey, value: t.keyTried(format.day(keyCheckedAt), daysIn(days, format)) }]),
    { label: t.backup, value: data.backupId, code: true },
    { label: t.bucket, value: data.bucket, code: true },
    { label: t.objects, value: keys.map(nameOf).join(', '), code: true },
    ...(localCopy && localCopy.failure === undefined
      ? [{ label: t.localCopy, value: localCopy.folder, code: true }]
      : []),
    ...ids(t.copied, retention?.copied.map(({ to, period }) => `${to}/${period}`) ?? []),
    ...ids(t.deleted, retention?.deleted.map(({ tier, backupId }) => `${tier}/${backupId}`) ?? []),
    { label: t.run, value: data.workflowId, code: true },
  ];
}

/** All objects lie in the backup's folder, which has its own line. */
const nameOf = (key: string): string => key.slice(key.lastIndexOf('/') + 1);

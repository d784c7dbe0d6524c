import {
  alertWords,
  amount,
  evidenceName,
  inSentence,
  measured,
  reasonWords,
  targetName,
} from '../alert-words/index.ts';
import type { Formatter } from '../format.ts';
import type { AlertData } from '../notice.ts';
import { codeOf } from '../sms/alert.ts';
import { ALERT_WORDS } from './alert-words.ts';
import type { AlertWords } from './alert-words.ts';
import type { Context, Fact, Figure, Letter, Tone, Warning } from './letter.ts';

/** Longer values stand under their name: a phone has no room beside it. */
const VALUE_BESIDE = 24;

/** What happened, what it means, what to do first: one letter for each thing that is told of an alert. */
export function alertMail(data: AlertData, context: Context): Letter {
  const { format, otherFormat, runUrl, acknowledge } = context;
  const t = ALERT_WORDS[format.locale];
  const words = alertWords(format.locale, data);
  const { event, resolved } = data;
  const over = event === 'resolved' || event === 'data-again';
  const { subject, line, word, tone, sign } = headOf(data, format);
  const code = codeOf(data);
  const lasted = lastedOf(data, format);
  const detail = detailOf(data, format);
  return {
    subject: code === '' ? subject : `${code} ${subject}`,
    preheader: over ? t.preheaderOver(lasted) : t.preheader(detail === '' ? '' : `${detail}, `, lasted),
    verdict: { tone, sign, word: data.test ? `[TEST] ${word}` : word, line },
    paragraphs: [
      ...(data.test ? [t.testMeaning] : []),
      ...(over ? [endOf(data, t)] : [words.meaning]),
      ...(event === 'flapping' ? [t.flapping] : []),
    ],
    action:
      over || acknowledge === undefined || data.alertId <= 0
        ? undefined
        : { label: t.acknowledge, href: acknowledge(data.alertId), note: t.acknowledgeNote },
    warnings: warningsOf(data, t),
    figures: figuresOf(data, format, t, lasted),
    exceptions: data.affected?.length
      ? {
          title: t.affected(data.affected.length),
          items: data.affected.map((target) => targetName(format.locale, target)),
          note: t.affectedNote,
        }
      : undefined,
    steps: over ? undefined : { title: t.stepsTitle, items: [...words.steps] },
    tables: data.evidence?.length ? [evidenceTable(data.evidence, format, t)] : undefined,
    command:
      over || data.alertId <= 0
        ? undefined
        : { title: t.commandTitle, line: `npx talos alerts ack A${data.alertId}` },
    link: runUrl && { label: t.open, href: runUrl(data) },
    facts: {
      title: t.factsTitle,
      rows: [
        ...(data.alertId > 0 ? [{ label: t.alert, value: `A${data.alertId}` }] : []),
        { label: t.rule, value: data.rule, code: true },
        { label: t.target, value: data.target, code: true },
        { label: t.began, value: format.dateTime(data.since) },
        ...(resolved ? [{ label: t.ended, value: format.dateTime(resolved.at) }] : []),
        ...(over ? [] : [{ label: t.told, value: format.dateTime(data.at) }]),
        ...(data.reason === undefined ? [] : [{ label: t.reasonRaw, value: data.reason, code: true }]),
        { label: t.workflow, value: data.workflowId, code: true },
      ] satisfies Fact[],
    },
    other: {
      locale: otherFormat.locale,
      text: [...(data.test ? ['[TEST]'] : []), gistOf(data, otherFormat)].join(' '),
    },
    footer: t.footer(format.timeZone),
  };
}

interface Head {
  subject: string;
  line: string;
  word: string;
  tone: Tone;
  sign: string;
}

function headOf(data: AlertData, format: Formatter): Head {
  const t = ALERT_WORDS[format.locale];
  const { event, since, at, resolved } = data;
  const { title } = alertWords(format.locale, data);
  const small = inSentence(title);
  const lasted = lastedOf(data, format);
  const detail = detailOf(data, format);
  const isSince = t.line.since(title, format.dateTime(since), detail === '' ? '' : `, ${detail}`);
  const bad = { tone: 'bad', sign: '✕', line: isSince } as const;
  const good = { tone: 'good', sign: '✓' } as const;
  switch (event) {
    case 'firing': {
      const line = t.line.begun(format.dateTime(since), detail);
      return {
        ...bad,
        subject: t.subject.firing(title, detail === '' ? '' : `, ${detail}`),
        word: title,
        line,
      };
    }
    case 'no-data':
      return { ...bad, tone: 'warn', sign: '?', subject: title, word: t.word['no-data'] };
    case 'reminder':
      return { ...bad, subject: t.subject.reminder(small, data.count ?? 1, lasted), word: t.word.reminder };
    case 'escalated':
      return { ...bad, subject: t.subject.escalated(small, lasted), word: t.word.escalated };
    case 'flapping': {
      const line = t.line.flapping(title, format.number(data.flaps ?? 0));
      return {
        ...bad,
        tone: 'warn',
        sign: '!',
        subject: t.subject.flapping(small),
        word: t.word.flapping,
        line,
      };
    }
    case 'data-again':
      return {
        ...good,
        subject: t.subject.again(measured(format.locale, data)),
        word: t.word['data-again'],
        line: t.line.again(lasted),
      };
    case 'resolved': {
      const end = resolved?.at ?? at;
      const line = t.line.over(title, format.dateTime(since), format.dateTime(end));
      if (resolved?.late) {
        const subject = t.subject.late(small, format.time(since, end), format.time(end));
        return { tone: 'warn', sign: '!', subject, line, word: t.word.late };
      }
      const by = resolved?.by ?? 'recovery';
      if (by === 'operator')
        return { ...good, line, subject: t.subject.closed(small, lasted), word: t.word.operator };
      if (by === 'test over')
        return { ...good, line, subject: t.subject.tested(small), word: t.word['test over'] };
      return { ...good, line, subject: t.subject.resolved(small, lasted), word: t.word.resolved };
    }
  }
}

/** One sentence that needs no heading. */
function gistOf(data: AlertData, format: Formatter): string {
  const { word, line } = headOf(data, format);
  return data.event === 'firing' ? `${word}. ${line}` : line;
}

const lastedOf = ({ since, at, resolved }: AlertData, format: Formatter): string =>
  format.duration(resolved?.seconds ?? Math.max(0, (Date.parse(at) - Date.parse(since)) / 1_000));

/** « 97,4 % », « connexion refusée ». */
function detailOf({ value, unit, reason }: AlertData, format: Formatter): string {
  if (value !== undefined) return amount(value, unit, format);
  return reason === undefined ? '' : reasonWords(format.locale, reason);
}

function endOf({ resolved }: AlertData, t: AlertWords): string {
  if (resolved?.late) return t.late;
  return resolved?.by === 'operator' ? t.closedBy : t.nothingToDo;
}

function warningsOf({ ownJob, undelivered }: AlertData, t: AlertWords): Warning[] | undefined {
  const warnings: Warning[] = [
    ...(ownJob === undefined ? [] : [{ title: t.ownJob(ownJob), text: t.ownJobText, todo: [t.ownJobTodo] }]),
    ...(undelivered?.length
      ? [
          {
            title: t.undelivered(undelivered.map((name) => t.channels[name]).join(', ')),
            text: t.undeliveredText,
            todo: [t.undeliveredTodo],
          },
        ]
      : []),
  ];
  return warnings.length > 0 ? warnings : undefined;
}

function figuresOf(data: AlertData, format: Formatter, t: AlertWords, lasted: string): Figure[] {
  const { value, unit, threshold, flaps, resolved } = data;
  const over = resolved !== undefined || data.event === 'data-again';
  return [
    ...(value === undefined
      ? []
      : [
          {
            label: t.value,
            value: amount(value, unit, format),
            note: threshold === undefined ? undefined : t.threshold(amount(threshold, unit, format)),
          },
        ]),
    { label: over ? t.lasted : t.lasts, value: lasted },
    ...(flaps === undefined ? [] : [{ label: t.flaps, value: `${format.number(flaps)} ×` }]),
  ];
}

function evidenceTable(evidence: NonNullable<AlertData['evidence']>, format: Formatter, t: AlertWords) {
  return {
    title: t.evidence,
    head: t.evidenceHead,
    rows: evidence.map(({ name, value }) => {
      const label = evidenceName(format.locale, name);
      return value.length <= VALUE_BESIDE
        ? { cells: [label, value] }
        : { cells: [label, ''], notes: [value] };
    }),
  };
}

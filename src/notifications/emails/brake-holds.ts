import type { BrakeHoldsData } from '../clean-notices.ts';
import type { Locale } from '../format.ts';
import { en, fr } from '../typography.ts';
import type { Context, Letter } from './letter.ts';

/** The brake asks: how much would go, against what, and the two commands that answer. */
export function brakeHolds(data: BrakeHoldsData, { format, otherFormat, runUrl }: Context): Letter {
  const t = WORDS[format.locale];
  const planned = data.held.reduce((sum, one) => sum + one.planned, 0);
  // Hours: they are few days, and « 3 d 0 h » is nobody's way to say so.
  const until = `${format.number(data.waitHours)}\u00a0h`;
  const count = format.number(planned);
  return {
    subject: t.subject(data.job, count),
    preheader: t.preheader(until),
    verdict: {
      tone: 'warn',
      sign: '!',
      word: t.word,
      line: t.line(format.dateTime(data.scheduledAt), count),
    },
    paragraphs: [t.meaning(until)],
    figures: [],
    steps: {
      title: t.stepsTitle,
      items: [t.look(data.job), t.approve(data.job), t.reject(data.job)],
    },
    tables: [
      {
        title: t.held,
        head: t.head,
        rows: data.held.map(({ what, planned: amount, limit, against, bytes, oldest, newest }) => ({
          cells: [what, format.number(amount), format.number(limit)],
          code: true,
          notes: [
            [
              t.against[against],
              ...(bytes === undefined ? [] : [format.bytes(bytes)]),
              ...(oldest === undefined || newest === undefined
                ? []
                : [t.span(format.day(oldest), format.day(newest))]),
            ].join(' · '),
          ],
        })),
      },
    ],
    command: { title: t.yes, line: `npx talos approve ${data.job}` },
    link: runUrl && { label: t.open, href: runUrl(data) },
    facts: {
      title: t.factsTitle,
      rows: [
        { label: t.scheduled, value: format.dateTime(data.scheduledAt) },
        { label: t.run, value: data.workflowId, code: true },
      ],
    },
    other: {
      locale: otherFormat.locale,
      text: WORDS[otherFormat.locale].gist(data.job, otherFormat.number(planned)),
    },
    footer: t.footer(data.job, format.timeZone),
  };
}

const FR = {
  subject: (job: string, count: string) => fr`Accord demandé : ${job} veut traiter ${count} éléments`,
  preheader: (until: string) => fr`Bien plus que d'habitude. Sans réponse sous ${until}, rien n'est touché.`,
  word: fr`Le frein tient`,
  line: (at: string, count: string) =>
    fr`L'exécution du ${at} veut traiter ${count} éléments, bien plus que d'habitude. Elle attend votre réponse.`,
  meaning: (until: string) =>
    fr`Une condition mal écrite ou une horloge fausse se verrait ainsi. Rien de ce qui suit n'est touché sans accord ; sans réponse sous ${until}, cela compte comme un refus.`,
  stepsTitle: fr`Que faire`,
  look: (job: string) => fr`Regarder ce qui partirait : \`npx talos run ${job} --dry-run --wait\``,
  approve: (job: string) => fr`D'accord : \`npx talos approve ${job}\``,
  reject: (job: string) => fr`Laisser en place : \`npx talos reject ${job}\``,
  held: 'Ce que le frein retient',
  head: ['Source', fr`Prévus`, 'Limite'],
  against: {
    mean: fr`limite : trois fois la moyenne des dernières exécutions`,
    preview: fr`limite : l'aperçu qui a armé ce travail, plus un cinquième`,
    share: fr`limite : une part de tous les comptes (trials.brakePercent)`,
  },
  span: (oldest: string, newest: string) => fr`du ${oldest} au ${newest}`,
  yes: fr`Pour donner l'accord`,
  open: fr`Ouvrir l'exécution`,
  factsTitle: fr`Détails`,
  scheduled: fr`Échéance`,
  run: fr`Exécution`,
  footer: (job: string, zone: string) => fr`TalosPrimes Maintenance · ${job} · heures : ${zone}`,
  gist: (job: string, count: string) =>
    fr`${job} veut traiter ${count} éléments, bien plus que d'habitude, et attend \`npx talos approve ${job}\` ou \`npx talos reject ${job}\`.`,
};

const EN: typeof FR = {
  subject: (job, count) => en`Approval needed: ${job} is about to handle ${count} items`,
  preheader: (until) => en`Far more than usual. Without an answer within ${until} nothing is touched.`,
  word: 'The brake holds',
  line: (at, count) =>
    en`The run of ${at} is about to handle ${count} items, far more than usual. It waits for your answer.`,
  meaning: (until) =>
    en`A condition written wrongly or a wrong clock would look like this. Nothing below is touched without your approval; no answer within ${until} counts as a rejection.`,
  stepsTitle: 'What to do',
  look: (job) => en`See what would go: \`npx talos run ${job} --dry-run --wait\``,
  approve: (job) => en`Go on: \`npx talos approve ${job}\``,
  reject: (job) => en`Leave it as it is: \`npx talos reject ${job}\``,
  held: 'What the brake holds',
  head: ['Source', 'Planned', 'Limit'],
  against: {
    mean: 'limit: three times the mean of the last runs',
    preview: 'limit: the preview that armed this job, and a fifth',
    share: 'limit: a share of all accounts (trials.brakePercent)',
  },
  span: (oldest, newest) => en`${oldest} to ${newest}`,
  yes: 'To approve',
  open: 'Open the run',
  factsTitle: 'Details',
  scheduled: 'Due',
  run: 'Run',
  footer: (job, zone) => en`TalosPrimes Maintenance · ${job} · times: ${zone}`,
  gist: (job, count) =>
    en`${job} is about to handle ${count} items, far more than usual, and waits for \`npx talos approve ${job}\` or \`npx talos reject ${job}\`.`,
};

const WORDS: Readonly<Record<Locale, typeof FR>> = { fr: FR, en: EN };

import type { Locale } from '../format.ts';
import type { CustomersNotToldData } from '../trial-notices.ts';
import { en, fr } from '../typography.ts';
import type { Context, DataTable, Letter } from './letter.ts';

const ROWS_SHOWN = 20;

/** A run that failed, could not tell customers, does not know whether a message left, or found late lifecycles. */
export function customersNotTold(
  data: CustomersNotToldData,
  { format, otherFormat, runUrl }: Context,
): Letter {
  const t = WORDS[format.locale];
  const { job, cause, failed, unknown, overdue = 0 } = data;
  const words = t[kindOf(data)];
  const count = format.number(overdue || failed.count || unknown.count);
  const at = format.dateTime(data.scheduledAt);
  const bad = cause !== undefined || failed.count > 0;
  return {
    subject: words.subject(job, count),
    preheader: words.preheader,
    verdict: {
      tone: bad ? 'bad' : 'warn',
      sign: bad ? '✕' : '!',
      word: words.word,
      line: words.line(at, count),
    },
    paragraphs: [words.meaning, ...(failed.count > 0 && unknown.count > 0 ? [t.unknown.meaning] : [])],
    figures:
      cause || overdue > 0
        ? []
        : [
            { label: t.done, value: format.number(data.done) },
            { label: t.failedLabel, value: format.number(failed.count) },
            { label: t.unknownLabel, value: format.number(unknown.count) },
          ],
    findings: cause && { title: t.message, items: [`${cause.type}: ${cause.message}`] },
    steps: {
      title: t.stepsTitle,
      items: [
        ...(cause || failed.count > 0 ? [t.doctor, t.again(job)] : []),
        ...(overdue > 0 ? [t.which, t.doctor] : []),
        ...(unknown.count > 0 ? [t.server, t.byHand] : []),
      ],
    },
    tables: tableOf(data, t, (of) => format.number(of)),
    command:
      unknown.count + failed.count > 0
        ? {
            title: t.who,
            line: `select trial_id, name, email from saas.trials join saas.accounts using (account_id) where trial_id in (${quoted(data)});`,
            note: t.whoNote,
          }
        : undefined,
    link: runUrl && { label: t.open, href: runUrl(data) },
    facts: {
      title: t.factsTitle,
      rows: [
        { label: t.scheduled, value: at },
        { label: t.run, value: data.workflowId, code: true },
      ],
    },
    other: {
      locale: otherFormat.locale,
      text: gist(data, WORDS[otherFormat.locale], otherFormat.dateTime(data.scheduledAt), (of) =>
        otherFormat.number(of),
      ),
    },
    footer: t.footer(job, format.timeZone),
  };
}

const kindOf = ({ cause, failed, overdue = 0 }: CustomersNotToldData) =>
  cause ? 'broken' : overdue > 0 ? 'late' : failed.count > 0 ? 'failed' : 'unknown';

const idsOf = ({ failed, unknown }: CustomersNotToldData): { id: string; what: 'failed' | 'unknown' }[] => [
  ...failed.trialIds.map((id) => ({ id, what: 'failed' as const })),
  ...unknown.trialIds.map((id) => ({ id, what: 'unknown' as const })),
];

const quoted = (data: CustomersNotToldData): string =>
  idsOf(data)
    .slice(0, ROWS_SHOWN)
    .map(({ id }) => `'${id.replaceAll("'", "''")}'`)
    .join(', ');

function tableOf(
  data: CustomersNotToldData,
  t: Words,
  number: (of: number) => string,
): DataTable[] | undefined {
  const ids = idsOf(data);
  if (ids.length === 0) return undefined;
  const more = data.failed.count + data.unknown.count - Math.min(ids.length, ROWS_SHOWN);
  return [
    {
      title: t.table,
      head: t.head,
      rows: ids.slice(0, ROWS_SHOWN).map(({ id, what }) => ({ cells: [id, t.state[what]], code: true })),
      note: more > 0 ? t.more(number(more)) : undefined,
    },
  ];
}

function gist(
  { cause, failed, unknown, overdue = 0 }: CustomersNotToldData,
  t: Words,
  at: string,
  number: (of: number) => string,
): string {
  if (cause) return t.broken.line(at);
  if (overdue > 0) return t.late.line(at, number(overdue));
  return [
    ...(failed.count > 0 ? [t.failed.line(at, number(failed.count))] : []),
    ...(unknown.count > 0 ? [t.unknown.line(at, number(unknown.count))] : []),
  ].join(' ');
}

const FR = {
  broken: {
    subject: (job: string) => fr`Échec de ${job}`,
    preheader: fr`L'exécution s'est arrêtée avant la fin. Ce qui est fait le reste ; que faire.`,
    word: fr`Échec`,
    line: (at: string) => fr`L'exécution du ${at} s'est arrêtée avant la fin.`,
    meaning: fr`Ce qu'elle a fait est noté et ne sera pas refait. Le reste attend l'exécution suivante.`,
  },
  failed: {
    subject: (job: string, count: string) => fr`${job} : ${count} essais en échec, clients non prévenus`,
    preheader: fr`Leurs identifiants, et ce qu'il faut faire. Personne n'est écrit deux fois.`,
    word: fr`Clients non prévenus`,
    line: (at: string, count: string) =>
      fr`${count} essais n'ont pas pu être terminés, ou leurs clients prévenus, par l'exécution du ${at}.`,
    meaning: fr`L'exécution a essayé pendant douze heures. La suivante reprend ces essais d'elle-même.`,
  },
  unknown: {
    subject: (job: string, count: string) => fr`${job} : ${count} messages au sort inconnu`,
    preheader: fr`Peut-être partis, et pas renvoyés. Leurs identifiants, et où regarder.`,
    word: fr`Sort inconnu`,
    line: (at: string, count: string) =>
      fr`${count} messages de l'exécution du ${at} sont peut-être partis ; ils ne sont pas renvoyés.`,
    meaning: fr`La ligne a été coupée, ou le worker arrêté, entre le contenu d'un message et l'accord du serveur. Nul ne peut savoir s'il est parti : plutôt pas du tout que deux fois.`,
  },
  late: {
    subject: (job: string, count: string) => fr`${job} : clients en retard (${count})`,
    preheader: fr`Leur étape suivante aurait dû avoir lieu il y a plus de deux jours. Où regarder.`,
    word: fr`En retard`,
    line: (at: string, count: string) =>
      fr`L'étape suivante a plus de deux jours de retard (clients concernés : ${count}), selon l'exécution du ${at}.`,
    meaning: fr`Rien n'est perdu : personne n'est archivé ni effacé avant son heure. Le plus souvent le bucket ne répond pas, ou la carte des données a un trou ; chaque étape est reprise d'elle-même toutes les six heures.`,
  },
  which: fr`Voir lesquels, et ce qui les retient : \`npx talos customer list --overdue\``,
  done: fr`Faits`,
  failedLabel: fr`En échec`,
  unknownLabel: fr`Sort inconnu`,
  message: 'Message du programme',
  stepsTitle: fr`Que faire`,
  doctor: fr`Chercher ce qui manque : \`npx talos doctor\` (serveur de messagerie, bases de données)`,
  again: (job: string) =>
    fr`Puis ne pas attendre demain : \`npx talos run ${job} --wait\` reprend ce qui reste`,
  server: fr`Chercher les messages au sort inconnu dans le journal du serveur de messagerie : leur identifiant est \`message_id\` dans ops.notifications`,
  byHand: fr`S'ils n'y sont pas, écrire à ces clients vous-même : ce programme ne le fera plus`,
  table: fr`Essais`,
  head: ['Essai', fr`État`],
  state: { failed: fr`en échec`, unknown: fr`sort inconnu` },
  more: (count: string) => fr`Et ${count} autres : la liste est dans le résultat de l'exécution.`,
  who: fr`Qui sont ces clients`,
  whoNote: fr`Dans la base de l'application : ce courriel ne contient que des identifiants.`,
  open: fr`Ouvrir l'exécution`,
  factsTitle: fr`Détails`,
  scheduled: fr`Échéance`,
  run: fr`Exécution`,
  footer: (job: string, zone: string) => fr`TalosPrimes Maintenance · ${job} · heures : ${zone}`,
};

type Words = typeof FR;

const EN: Words = {
  broken: {
    subject: (job) => en`${job} failed`,
    preheader: en`The run stopped before its end. What is done stays done; what to do now.`,
    word: 'Failed',
    line: (at) => en`The run of ${at} stopped before its end.`,
    meaning: en`What it did is recorded and is not done again. The rest waits for the next run.`,
  },
  failed: {
    subject: (job, count) => en`${job}: ${count} trials failed, customers not told`,
    preheader: en`Their ids, and what to do about it. Nobody is written to twice.`,
    word: 'Customers not told',
    line: (at, count) =>
      en`${count} trials could not be ended, or their customers told, by the run of ${at}.`,
    meaning: en`The run tried for twelve hours. The next one takes these trials up by itself.`,
  },
  unknown: {
    subject: (job, count) => en`${job}: ${count} messages of unknown fate`,
    preheader: en`Perhaps sent, and not sent again. Their ids, and where to look.`,
    word: 'Unknown fate',
    line: (at, count) =>
      en`${count} messages of the run of ${at} have perhaps left; they are not sent again.`,
    meaning: en`The line was cut, or the worker ended, between a message's content and the server's yes. Nobody can know whether it left: rather not at all than twice.`,
  },
  late: {
    subject: (job, count) => en`${job}: late customers (${count})`,
    preheader: en`Their next step was due more than two days ago. Where to look.`,
    word: 'Late',
    line: (at, count) =>
      en`The next step is more than two days late (customers concerned: ${count}), said the run of ${at}.`,
    meaning: en`Nothing is lost: nobody is archived or erased before their time. Mostly the bucket does not answer, or the data map has a hole; each step is tried again by itself every six hours.`,
  },
  which: en`See which, and what holds them: \`npx talos customer list --overdue\``,
  done: 'Done',
  failedLabel: 'Failed',
  unknownLabel: 'Unknown fate',
  message: en`The program's message`,
  stepsTitle: 'What to do',
  doctor: en`Find what is missing: \`npx talos doctor\` (mail server, databases)`,
  again: (job) => en`Then do not wait for tomorrow: \`npx talos run ${job} --wait\` takes up what is left`,
  server: en`Look for the messages of unknown fate in the mail server's log: their id is \`message_id\` in ops.notifications`,
  byHand: en`Where they are not there, write to these customers yourself: this program will not`,
  table: 'Trials',
  head: ['Trial', 'State'],
  state: { failed: 'failed', unknown: 'unknown fate' },
  more: (count) => en`And ${count} more: the list is in the run's result.`,
  who: 'Who these customers are',
  whoNote: en`In the application's database: this mail holds ids only.`,
  open: 'Open the run',
  factsTitle: 'Details',
  scheduled: 'Due',
  run: 'Run',
  footer: (job, zone) => en`TalosPrimes Maintenance · ${job} · times: ${zone}`,
};

const WORDS: Readonly<Record<Locale, Words>> = { fr: FR, en: EN };

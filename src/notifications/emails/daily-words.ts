import type { Formatter, Locale } from '../format.ts';
import { en, fr } from '../typography.ts';
import type { Counts } from './daily-report.ts';

const FR = {
  lead: 'lead',
  leads: 'leads',
  trial: 'essai',
  trials: 'essais',
  signup: 'inscription',
  signups: 'inscriptions',
  customer: 'client payant',
  customers: 'clients payants',
  subject: (day: string, { leads, revenue, customers }: Counts) =>
    fr`Rapport du ${day} : ${leads}, ${revenue} nets, ${customers}`,
  subjectLate: (day: string) => fr`Rapport du ${day} : données manquantes`,
  corrected: (subject: string) => fr`Rectificatif · ${subject}`,
  preheader: ({ trials, signups, conversion }: Counts) =>
    fr`${trials}, ${signups}, conversion des essais ${conversion}.`,
  preheaderLate: fr`Les statistiques d'hier n'ont pas été calculées à temps : ce qui manque, que faire.`,
  line: ({ leads, trials, signups, revenue }: Counts, judged: string) =>
    fr`Hier : ${leads}, ${trials}, ${signups} et ${revenue} encaissés nets, hors taxes ; ${judged}.`,
  usual: fr`rien d'inhabituel`,
  unusual: (names: string) => fr`à regarder : ${names}`,
  lineLate: fr`Les statistiques d'hier n'étaient pas là à temps : ce rapport part sans elles, et ne devine rien.`,
  lateTitle: fr`Donnée manquante : les statistiques du jour`,
  lateText: fr`update-statistiques n'avait pas calculé cette journée après minuit. Ce qui est affiché peut être incomplet.`,
  lateTodo: (period: string) => [
    fr`Les calculer : \`npx talos run update-statistiques --wait\``,
    fr`Puis recevoir le rapport complet : \`npx talos run rapport-quotidien --period ${period} --wait\``,
  ],
  anomaliesTitle: fr`À regarder`,
  anomaly: (label: string, value: string, mean: string, low: string, high: string) =>
    fr`${label} : ${value}, contre ${mean} en moyenne (de ${low} à ${high} ces 30 jours).`,
  incidentsTitle: fr`Le service, hier`,
  alert: (rule: string, target: string, count: number) =>
    count === 1 ? fr`Alerte ${rule} sur ${target}` : fr`Alerte ${rule} sur ${target}, ${count} fois`,
  failedRun: (job: string, count: number) =>
    count === 1 ? fr`Une exécution en échec : ${job}` : fr`${count} exécutions en échec : ${job}`,
  missingTitle: (count: number) => (count === 1 ? fr`Donnée manquante` : fr`Données manquantes`),
  missing: (names: string) => fr`${names}. L'application ne fournit pas de quoi les calculer.`,
  missingTile: fr`donnée manquante`,
  change: (change: string) => fr`${change} sur 7 j`,
  mean: (mean: string) => fr`moy. 30 j : ${mean}`,
  callBack: fr`À rappeler`,
  nobody: fr`personne : chaque lead d'hier a un compte`,
  callBackHead: ['Nom', fr`Téléphone`, 'Heure'],
  callBackNote: fr`Leads d'hier qui n'ont pas encore de compte.`,
  more: (count: number) => fr`Et ${count} de plus dans l'application.`,
  revenue: 'Encaissements',
  revenueHead: ['Hors taxes', 'Hier', fr`Sur 7 j`],
  revenueNote: fr`Le MRR est ce que rapportent les abonnements par mois ; ce n'est pas un encaissement.`,
  conversion: 'Conversion',
  conversionHead: ['', 'Taux', 'Fraction'],
  conversionNote: (ended: string, converted: string) =>
    fr`Essais terminés ces 30 derniers jours : ${ended}, dont convertis : ${converted}. Une cohorte compte 30 jours, et reste provisoire jusque-là.`,
  open: fr`Ouvrir l'exécution`,
  factsTitle: fr`Détails`,
  period: fr`Période`,
  periodValue: (hours: number, { timeZone }: Formatter) =>
    hours === 24
      ? fr`de 0 h à 24 h (${timeZone})`
      : fr`de 0 h à 24 h, ${hours} heures : changement d'heure (${timeZone})`,
  compared: fr`Comparé`,
  comparedValue: (weekday: string) => fr`au ${weekday} d'avant, et aux 30 jours précédents`,
  asOf: fr`Calculé`,
  run: fr`Exécution`,
  footer: (zone: string) => fr`TalosPrimes Maintenance · rapport-quotidien · heures : ${zone}`,
};

const EN: typeof FR = {
  lead: 'lead',
  leads: 'leads',
  trial: 'trial',
  trials: 'trials',
  signup: 'sign-up',
  signups: 'sign-ups',
  customer: 'paying customer',
  customers: 'paying customers',
  subject: (day, { leads, revenue, customers }) =>
    en`Report of ${day}: ${leads}, ${revenue} net, ${customers}`,
  subjectLate: (day) => en`Report of ${day}: data missing`,
  corrected: (subject) => en`Correction · ${subject}`,
  preheader: ({ trials, signups, conversion }) => en`${trials}, ${signups}, trial conversion ${conversion}.`,
  preheaderLate: en`Yesterday's statistics were not computed in time: what is missing, what to do.`,
  line: ({ leads, trials, signups, revenue }, judged) =>
    en`Yesterday: ${leads}, ${trials}, ${signups} and ${revenue} net revenue, tax excluded; ${judged}.`,
  usual: 'nothing unusual',
  unusual: (names) => en`worth a look: ${names}`,
  lineLate: en`Yesterday's statistics were not there in time: this report leaves without them, and guesses nothing.`,
  lateTitle: en`Data missing: the day's statistics`,
  lateText: en`update-statistiques had not computed this day after midnight. What is shown may be incomplete.`,
  lateTodo: (period) => [
    en`Compute them: \`npx talos run update-statistiques --wait\``,
    en`Then get the whole report: \`npx talos run rapport-quotidien --period ${period} --wait\``,
  ],
  anomaliesTitle: 'Worth a look',
  anomaly: (label, value, mean, low, high) =>
    en`${label}: ${value}, against a mean of ${mean} (${low} to ${high} in these 30 days).`,
  incidentsTitle: en`The service, yesterday`,
  alert: (rule, target, count) =>
    count === 1 ? en`Alert ${rule} on ${target}` : en`Alert ${rule} on ${target}, ${count} times`,
  failedRun: (job, count) => (count === 1 ? en`One run failed: ${job}` : en`${count} runs failed: ${job}`),
  missingTitle: () => 'Data missing',
  missing: (names) => en`${names}. The application does not give what they are computed from.`,
  missingTile: 'data missing',
  change: (change) => en`${change} in 7 days`,
  mean: (mean) => en`30-day mean: ${mean}`,
  callBack: 'To call back',
  nobody: en`nobody: each lead of yesterday has an account`,
  callBackHead: ['Name', 'Phone', 'Time'],
  callBackNote: en`Yesterday's leads that have no account yet.`,
  more: (count) => en`And ${count} more in the application.`,
  revenue: 'Revenue',
  revenueHead: ['Tax excluded', 'Yesterday', '7 days'],
  revenueNote: en`MRR is what subscriptions bring in a month; it is not money received.`,
  conversion: 'Conversion',
  conversionHead: ['', 'Rate', 'Fraction'],
  conversionNote: (ended, converted) =>
    en`Trials that ended in the last 30 days: ${ended}, of which converted: ${converted}. A cohort counts 30 days, and is provisional until then.`,
  open: 'Open the run',
  factsTitle: 'Details',
  period: 'Period',
  periodValue: (hours, { timeZone }) =>
    hours === 24
      ? `0:00 to 24:00 (${timeZone})`
      : `0:00 to 24:00, ${hours} hours: the clocks changed (${timeZone})`,
  compared: 'Compared',
  comparedValue: (weekday) => en`with the ${weekday} before, and with the 30 days before`,
  asOf: 'Computed',
  run: 'Run',
  footer: (zone) => en`TalosPrimes Maintenance · rapport-quotidien · times: ${zone}`,
};

export const DAILY_WORDS: Readonly<Record<Locale, typeof FR>> = { fr: FR, en: EN };

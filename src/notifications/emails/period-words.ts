import type { Locale } from '../format.ts';
import { en, fr } from '../typography.ts';

/** What the sentences of a weekly or monthly report are made of. */
export interface PeriodCounts {
  mrr: string;
  mrrChange: string;
  revenue: string;
  fresh: string;
  lost: string;
  goals: string;
}

const FR = {
  week: (week: string, year: string) => fr`Semaine ${week} de ${year}`,
  month: (month: string) => month.charAt(0).toUpperCase() + month.slice(1),
  fresh: 'nouveau client',
  freshMany: 'nouveaux clients',
  lost: 'client parti',
  lostMany: 'clients partis',
  noGoals: fr`sans objectif fixé`,
  goalsReached: (reached: number, all: number) =>
    fr`${reached} ${reached < 2 ? 'objectif atteint' : 'objectifs atteints'} sur ${all}`,
  subject: (name: string, { mrr, fresh, goals }: PeriodCounts) =>
    fr`${name} : MRR ${mrr}, ${fresh}, ${goals}`,
  subjectLate: (name: string) => fr`${name} : données manquantes`,
  corrected: (subject: string) => fr`Rectificatif · ${subject}`,
  preheader: ({ mrrChange, revenue, lost }: PeriodCounts) =>
    fr`MRR ${mrrChange}, ${revenue} encaissés nets HT, ${lost}.`,
  preheaderLate: fr`Les statistiques n'ont pas été calculées à temps : ce qui manque, et que faire.`,
  line: ({ mrr, mrrChange, revenue, fresh, lost, goals }: PeriodCounts) =>
    fr`MRR ${mrr} (${mrrChange}), ${revenue} encaissés nets hors taxes, ${fresh}, ${lost} ; ${goals}.`,
  lineLate: fr`Les statistiques n'étaient pas là à temps : ce rapport part sans elles, et ne devine rien.`,
  lateTitle: fr`Donnée manquante : les statistiques de la période`,
  lateText: fr`update-statistiques n'avait pas calculé cette période après sa fin. Ce qui est affiché peut être incomplet.`,
  lateTodo: (period: string) => [
    fr`Les calculer : \`npx talos run update-statistiques --wait\``,
    fr`Puis recevoir le rapport complet : \`npx talos run rapport-hebdomadaire --period ${period} --wait\``,
  ],
  missingTitle: fr`Donnée manquante`,
  missing: (names: string) => fr`${names}. Rien ne permet de les calculer ; elles sont montrées « — ».`,
  missingTile: fr`donnée manquante`,
  change: {
    weekly: (change: string) => fr`${change} sur la semaine`,
    monthly: (change: string) => fr`${change} sur le mois`,
  },
  goal: (target: string) => fr`objectif : ${target}`,
  goals: 'Objectifs',
  goalsHead: ['', fr`Réel`, 'Cible', 'Part'],
  sections: {
    movements: fr`Mouvements du MRR`,
    business: fr`Indicateurs du mois`,
    sales: fr`Ventes et clients`,
    support: 'Support',
    performance: 'Performance',
  },
  sectionHead: { weekly: ['', 'Semaine', fr`Évolution`], monthly: ['', 'Mois', fr`Évolution`] },
  cohorts: (day: string) => fr`Une cohorte compte 30 jours : ses taux sont provisoires jusqu'au ${day}.`,
  byCustomer: fr`Mouvements par client`,
  byCustomerHead: ['Client', 'Mouvement', fr`MRR`],
  movement: {
    new: 'nouveau',
    reactivation: 'retour',
    expansion: 'expansion',
    contraction: 'contraction',
    churn: fr`départ`,
  },
  more: (count: number) =>
    count === 1 ? fr`Et un autre, plus petit.` : fr`Et ${count} autres, plus petits.`,
  source: {
    probe: fr`mesuré par nos sondes : l'application n'enregistre pas ses appels`,
    fetch: fr`page et ressources chargées par nos soins : aucun navigateur ne mesure`,
  },
  nobodyLeft: fr`personne n'est parti en trois mois : sans limite, à lire comme 60 mois au plus`,
  few: (count: number) => fr`indicatif : moins de ${count} clients`,
  mrrChart: fr`MRR et objectif, douze périodes`,
  mrrAlt: (last: string, goal: string, all: string) => fr`MRR ${last}, objectif ${goal}. ${all}`,
  goalSeries: 'objectif',
  customersChart: fr`Clients nouveaux et partis`,
  customersAlt: (fresh: string, lost: string, all: string) => fr`${fresh} nouveaux, ${lost} partis. ${all}`,
  newSeries: 'nouveaux',
  lostSeries: 'partis',
  trend: fr`Évolution`,
  trendHead: [fr`Période`, 'MRR', 'Objectif', 'Nouv.', 'Partis'],
  open: fr`Ouvrir l'exécution`,
  factsTitle: fr`Détails`,
  period: fr`Période`,
  periodValue: (from: string, to: string, zone: string) => fr`du ${from} au ${to}, minuit à minuit (${zone})`,
  asOf: fr`Calculé`,
  run: fr`Exécution`,
  footer: (job: string, zone: string) => fr`TalosPrimes Maintenance · ${job} · heures : ${zone}`,
};

const EN: typeof FR = {
  week: (week, year) => `Week ${week} of ${year}`,
  month: (month) => month,
  fresh: 'new customer',
  freshMany: 'new customers',
  lost: 'customer lost',
  lostMany: 'customers lost',
  noGoals: 'no goals set',
  goalsReached: (reached, all) => `${reached} of ${all} goals reached`,
  subject: (name, { mrr, fresh, goals }) => en`${name}: MRR ${mrr}, ${fresh}, ${goals}`,
  subjectLate: (name) => en`${name}: data missing`,
  corrected: (subject) => en`Correction · ${subject}`,
  preheader: ({ mrrChange, revenue, lost }) =>
    en`MRR ${mrrChange}, ${revenue} net revenue excl. tax, ${lost}.`,
  preheaderLate: en`The statistics were not computed in time: what is missing, and what to do.`,
  line: ({ mrr, mrrChange, revenue, fresh, lost, goals }) =>
    en`MRR ${mrr} (${mrrChange}), ${revenue} net revenue, tax excluded, ${fresh}, ${lost}; ${goals}.`,
  lineLate: en`The statistics were not there in time: this report leaves without them, and guesses nothing.`,
  lateTitle: en`Data missing: the period's statistics`,
  lateText: en`update-statistiques had not computed this period after its end. What is shown may be incomplete.`,
  lateTodo: (period) => [
    en`Compute them: \`npx talos run update-statistiques --wait\``,
    en`Then get the whole report: \`npx talos run rapport-hebdomadaire --period ${period} --wait\``,
  ],
  missingTitle: 'Data missing',
  missing: (names) => en`${names}. There is nothing to compute them from; they are shown as a dash.`,
  missingTile: 'data missing',
  change: {
    weekly: (change) => en`${change} in the week`,
    monthly: (change) => en`${change} in the month`,
  },
  goal: (target) => en`goal: ${target}`,
  goals: 'Goals',
  goalsHead: ['', 'Actual', 'Goal', 'Share'],
  sections: {
    movements: 'MRR movements',
    business: 'The month in figures',
    sales: 'Sales and customers',
    support: 'Support',
    performance: 'Performance',
  },
  sectionHead: { weekly: ['', 'Week', 'Change'], monthly: ['', 'Month', 'Change'] },
  cohorts: (day) => en`A cohort counts 30 days: its rates are provisional until ${day}.`,
  byCustomer: 'Movements by customer',
  byCustomerHead: ['Customer', 'Movement', 'MRR'],
  movement: {
    new: 'new',
    reactivation: 'back',
    expansion: 'expansion',
    contraction: 'contraction',
    churn: 'left',
  },
  more: (count) => (count === 1 ? 'And one more, smaller.' : en`And ${count} more, smaller.`),
  source: {
    probe: en`measured by our probes: the application does not record its calls`,
    fetch: en`page and assets loaded by ourselves: no browser measures`,
  },
  nobodyLeft: en`nobody left in three months: without a limit, to be read as 60 months at most`,
  few: (count) => en`indicative: fewer than ${count} customers`,
  mrrChart: 'MRR and its goal, twelve periods',
  mrrAlt: (last, goal, all) => en`MRR ${last}, goal ${goal}. ${all}`,
  goalSeries: 'goal',
  customersChart: 'Customers new and lost',
  customersAlt: (fresh, lost, all) => en`${fresh} new, ${lost} lost. ${all}`,
  newSeries: 'new',
  lostSeries: 'lost',
  trend: 'Evolution',
  trendHead: ['Period', 'MRR', 'Goal', 'New', 'Lost'],
  open: 'Open the run',
  factsTitle: 'Details',
  period: 'Period',
  periodValue: (from, to, zone) => en`${from} to ${to}, midnight to midnight (${zone})`,
  asOf: 'Computed',
  run: 'Run',
  footer: (job, zone) => en`TalosPrimes Maintenance · ${job} · times: ${zone}`,
};

export const PERIOD_WORDS: Readonly<Record<Locale, typeof FR>> = { fr: FR, en: EN };

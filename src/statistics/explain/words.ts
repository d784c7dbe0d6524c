/** The rule of each figure in words, as docs/kpis.md has it at length. */
import type { RowsOf } from './rows.ts';

interface Words {
  fr: string;
  en: string;
  /** Which rows it is made of. */
  rows: RowsOf;
}

const w = (rows: RowsOf, fr: string, en: string): Words => ({ rows, fr, en });

/** A period's figures; `availability:<target>` stands under its name before the colon. */
export const FIGURES: Readonly<Record<string, Words>> = {
  mrr: w(
    'paying',
    'Abonnements actifs, ou en retard de paiement depuis moins de 30 jours, au minuit qui termine la période : montant HT ÷ mois × (1 − remise en vigueur) × cours.',
    'Subscriptions that are active, or past due for less than 30 days, at the midnight that ends the period: amount without tax ÷ months × (1 − discount in force) × rate.',
  ),
  arr: w('paying', '12 × MRR de la fin de la période.', '12 × the MRR at the period’s end.'),
  mrr_new: w(
    'new',
    'MRR de ceux qui n’avaient jamais payé, le jour où ils commencent.',
    'MRR of those who had never paid, on the day they begin.',
  ),
  mrr_reactivation: w(
    'reactivated',
    'MRR de ceux qui avaient payé et reviennent.',
    'MRR of those who had paid and return.',
  ),
  mrr_expansion: w(
    'expansion',
    'Hausses de MRR d’un jour, par client ; la fin d’une pause aussi.',
    'Rises of MRR within a day, by customer; the end of a pause too.',
  ),
  mrr_contraction: w(
    'contraction',
    'Baisses de MRR d’un jour, par client qui reste ; une pause aussi.',
    'Falls of MRR within a day, by customer who stays; a pause too.',
  ),
  mrr_churn: w(
    'churned',
    'MRR de ceux qui ne sont plus clients, le jour où l’accès payé se termine.',
    'MRR of those who are customers no longer, on the day paid access ends.',
  ),
  mrr_fx: w(
    'fx',
    'Ce qu’un renouvellement à un autre cours change, à lui seul.',
    'What a renewal at another rate changes, by itself.',
  ),
  customers: w(
    'customers',
    'Comptes qui paient, ou en pause depuis moins de 90 jours, à la fin de la période.',
    'Accounts that pay, or have paused for less than 90 days, at the period’s end.',
  ),
  customers_new: w('new', 'Clients qui n’avaient jamais payé.', 'Customers who had never paid.'),
  customers_reactivated: w(
    'reactivated',
    'Clients qui avaient payé et reviennent.',
    'Customers who had paid and return.',
  ),
  customers_churned: w('churned', 'Clients partis, par jour.', 'Customers who left, by day.'),
  customer_churn_rate: w(
    'churned',
    'Clients partis ÷ clients au début de la période.',
    'Customers who left ÷ customers at the period’s start.',
  ),
  gross_mrr_churn_rate: w(
    'lowered',
    '(Churn + contraction) ÷ MRR du début.',
    '(Churn + contraction) ÷ opening MRR.',
  ),
  net_mrr_churn_rate: w(
    'moved',
    '(Churn + contraction − expansion − réactivation) ÷ MRR du début.',
    '(Churn + contraction − expansion − reactivation) ÷ opening MRR.',
  ),
  net_revenue_retention: w(
    'retained',
    'MRR final de ceux qui payaient au début ÷ MRR du début.',
    'Closing MRR of those who paid at the start ÷ opening MRR.',
  ),
  arpu: w('paying', 'MRR ÷ comptes qui paient.', 'MRR ÷ accounts that pay.'),
  ltv: w(
    'churnOfMonths',
    'ARPU × marge brute ÷ moyenne du churn client des trois derniers mois ; sans churn, rien.',
    'ARPU × gross margin ÷ mean customer churn of the last three months; nothing without churn.',
  ),
  cac: w(
    'costs',
    'Coûts d’acquisition du mois ÷ nouveaux clients du mois.',
    'Acquisition costs of the month ÷ its new customers.',
  ),
  leads: w('leads', 'Leads créés dans la période.', 'Leads created in the period.'),
  trials: w('trials', 'Essais commencés dans la période.', 'Trials begun in the period.'),
  signups: w('accounts', 'Comptes créés dans la période.', 'Accounts created in the period.'),
  lead_to_trial_rate: w(
    'leads',
    'Leads de la période qui ont un essai dans les 30 jours ÷ leads. Provisoire jusque-là.',
    'Leads of the period with a trial within 30 days ÷ leads. Provisional until then.',
  ),
  trial_to_customer_rate: w(
    'trialsOf30Days',
    'Conversions ÷ essais terminés, dans les 30 jours (Paris) qui finissent avec la période.',
    'Conversions ÷ trials that ended, in the 30 Paris days that end with the period.',
  ),
  trial_to_customer_cohort_rate: w(
    'trials',
    'Essais commencés dans la période et convertis dans les 30 jours ÷ essais commencés. Provisoire jusque-là.',
    'Trials begun in the period that converted within 30 days ÷ trials begun. Provisional until then.',
  ),
  revenue_gross: w(
    'payments',
    'Paiements réussis HT, au cours de leur jour.',
    'Succeeded payments without tax, at their day’s rate.',
  ),
  revenue_refunds: w(
    'refunds',
    'Remboursements, le jour où ils sont faits.',
    'Refunds, on the day they are made.',
  ),
  revenue_net: w(
    'money',
    'Paiements réussis − remboursements, HT.',
    'Succeeded payments − refunds, without tax.',
  ),
  payment_error_rate: w(
    'attempts',
    'Paiements échoués ÷ tentatives, remboursements à part.',
    'Failed ÷ attempted payments, refunds apart.',
  ),
  dau: w(
    'userDays',
    'Utilisateurs d’un jour, en moyenne de la période.',
    'Users of a day, mean of the period.',
  ),
  mau: w(
    'users',
    'Utilisateurs des 30 jours (Paris) qui finissent avec la période.',
    'Users of the 30 Paris days that end with the period.',
  ),
  stickiness: w('users', 'DAU moyen de ces 30 jours ÷ MAU.', 'Mean DAU of those 30 days ÷ MAU.'),
  tickets: w('tickets', 'Tickets créés dans la période.', 'Tickets created in the period.'),
  tickets_answered: w(
    'answered',
    'Tickets dont la première réponse humaine tombe dans la période.',
    'Tickets whose first human reply falls into the period.',
  ),
  first_reply_minutes_mean: w(
    'answered',
    'Minutes réelles jusqu’à la première réponse humaine, moyenne.',
    'Real minutes to the first human reply, mean.',
  ),
  first_reply_minutes_median: w(
    'answered',
    'Minutes réelles jusqu’à la première réponse humaine, médiane.',
    'Real minutes to the first human reply, median.',
  ),
  resolution_rate: w(
    'tickets',
    'Tickets de la période résolus depuis ÷ tickets créés.',
    'Tickets of the period that were resolved since ÷ tickets created.',
  ),
  csat: w(
    'rated',
    'Notes 4 et 5 ÷ notes, des tickets résolus dans la période.',
    'Notes of 4 and 5 ÷ notes, of tickets resolved in the period.',
  ),
  api_ms_mean: w(
    'apiHours',
    'Durée de tous les appels : somme ÷ nombre.',
    'Duration of all calls: sum ÷ count.',
  ),
  api_ms_p95: w('apiHours', '95 % des appels durent moins.', '95 of 100 calls take less.'),
  page_load_ms_p75: w(
    'pageHours',
    '75 % des chargements (LCP) sont plus rapides, sur les 28 jours qui finissent avec la période.',
    '75 of 100 page loads (LCP) are faster, over the 28 days that end with the period.',
  ),
  cpu_percent: w('gaugeHours', 'Moyenne pondérée par le temps.', 'Mean weighted by time.'),
  ram_percent: w('gaugeHours', 'Moyenne pondérée par le temps.', 'Mean weighted by time.'),
  disk_percent: w(
    'gaugeHours',
    'Disque le plus plein, à la dernière lecture.',
    'The fullest disk, as last read.',
  ),
  bandwidth_bytes: w('gaugeHours', 'Octets reçus et envoyés.', 'Bytes that came and went.'),
  availability: w(
    'gaugeHours',
    'Part du temps observé où la cible répondait.',
    'Share of the time looked at in which the target was up.',
  ),
};

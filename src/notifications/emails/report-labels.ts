import type { Locale } from '../format.ts';
import { fr } from '../typography.ts';

/** What the figures of `maintenance.statistics` are called. */
const LABELS: Readonly<Record<string, Readonly<Record<Locale, string>>>> = {
  leads: { fr: 'Nouveaux leads', en: 'New leads' },
  trials: { fr: 'Nouveaux essais', en: 'New trials' },
  signups: { fr: 'Inscriptions', en: 'Sign-ups' },
  revenue_net: { fr: fr`Encaissé net HT`, en: 'Net revenue' },
  revenue_gross: { fr: fr`Encaissé brut HT`, en: 'Gross revenue' },
  revenue_refunds: { fr: 'Remboursements', en: 'Refunds' },
  trial_to_customer_rate: { fr: fr`Essai → Client, 30 j`, en: 'Trial → Customer, 30 d' },
  trial_to_customer_cohort_rate: { fr: 'Essai → Client, cohorte', en: 'Trial → Customer, cohort' },
  lead_to_trial_rate: { fr: 'Lead → Essai, cohorte', en: 'Lead → Trial, cohort' },
  customers: { fr: 'Clients payants', en: 'Paying customers' },
  customers_new: { fr: 'Nouveaux clients', en: 'New customers' },
  customers_reactivated: { fr: fr`Clients revenus`, en: 'Customers back' },
  customers_churned: { fr: fr`Clients partis`, en: 'Customers lost' },
  mrr: { fr: 'MRR', en: 'MRR' },
  arr: { fr: 'ARR', en: 'ARR' },
  mrr_new: { fr: 'MRR nouveau', en: 'New MRR' },
  mrr_reactivation: { fr: fr`MRR de retour`, en: 'Reactivation MRR' },
  mrr_expansion: { fr: fr`MRR d'expansion`, en: 'Expansion MRR' },
  mrr_contraction: { fr: 'MRR en contraction', en: 'Contraction MRR' },
  mrr_churn: { fr: 'MRR perdu', en: 'Churned MRR' },
  mrr_fx: { fr: fr`Effet de change`, en: 'Exchange rate effect' },
  customer_churn_rate: { fr: fr`Taux de résiliation`, en: 'Cancellation rate' },
  gross_mrr_churn_rate: { fr: 'Attrition MRR brute', en: 'Gross MRR churn' },
  net_mrr_churn_rate: { fr: 'Attrition MRR nette', en: 'Net MRR churn' },
  net_revenue_retention: { fr: fr`Rétention nette`, en: 'Net revenue retention' },
  arpu: { fr: 'Revenu par client', en: 'Revenue per customer' },
  ltv: { fr: 'Valeur vie client', en: 'Lifetime value' },
  cac: { fr: fr`Coût d'acquisition`, en: 'Acquisition cost' },
  payment_error_rate: { fr: fr`Paiements en échec`, en: 'Failed payments' },
  dau: { fr: 'Utilisateurs du jour', en: 'Daily active users' },
  mau: { fr: 'Utilisateurs, 30 jours', en: 'Monthly active users' },
  stickiness: { fr: fr`Assiduité (DAU ÷ MAU)`, en: 'Stickiness (DAU ÷ MAU)' },
  tickets: { fr: 'Tickets', en: 'Tickets' },
  tickets_answered: { fr: fr`Tickets répondus`, en: 'Tickets answered' },
  first_reply_minutes_mean: { fr: fr`1re réponse, moyenne`, en: 'First reply, mean' },
  first_reply_minutes_median: { fr: fr`1re réponse, médiane`, en: 'First reply, median' },
  resolution_rate: { fr: fr`Taux de résolution`, en: 'Resolution rate' },
  csat: { fr: 'Satisfaction', en: 'Satisfaction' },
  api_ms_mean: { fr: 'API, moyenne', en: 'API, mean' },
  api_ms_p95: { fr: 'API, 95e centile', en: 'API, 95th percentile' },
  page_load_ms_p75: { fr: 'Chargement, 75e centile', en: 'Page load, 75th percentile' },
  cpu_percent: { fr: 'Processeur', en: 'CPU' },
  ram_percent: { fr: fr`Mémoire`, en: 'RAM' },
  disk_percent: { fr: 'Disque', en: 'Disk' },
  bandwidth_bytes: { fr: 'Bande passante', en: 'Bandwidth' },
};

/** A figure nobody has words for keeps its name. */
export function labelOf(metric: string, locale: Locale): string {
  if (metric.startsWith('availability:')) {
    const target = metric.slice('availability:'.length);
    return locale === 'fr' ? fr`Disponibilité : ${target}` : `Availability: ${target}`;
  }
  return LABELS[metric]?.[locale] ?? metric;
}

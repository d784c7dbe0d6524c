/** Which table is meant, by its name. Pure. */
import type { Catalogue, CatalogueTable, ForeignKey } from '../catalogue.ts';

/** What tables of that meaning are called, the likeliest first, in the singular. */
const TABLES: Readonly<Record<string, readonly string[]>> = {
  accounts: [
    ...['account', 'customer', 'client', 'organisation', 'organization', 'company', 'tenant', 'workspace'],
    ...['team', 'compte', 'societe'],
  ],
  leads: ['lead', 'prospect', 'enquiry', 'inquiry', 'contact_request', 'contact'],
  trials: ['trial', 'essai'],
  subscription_terms: [
    ...['subscription_term', 'subscription_history', 'subscription_period', 'subscription', 'abonnement'],
    'contract',
  ],
  payments: ['payment', 'paiement', 'charge', 'transfer', 'transaction'],
  activity: ['activity_event', 'activity', 'event', 'visit'],
  fx_rates: ['fx_rate', 'exchange_rate', 'currency_rate'],
  acquisition_costs: ['acquisition_cost', 'ad_spend', 'marketing_cost'],
  goals: ['goal', 'target', 'objectif'],
  tickets: ['ticket', 'support_ticket', 'conversation'],
  api_calls: ['api_call', 'api_request_log', 'api_request', 'request_log'],
  page_loads: ['page_load', 'web_vital', 'page_view'],
  contact_permissions: ['contact_permission', 'consent', 'permission', 'opt_in'],
};

const singular = (name: string): string =>
  name
    .toLowerCase()
    .split('_')
    .map((word) => word.replace(/ies$/, 'y').replace(/([^s])s$/, '$1'))
    .join('_');

export const shortName = ({ name }: Pick<CatalogueTable, 'name'>): string =>
  name.slice(name.indexOf('.') + 1);

/** The place of a name in a list of words: one that is it before one that ends with it; undefined: neither. */
export function rank(name: string, words: readonly string[]): number | undefined {
  const found = words.flatMap((word, at) => {
    if (name === word) return [at];
    return name.endsWith(`_${word}`) ? [at + words.length] : [];
  });
  return found.length === 0 ? undefined : Math.min(...found);
}

/** What a person did has that person: many things are called events. */
export const PEOPLE_COLUMNS = ['user_id', 'person_id', 'profile_id', 'member_id', 'actor_id'];
const UNLIKELY = 100;

/** The likeliest table of a view of the contract. */
export function guessTable(catalogue: Catalogue, view: string): CatalogueTable | undefined {
  const ranked = [...catalogue.tables.values()].flatMap((table) => {
    const at = rank(singular(shortName(table)), TABLES[view] ?? []);
    const isOdd = view === 'activity' && !PEOPLE_COLUMNS.some((name) => table.columns.has(name));
    return at === undefined ? [] : [{ table, at: at + (isOdd ? UNLIKELY : 0) }];
  });
  return ranked.sort((a, b) => a.at - b.at || a.table.name.length - b.table.name.length)[0]?.table;
}

/** Columns that are called so where no foreign key says whose a row is. */
const ACCOUNT_COLUMNS = [
  ...['account_id', 'customer_id', 'client_id', 'organisation_id', 'organization_id', 'company_id'],
  ...['tenant_id', 'workspace_id', 'team_id'],
];

export interface AccountLink {
  /** Of the row itself, or of the row that `via` leads to. */
  column: string;
  via?: ForeignKey;
}

/** How a row leads to its account: its own column, or that of a row it points to. */
export function accountLink(
  { tables, foreignKeys }: Catalogue,
  table: CatalogueTable,
  accounts: string | undefined,
): AccountLink | undefined {
  const direct = (name: string): string | undefined =>
    foreignKeys.find(({ from, to, columns }) => from === name && to === accounts && columns.length === 1)
      ?.columns[0] ?? ACCOUNT_COLUMNS.find((column) => tables.get(name)?.columns.has(column));
  const own = direct(table.name);
  if (own !== undefined) return { column: own };
  for (const via of foreignKeys)
    if (via.from === table.name && via.columns.length === 1) {
      const column = direct(via.to);
      if (column !== undefined) return { column, via };
    }
  return undefined;
}

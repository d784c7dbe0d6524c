/** Which rows of one table go, as SQL. */

export interface TableRule {
  schema: string;
  table: string;
  /** Where the rule stands, for whoever must mend it: `cleanup.logs.tables` in maintenance.yaml. */
  setting: string;
  /** A row goes when one of them holds; one whose columns this version of the table lacks is left out. */
  expired: readonly { needs?: readonly string[]; when: string }[];
  /** Column that says how old a row is: for oldest, newest and a missing index. */
  time?: string;
  /** Such rows are archived before they go. */
  important?: string;
  /** Whole partitions may go: rows expire by `time` alone, after so many days. */
  keepDays?: number;
  /** A table that this version of the application lacks has nothing to delete. */
  optional?: boolean;
  /** Tables whose rows go along, as the application itself means it. */
  cascades?: readonly string[];
}

/** PostgreSQL's own quoting: any name is safe. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Never later than the database's own clock, whatever ours says. */
const NOW = 'least($1::timestamptz, now())';

/** Puts the run's instant for `:now`, but not into `::now`, a string or a quoted name. */
export const withNow = (condition: string, now = NOW): string =>
  condition.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"|::|:now\b/g, (found) => (found === ':now' ? now : found));

/** One condition, or those of them that the table has columns for; undefined when it has none. */
export function expiredOf(rule: TableRule, columns: readonly string[]): string | undefined {
  const parts = rule.expired.filter(({ needs = [] }) => needs.every((name) => columns.includes(name)));
  return parts.length === 0 ? undefined : parts.map(({ when }) => `(${withNow(when)})`).join(' or ');
}

export interface Conditions {
  /** Goes. */
  expired: string;
  /** Goes at once. */
  ordinary: string;
  /** Goes once it is archived. */
  important?: string;
}

/** `$1` is the run's instant in all of them. */
export function conditionsOf(rule: TableRule, columns: readonly string[]): Conditions | undefined {
  const expired = expiredOf(rule, columns);
  if (expired === undefined) return undefined;
  if (rule.important === undefined) return { expired: `(${expired})`, ordinary: `(${expired})` };
  const important = `(${withNow(rule.important)})`;
  return {
    expired: `(${expired})`,
    // Unknown is not important, but never both and never neither.
    ordinary: `(${expired}) and ${important} is not true`,
    important: `(${expired}) and ${important} is true`,
  };
}

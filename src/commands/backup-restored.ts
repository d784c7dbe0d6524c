import type { RestorePlan, RestoreReport } from '../backup/index.ts';
import { print } from './output.ts';

const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

/** A heading and its lines, or nothing. */
const list = (heading: string, lines: readonly string[]): string[] =>
  lines.length > 0 ? [heading, ...indented(lines)] : [];

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

export function printReport(report: RestoreReport): void {
  const { equal, exceptions, tables, seconds } = report;
  const how = `${String(tables)} ${tables === 1 ? 'table' : 'tables'}, every row compared, ${String(seconds)} s`;
  const lines = [
    ...list('created without login, give them theirs (docs/restore.md, Roles):', report.rolesCreated),
    ...list('could not be restored there:', exceptions),
    ...list('left out:', report.leftOut),
    ...(equal
      ? [
          `restored and equal to the manifest${exceptions.length > 0 ? ', except what is named above' : ''}: ${how}`,
        ]
      : list('restored, but it differs from the manifest:', report.differences)),
  ];
  print(lines.join('\n'));
}

export function printPlan(plan: RestorePlan): void {
  const { problems, tables, rows, restoreSeconds, rawBytes } = plan;
  const what = `${String(tables)} ${tables === 1 ? 'table' : 'tables'}, ${String(rows)} rows`;
  const lines = [
    `the key opens the backup; ${plan.into} is reached (PostgreSQL ${plan.targetVersion})`,
    `would restore ${plan.database} into ${plan.into}: ${what}`,
    ...indented(plan.names ?? []),
    ...list('would leave out:', plan.leftOut),
    ...list('would create these roles, without login:', plan.rolesToCreate),
    ...list('cannot be restored there:', plan.exceptions),
    `reads ${megabytes(plan.storedBytes)} from the bucket${rawBytes === undefined ? '' : `, ${megabytes(rawBytes)} unpacked; the disk needs that and room for the indexes`}`,
    restoreSeconds === undefined
      ? 'no time is known: this backup was not restored yet'
      : `the whole was restored in ${String(restoreSeconds)} s by the worker; another network and disk take another time`,
    ...list('it cannot be done:', problems),
    ...(problems.length === 0 ? ['nothing was changed'] : []),
  ];
  print(lines.join('\n'));
}

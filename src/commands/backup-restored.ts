import type { RestorePlan, RestoreReport, VerifyReport } from '../backup/index.ts';
import { print } from './output.ts';

const indented = (lines: readonly string[]): string[] => lines.map((line) => `  ${line}`);

/** A heading and its lines, or nothing. */
const list = (heading: string, lines: readonly string[]): string[] =>
  lines.length > 0 ? [heading, ...indented(lines)] : [];

export const day = (instant: string): string => `${instant.slice(0, 19).replace('T', ' ')} UTC`;

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
    ...(report.erasures ? [report.erasures] : []),
  ];
  print(lines.join('\n'));
}

export function printPlan(plan: RestorePlan): void {
  const { problems, tables, rows, restoreSeconds, rawBytes } = plan;
  const what = `${String(tables)} ${tables === 1 ? 'table' : 'tables'}, ${String(rows)} rows`;
  const lines = [
    `the key opens the backup; ${plan.into} is reached (PostgreSQL ${plan.targetVersion.split(' ')[0] ?? ''})`,
    `would restore ${plan.database} into ${plan.into}: ${what}`,
    ...indented(plan.names ?? []),
    ...list('would leave out:', plan.leftOut),
    ...list('would create these roles, without login:', plan.rolesToCreate),
    ...list('cannot be restored there:', plan.exceptions),
    `reads ${megabytes(plan.storedBytes)} from the bucket${rawBytes === undefined ? '' : `, ${megabytes(rawBytes)} unpacked;\nthe disk needs that and room for the indexes`}`,
    restoreSeconds === undefined
      ? 'no time is known: this backup was not restored yet'
      : `the whole was restored in ${String(restoreSeconds)} s by the worker;\nanother network and disk take another time`,
    ...list('it cannot be done:', problems),
    ...(problems.length === 0 ? ['nothing was changed'] : []),
  ];
  print(lines.join('\n'));
}

const HOW = { 'read back': 'read back to its end', 'not stored': 'not in this backup' } as const;

export function printVerified(report: VerifyReport): void {
  const { proof, parts = [], good, differences, bytesRead } = report;
  const name = `${report.backupId}\n(${report.database}, ${day(report.takenAt)})`;
  if (!good) {
    const verdict = bytesRead === 0 ? 'was not checked' : 'is NOT good';
    return print([`${name} ${verdict}:`, ...indented(differences)].join('\n'));
  }
  const restored = (result: string, seconds = 0): string =>
    `restored in ${String(seconds)} s and equal to its manifest${result === 'proven' ? '' : ', with exceptions'}`;
  const lines = proof
    ? [
        `${report.database}: ${restored(proof.result, proof.restoreSeconds)}`,
        ...indented([(proof.checkedWith ?? []).join(', '), ...(proof.exceptions ?? [])]),
        ...parts.map(
          ({ part, result, restoreSeconds }) =>
            `${part}: ${result === 'read back' || result === 'not stored' ? HOW[result] : restored(result, restoreSeconds)}`,
        ),
      ]
    : [`${megabytes(bytesRead)} read back, as written; whether a key opens it needs --identity`];
  print([`${name} is good:`, ...indented(lines)].join('\n'));
}

import { ApplicationFailure, Context, log } from '@temporalio/activity';
import type { Queryable } from '../clients/postgres.ts';
import type { Notice } from '../notifications/index.ts';
import type { BackupWatch } from './backup-watch.ts';
import { TRIES, type Alert, type Check, type GuardReport, type Sight } from './check.ts';
import { keyUnchecked } from './key-unchecked.ts';
import { noBackup } from './no-backup.ts';
import { reportLate, type ReportWatch } from './report-late.ts';
import { alertKey, answerKey, periodOf, readUnanswered } from './told.ts';

export interface GuardDeps {
  ops: Queryable;
  /** In which a day begins and ends. */
  timeZone: string;
  backup: BackupWatch;
  reports: readonly ReportWatch[];
  limits: { backupHours: number; keyCheckDays: number; reportMinutes: number };
  /** Where an outside service waits for our sign of life; `alive` where the watch is on. */
  heartbeat?: { alive?: () => Promise<boolean> };
  /** Keeps what Temporal alone knows, for the day when it is lost. */
  notePauses?: () => Promise<void>;
}

/** One check that hangs must not keep the others from being told. */
const LOOK_MS = 8_000;

export const createGuardActivities = (deps: GuardDeps) => {
  const { ops, timeZone, backup, reports, limits, heartbeat, notePauses } = deps;
  /** A new check is one more entry. */
  const checks: readonly Check[] = [
    noBackup(backup, limits.backupHours),
    keyUnchecked(backup, limits.keyCheckDays),
    ...reports.map((report) => reportLate(report, limits.reportMinutes)),
  ];

  return {
    /**
     * Looks at everything, and says what is to be told. Idempotent because it only reads, and notes the pauses as they
     * are: what was told before is told apart by the ledger's keys, which come from the scheduled time.
     */
    async checkMaintenance({ at }: { at: string }): Promise<GuardReport> {
      const instant = new Date(at);
      const alerts = once(() => readUnanswered(ops));
      const noting = within(LOOK_MS, notePauses?.() ?? Promise.resolve()).catch((error: unknown) => {
        log.warn('the pauses could not be noted', { error: String(error) });
      });
      const looks = await Promise.all(
        checks.map((check) => within(LOOK_MS, look(check, instant, timeZone, alerts)).catch(blind(check))),
      );
      await noting;
      const unknown = looks.filter(({ sight }) => sight.state === 'unknown').map(({ sight }) => sight);
      if (unknown.length > 0) {
        log.warn('the guard could not look at everything', { unknown });
        // The last try tells what the others see.
        if (Context.current().info.attempt < TRIES)
          throw ApplicationFailure.create({ message: blindness(unknown), type: 'GuardBlind' });
      }
      const alive = heartbeat?.alive && (await within(LOOK_MS, heartbeat.alive()).catch(() => false));
      const isWell = unknown.length === 0 && alive !== false;
      return {
        ...(heartbeat ? { heartbeat: isWell ? ('success' as const) : ('fail' as const) } : {}),
        checks: looks.map(({ sight }) => sight),
        notices: looks.flatMap(({ notice }) => (notice ? [notice] : [])),
      };
    },
  };
};

export type GuardActivities = ReturnType<typeof createGuardActivities>;

interface Look {
  sight: Sight;
  notice?: Notice;
}

async function look(
  check: Check,
  at: Date,
  timeZone: string,
  alerts: () => Promise<Map<string, Alert>>,
): Promise<Look> {
  const { name, repeat } = check;
  const verdict = await check.look(at);
  const sight: Sight = { check: name, state: verdict.is };
  if (verdict.is === 'silent') return { sight: { ...sight, why: verdict.why } };
  if (verdict.is === 'found')
    return {
      sight,
      notice: { ...verdict.message, key: alertKey(name, periodOf(verdict.of ?? at, repeat, timeZone)) },
    };
  const alert = verdict.over && (await alerts()).get(name);
  if (verdict.over === undefined || alert === undefined) return { sight };
  return { sight, notice: { ...verdict.over(alert), key: answerKey(name, alert.period) } };
}

const UNDEFINED_TABLE = '42P01';

/** Why a check cannot see. The driver's text may name a host and a user; its code is enough to look it up. */
const blind =
  ({ name }: Check) =>
  (error: unknown): Look => {
    const { code, name: kind } = error as { code?: unknown; name?: string };
    const why =
      code === UNDEFINED_TABLE
        ? 'the operations database is older than this program: talos database apply'
        : `no answer (${typeof code === 'string' || typeof code === 'number' ? code : (kind ?? 'unknown')})`;
    return { sight: { check: name, state: 'unknown', why } };
  };

const blindness = (unknown: readonly Sight[]): string =>
  unknown.map(({ check, why }) => `${check}: ${why ?? ''}`).join('; ');

function once<Value>(get: () => Promise<Value>): () => Promise<Value> {
  let value: Promise<Value> | undefined;
  return () => (value ??= get());
}

async function within<Value>(milliseconds: number, work: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error('late'), { code: 'ETIMEDOUT' })), milliseconds);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

import type { ListedAlert } from '../alerts/list.ts';
import type { AlertView } from '../alerts/view.ts';
import { createFormatter } from '../notifications/index.ts';

export const ALERT_COLUMNS = ['ALERT', 'LEVEL', 'RULE', 'TARGET', 'STATE', 'SINCE', 'LASTING', 'WHAT'];

/** `14:03` today, `21 Nov 14:03` before, in the policy's zone. */
function clock(at: string, now: number, timeZone: string): string {
  const day = (instant: number) => new Date(instant).toLocaleDateString('en-GB', { timeZone });
  const time = new Date(at).toLocaleTimeString('en-GB', { timeZone, hour: '2-digit', minute: '2-digit' });
  if (day(Date.parse(at)) === day(now)) return time;
  return `${new Date(at).toLocaleDateString('en-GB', { timeZone, day: '2-digit', month: 'short' })} ${time}`;
}

const plain = (text: string): string => text.replace(/[\u00A0\u202F]/g, ' ');

const lasting = (from: string, to: number): string =>
  plain(createFormatter('en').duration(Math.max(0, (to - Date.parse(from)) / 1_000)));

const figure = ({ reason, value, threshold, unit = '' }: ListedAlert['data'] | AlertView): string => {
  if (reason !== undefined) return reason;
  if (value === undefined) return '';
  const rounded = Math.round(value * 10) / 10;
  return `${rounded} ${unit}${threshold === undefined ? '' : ` > ${threshold}`}`.replace(/ (%|\/)/, '$1');
};

const stateOf = (alert: ListedAlert, now: number, timeZone: string): string =>
  alert.state === 'silenced' && alert.silencedUntil !== undefined
    ? `silenced to ${clock(alert.silencedUntil, now, timeZone)}`
    : alert.state;

/** Narrow columns first: eighty columns hold all but a long reason. */
export const alertRows = (alerts: readonly ListedAlert[], now: number, timeZone: string): string[][] =>
  alerts.map((alert) => [
    `A${alert.alertId}`,
    alert.level,
    alert.rule,
    alert.target,
    stateOf(alert, now, timeZone),
    clock(alert.since, now, timeZone),
    lasting(alert.since, alert.resolvedAt === undefined ? now : Date.parse(alert.resolvedAt)),
    `${alert.test ? '[TEST] ' : ''}${figure(alert.data)}${alert.flaps > 0 ? ` (${alert.flaps} flaps)` : ''}`,
  ]);

/** One fact a line; what the workflow says now goes before what was written down. */
export function showAlert(alert: ListedAlert, live: AlertView | undefined, timeZone: string): string[] {
  const now = Date.now();
  const at = (instant: string) => `${clock(instant, now, timeZone)} (${instant})`;
  const facts: [string, string | undefined][] = [
    ['alert', `A${alert.alertId} ${alert.rule} ${alert.target}${alert.test ? ' [TEST]' : ''}`],
    ['state', live?.state ?? alert.state],
    ['level', live?.level ?? alert.level],
    ['since', at(alert.since)],
    ['lasting', lasting(alert.since, alert.resolvedAt === undefined ? now : Date.parse(alert.resolvedAt))],
    ['what', figure(live ?? alert.data)],
    ...(live?.evidence ?? alert.data.evidence ?? []).map(({ name, value }): [string, string] => [
      name,
      value,
    ]),
    ['down with it', (live?.affected ?? alert.data.affected)?.join(', ')],
    ['our own job', live?.ownJob ?? alert.data.ownJob],
    ['acknowledged', alert.acknowledgedAt && `${at(alert.acknowledgedAt)} by ${alert.acknowledgedBy ?? '?'}`],
    ['silenced until', alert.silencedUntil && `${at(alert.silencedUntil)} by ${alert.silencedBy ?? '?'}`],
    ['well since', live?.recoveringSince && at(live.recoveringSince)],
    ['resolved', alert.resolvedAt && `${at(alert.resolvedAt)} by ${alert.resolvedBy ?? '?'}`],
    ['flaps', alert.flaps > 0 ? String(live?.flaps ?? alert.flaps) : undefined],
    ['reminders', live && live.reminders > 0 ? String(live.reminders) : undefined],
    ['channels', live && list(live.channels)],
    ['on its way', live?.underWay.join(', ')],
    ['next', live?.nextAt && at(live.nextAt)],
    ['workflow', alert.workflowId],
  ];
  const known = facts.filter((fact): fact is [string, string] => Boolean(fact[1]));
  const width = Math.max(...known.map(([name]) => name.length));
  return known.map(([name, value]) => `${name.padEnd(width)}  ${value}`);
}

const list = (channels: Record<string, string>): string =>
  Object.entries(channels)
    .map(([channel, outcome]) => `${channel} ${outcome}`)
    .join(', ');

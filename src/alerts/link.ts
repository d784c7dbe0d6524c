import { isToken, pageUrl, signToken } from '../links/index.ts';

const textOf = (alertId: number): string => `acknowledge|${alertId}`;

/** The address that acknowledges one alert, with a key of its own. Made while sending: it stands in no history. */
export const alertLink = (publicUrl: string, key: string, alertId: number): string =>
  pageUrl(publicUrl, `a/${alertId}.${signToken(key, textOf(alertId))}`);

/** The alert that `17.token` opens; undefined when it was not signed with this key. */
export function readAlertLink(key: string, text: string): number | undefined {
  const [, digits = '', token = ''] = /^([1-9]\d{0,14})\.([A-Za-z0-9_-]{22})$/.exec(text) ?? [];
  if (digits === '') return undefined;
  const alertId = Number(digits);
  return isToken(key, textOf(alertId), token) ? alertId : undefined;
}

import { createHmac, timingSafeEqual } from 'node:crypto';

/** 128 bits: what nobody guesses, and an SMS can carry. */
const TOKEN_BYTES = 16;

const tokenOf = (key: string, alertId: number): Buffer =>
  createHmac('sha256', key).update(`acknowledge|${alertId}`).digest().subarray(0, TOKEN_BYTES);

/** The address that acknowledges one alert, with a key of its own. Made while sending: it stands in no history. */
export function alertLink(publicUrl: string, key: string, alertId: number): string {
  const base = publicUrl.endsWith('/') ? publicUrl : `${publicUrl}/`;
  return new URL(`a/${alertId}.${tokenOf(key, alertId).toString('base64url')}`, base).href;
}

/** The alert that `17.token` opens; undefined when it was not signed with this key. */
export function readAlertLink(key: string, text: string): number | undefined {
  const [, digits = '', token = ''] = /^([1-9]\d{0,14})\.([A-Za-z0-9_-]{22})$/.exec(text) ?? [];
  if (digits === '') return undefined;
  const alertId = Number(digits);
  const given = Buffer.from(token, 'base64url');
  return given.length === TOKEN_BYTES && timingSafeEqual(given, tokenOf(key, alertId)) ? alertId : undefined;
}

import { createHmac, timingSafeEqual } from 'node:crypto';

/** 128 bits: what nobody guesses, and an SMS can carry. */
const TOKEN_BYTES = 16;

const digest = (key: string, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest().subarray(0, TOKEN_BYTES);

/** Signs what a link stands for: its purpose first, so that a link for one thing never opens another. */
export const signToken = (key: string, text: string): string => digest(key, text).toString('base64url');

export function isToken(key: string, text: string, token: string): boolean {
  const given = Buffer.from(token, 'base64url');
  return given.length === TOKEN_BYTES && timingSafeEqual(given, digest(key, text));
}

/** The address of a page below PUBLIC_URL, which may have a folder. */
export const pageUrl = (publicUrl: string, path: string): string =>
  new URL(path, publicUrl.endsWith('/') ? publicUrl : `${publicUrl}/`).href;

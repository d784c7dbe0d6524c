/** Tokens, and who may read the status page and the metrics. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { Context } from 'hono';
import type { Config } from '../config/index.ts';

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Digests have one length: neither the secret nor its length shows in the time this takes. */
export const isSame = (given: string, secret: string): boolean =>
  timingSafeEqual(digest(given), digest(secret));

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|::1)$/i;
const hostOf = (url: string): string => new URL(url).hostname.replace(/^\[|\]$/g, '');

/** Set by proxies: then whoever asks is not on this machine. */
const FORWARDED = ['forwarded', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip', 'via'];

/**
 * Without a token only where nobody else can come: bound to the loopback, no public address (then a proxy may stand in
 * front, which is on the loopback too), and asked for by a name of the loopback, so that a page elsewhere whose name was
 * made to lead here (DNS rebinding) reads nothing.
 */
const isOwnMachine = (context: Context, { environment }: Pick<Config, 'environment'>): boolean =>
  LOOPBACK.test(environment.httpBind.host) &&
  (environment.publicUrl === undefined || LOOPBACK.test(hostOf(environment.publicUrl))) &&
  LOOPBACK.test(hostOf(context.req.url)) &&
  FORWARDED.every((name) => context.req.header(name) === undefined);

/** Undefined: come in. STATUS_TOKEN reads only: a monitoring that holds it can start no backup. */
export function refuseReader(context: Context, config: Pick<Config, 'environment'>): Response | undefined {
  const { statusToken } = config.environment;
  if (statusToken === undefined)
    return isOwnMachine(context, config)
      ? undefined
      : context.text('Not to be read from here: STATUS_TOKEN is not set.\n', 403);
  const given = tokenOf(context);
  if (given !== undefined && isSame(given, statusToken)) return undefined;
  context.header('WWW-Authenticate', 'Basic realm="talos", charset="UTF-8"');
  return context.text('Any name, and STATUS_TOKEN as the password; or as a bearer token.\n', 401);
}

/** As bearer token, or as the password of any name, which browsers ask for. Never of the URL: logs keep it. */
export function tokenOf(context: Context): string | undefined {
  const header = context.req.header('Authorization') ?? '';
  const [, bearer, basic] = /^(?:Bearer +(\S+)|Basic +(\S+))$/i.exec(header) ?? [];
  return bearer ?? (basic && Buffer.from(basic, 'base64').toString().split(':').slice(1).join(':'));
}

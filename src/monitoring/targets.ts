/** What availability probes: the application, n8n, Supabase, the database, the server, and what the policy adds. */
import { probeHttp, type HttpProbe } from '../clients/http-probe.ts';
import type { PostgresMonitor } from '../clients/postgres-monitor.ts';
import { TOO_MANY_CLIENTS } from '../clients/postgres-monitor.ts';
import type { Probe } from '../clients/probe.ts';
import { probeTcp } from '../clients/tcp-probe.ts';

export interface Target {
  /** As alerts call it. */
  name: string;
  /** On this machine: our own line says nothing of it. */
  loopback: boolean;
  probe(signal: AbortSignal): Promise<Probe>;
}

/** `monitoring` of the policy, as far as targets need it. */
export interface TargetPolicy {
  timeoutSeconds: number;
  app: { path?: string; bodyContains?: string };
  supabase: { table?: string };
  http: readonly { name: string; url: string; status?: number; bodyContains?: string }[];
  tcp: readonly { name: string; address: string }[];
  controls: readonly string[];
}

export interface TargetSettings {
  policy: TargetPolicy;
  appUrl?: string;
  n8n?: { url: string };
  supabase?: { url: string; serviceRoleKey: string };
  /** Where sshd listens. */
  vps?: { host: string; port: number };
  database: PostgresMonitor;
}

export interface Targets {
  targets: Target[];
  /** Parts that are not watched, and the setting that would change it. */
  missing: string[];
}

export const isLoopback = (host: string): boolean =>
  /^(?:localhost|127\.\d+\.\d+\.\d+|\[?::1\]?|)$/.test(host) || host.startsWith('/');

export function parseAddress(address: string): { host: string; port: number } {
  const colon = address.lastIndexOf(':');
  return {
    host: address.slice(0, colon).replace(/^\[|\]$/g, ''),
    port: Number(address.slice(colon + 1)),
  };
}

/** The key was changed or has no right to it: our settings are at fault. */
const OUR_KEY = [401, 403];

/** While it starts, n8n says 200 to anything, with a text. */
async function probeN8n(url: string, timeoutMs: number, signal: AbortSignal): Promise<Probe> {
  const ask = (path: string): Promise<HttpProbe> =>
    probeHttp({ url: `${url}${path}`, contentType: /json/, ours: OUR_KEY, timeoutMs, signal });
  const ready = await ask('/healthz/readiness');
  if (/n8n is starting up/i.test(ready.body ?? '')) return { ...ready, state: 'unknown', reason: 'starting' };
  // Older versions know no readiness.
  if (ready.status === 404) return ask('/healthz');
  return ready;
}

/** Three services behind one gateway: what is worst speaks for all. */
async function probeSupabase(
  { url, serviceRoleKey }: { url: string; serviceRoleKey: string },
  table: string | undefined,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Probe> {
  const headers = { apikey: serviceRoleKey, authorization: `Bearer ${serviceRoleKey}` };
  const ask = (path: string, ours: number[] = []): Promise<HttpProbe> =>
    probeHttp({
      url: `${url}${path}`,
      headers,
      // Followed, it would take the key to another host.
      redirects: 0,
      ours: [...OUR_KEY, ...ours],
      timeoutMs,
      signal,
    });
  const services = await Promise.all([
    ask('/auth/v1/health').then((probe) => ({ service: 'auth', probe })),
    ask('/storage/v1/status').then((probe) => ({ service: 'storage', probe })),
    // A table that is not there is a slip in the policy.
    ...(table === undefined
      ? []
      : [
          ask(`/rest/v1/${table}?select=*&limit=1`, [400, 404, 406]).then((probe) => ({
            service: 'rest',
            probe,
          })),
        ]),
  ]);
  const worst =
    services.find(({ probe }) => probe.state === 'down') ??
    services.find(({ probe }) => probe.state === 'unknown');
  const slowest = services.map(({ probe }) => probe).sort((a, b) => b.phases.total - a.phases.total)[0];
  const { state, reason, detail, phases, certificateDays } = (worst?.probe ?? slowest) as HttpProbe;
  const found = { state, detail, phases, certificateDays };
  return worst ? { ...found, reason: `${worst.service} ${reason ?? ''}` } : found;
}

/** A connection that was lost is no outage while a new one is taken; a full server is a finding of its own. */
async function probeDatabase(database: PostgresMonitor): Promise<Probe> {
  const kept = await database.ping();
  if (kept.state === 'up') return kept;
  const fresh = await database.connect();
  if (fresh.reason === TOO_MANY_CLIENTS) return { state: 'up', phases: fresh.phases };
  return fresh;
}

export const appTarget = ({
  appUrl,
  policy,
}: Pick<TargetSettings, 'appUrl' | 'policy'>): Target | undefined => {
  if (appUrl === undefined) return undefined;
  const { path = '', bodyContains } = policy.app;
  const timeoutMs = policy.timeoutSeconds * 1000;
  return {
    name: 'app',
    loopback: isLoopback(new URL(appUrl).hostname),
    probe: (signal) => probeHttp({ url: `${appUrl}${path}`, bodyContains, timeoutMs, signal }),
  };
};

export function targetsOf(settings: TargetSettings): Targets {
  const { policy, n8n, supabase, vps, database } = settings;
  const timeoutMs = policy.timeoutSeconds * 1000;
  const app = appTarget(settings);
  const ofUrl = (name: string, url: string, probe: Target['probe']): Target => ({
    name,
    loopback: isLoopback(new URL(url).hostname),
    probe,
  });
  const targets: Target[] = [
    ...(app ? [app] : []),
    ...(n8n ? [ofUrl('n8n', n8n.url, (signal) => probeN8n(n8n.url, timeoutMs, signal))] : []),
    ...(supabase
      ? [
          ofUrl('supabase', supabase.url, (signal) =>
            probeSupabase(supabase, policy.supabase.table, timeoutMs, signal),
          ),
        ]
      : []),
    { name: 'database', loopback: isLoopback(database.host), probe: () => probeDatabase(database) },
    ...(vps
      ? [
          {
            name: 'vps',
            loopback: isLoopback(vps.host),
            probe: (signal: AbortSignal) => probeTcp({ ...vps, timeoutMs, signal }),
          },
        ]
      : []),
    ...policy.http.map(({ name, url, status, bodyContains }) =>
      ofUrl(name, url, (signal) =>
        probeHttp({
          url,
          bodyContains,
          ...(status === undefined ? {} : { status: (code: number) => code === status }),
          timeoutMs,
          signal,
        }),
      ),
    ),
    ...policy.tcp.map(({ name, address }) => {
      const { host, port } = parseAddress(address);
      return {
        name,
        loopback: isLoopback(host),
        probe: (signal: AbortSignal) => probeTcp({ host, port, timeoutMs, signal }),
      };
    }),
  ];
  const missing = [
    ...(app ? [] : ['app: APP_URL is not set']),
    ...(n8n ? [] : ['n8n: N8N_URL or N8N_API_KEY is not set']),
    ...(supabase ? [] : ['supabase: SUPABASE_URL or SUPABASE_SERVICE_ROLE_KEY is not set']),
    ...(supabase && policy.supabase.table === undefined
      ? ['supabase rest: monitoring.supabase.table is not set']
      : []),
    ...(vps ? [] : ['vps: VPS_HOST is not set']),
  ];
  return { targets, missing };
}

/** Tells an outside service that we live: its alarm rings when nobody tells it any more. The address is the secret. */

export type HeartbeatEvent = 'start' | 'success' | 'fail';

const TIMEOUT_MS = 5_000;
const UUID = /\/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** Where an event goes; undefined where the service has no place for it. Told apart by the form of their addresses. */
export function heartbeatUrl(url: string, event: HeartbeatEvent): string | undefined {
  if (event === 'success') return url;
  const { pathname, search, origin, hostname } = new URL(url);
  const path = pathname.replace(/\/$/, '');
  const below = `${origin}${path}/${event}${search}`;
  // healthchecks.io (also one's own): `/<uuid>`, `/<ping key>/<slug>`.
  if (hostname === 'hc-ping.com' || UUID.test(path)) return below;
  // BetterStack knows no start.
  if (path.includes('/api/v1/heartbeat/')) return event === 'fail' ? below : undefined;
  // UptimeRobot, and whatever else takes a plain GET.
  return undefined;
}

/** False when it was not taken; why stays here, for an error of `fetch` may hold the address. */
export async function pingHeartbeat(
  url: string,
  event: HeartbeatEvent,
  signal?: AbortSignal,
): Promise<boolean> {
  const target = heartbeatUrl(url, event);
  if (target === undefined) return true;
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  try {
    const answer = await fetch(target, {
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      headers: { 'user-agent': 'talos-monitor', connection: 'close' },
    });
    await answer.body?.cancel();
    return answer.ok;
  } catch {
    return false;
  }
}

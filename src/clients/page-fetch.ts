/** How long a page takes with what it needs from its own origin: a stand-in where no browser reports it. */
import { classOf, ProbeFailure } from './probe.ts';

export interface PageFetchOptions {
  /** http or https. */
  url: string;
  /** Of the page and all its assets together. */
  timeoutMs?: number;
  signal?: AbortSignal;
}

export interface PageFetch {
  /** Until the last byte of the last asset. Nothing is drawn and no script runs: less than a person waits. */
  ms: number;
  assets: number;
  bytes: number;
}

const TIMEOUT_MS = 20_000;
const PAGE_BYTES = 2_000_000;
const ALL_BYTES = 30_000_000;
const MOST_ASSETS = 60;
/** As many as a browser opens to one origin over HTTP/1.1. */
const AT_ONCE = 6;
const REDIRECTS = 5;

const TAGS = /<(script|link|img)\b([^>]*)>/gi;
const LOADED = /\b(?:stylesheet|preload|modulepreload|icon)\b/i;

const attribute = (tag: string, name: string): string | undefined => {
  const [, double, single, bare] =
    new RegExp(`\\s${name}\\s*=\\s*(?:"([^"]*)"|'([^']*)'|([^\\s"'>]+))`, 'i').exec(tag) ?? [];
  return (double ?? single ?? bare)?.replaceAll('&amp;', '&');
};

/** What a browser would load with the page, from its own origin alone; images that wait to be seen are left out. */
export function assetsOf(html: string, page: URL): URL[] {
  const found = new Map<string, URL>();
  for (const [, name = '', tag = ''] of html.replace(/<!--[\s\S]*?-->/g, '').matchAll(TAGS)) {
    const isLink = name.toLowerCase() === 'link';
    if (isLink && !LOADED.test(attribute(tag, 'rel') ?? '')) continue;
    if (/^lazy$/i.test(attribute(tag, 'loading') ?? '')) continue;
    const address = attribute(tag, isLink ? 'href' : 'src');
    const url = address && URL.canParse(address, page.href) ? new URL(address, page) : undefined;
    if (url?.origin !== page.origin) continue;
    url.hash = '';
    if (url.href !== page.href) found.set(url.href, url);
  }
  return [...found.values()].slice(0, MOST_ASSETS);
}

interface Limits {
  signal: AbortSignal;
  bytes: number;
}

const ask = (url: URL, { signal }: Limits): Promise<Response> =>
  fetch(url, {
    signal,
    redirect: 'manual',
    headers: { 'user-agent': 'talos-monitor', 'cache-control': 'no-cache' },
  });

async function read(answer: Response, limits: Limits, most: number): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body ?? []) {
    bytes += (chunk as Uint8Array).length;
    limits.bytes += (chunk as Uint8Array).length;
    if (bytes > most || limits.bytes > ALL_BYTES) throw new ProbeFailure('body', 'too large');
    chunks.push(chunk as Uint8Array);
  }
  return chunks;
}

/** Follows redirects on the same host alone (http → https, / → /login). */
async function open(url: URL, limits: Limits): Promise<{ page: URL; html: string }> {
  let page = url;
  for (let hops = 0; hops <= REDIRECTS; hops += 1) {
    const answer = await ask(page, limits);
    const location = answer.headers.get('location');
    if (answer.status >= 300 && answer.status < 400 && location !== null) {
      await answer.body?.cancel();
      const next = new URL(location, page);
      if (next.hostname !== page.hostname) throw new ProbeFailure('redirects');
      page = next;
      continue;
    }
    if (!answer.ok) {
      await answer.body?.cancel();
      throw new ProbeFailure(`status ${String(answer.status)}`);
    }
    return { page, html: Buffer.concat(await read(answer, limits, PAGE_BYTES)).toString('utf8') };
  }
  throw new ProbeFailure('redirects');
}

/** Rejects with a `ProbeFailure`: a page that is not there has no load time. A missing asset takes its time and no more. */
export async function fetchPage({ url, timeoutMs, signal }: PageFetchOptions): Promise<PageFetch> {
  const deadline = AbortSignal.timeout(timeoutMs ?? TIMEOUT_MS);
  const limits: Limits = { signal: signal ? AbortSignal.any([signal, deadline]) : deadline, bytes: 0 };
  const began = performance.now();
  try {
    const { page, html } = await open(new URL(url), limits);
    const assets = assetsOf(html, page);
    const waiting = [...assets];
    const load = async (): Promise<void> => {
      for (let asset = waiting.shift(); asset; asset = waiting.shift())
        await read(await ask(asset, limits), limits, ALL_BYTES);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, load));
    return { ms: performance.now() - began, assets: assets.length, bytes: limits.bytes };
  } catch (error) {
    signal?.throwIfAborted();
    throw deadline.aborted ? new ProbeFailure('timeout') : classOf(error);
  }
}

import http from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { freePort } from '../monitoring/support.ts';
import { assetsOf, fetchPage } from '../../src/clients/page-fetch.ts';

const servers: http.Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(answer: http.RequestListener): Promise<string> {
  const server = http.createServer(answer).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

const reasonOf = (page: Promise<unknown>): Promise<string> =>
  page.then(
    () => 'loaded',
    (error: { reason: string }) => error.reason,
  );

describe('assets of a page', () => {
  const page = new URL('https://app.example/start/');
  const found = (html: string): string[] => assetsOf(html, page).map(({ href }) => href);

  it('are scripts, styles, icons, preloads and images of its own origin, each once', () => {
    expect(
      found(`<!doctype html><link rel="stylesheet" href="/a.css?x=1&amp;y=2"><link rel=icon href=icon.png>
        <link rel='preload' href='/font.woff2' as=font><link rel="canonical" href="/start/other">
        <SCRIPT async src="/a.js"></SCRIPT><script>let src="/no.js"</script><script src="/a.js#again"></script>
        <img alt="x" src="https://app.example/b.png"><img loading="lazy" src="/c.png"><img data-src="/d.png">
        <!-- <img src="/e.png"> --><script src="https://cdn.example/x.js"></script><img src="data:image/png;base64,AA">
        <script src="//app.example/f.js"></script><img src="http://app.example/g.png"><img src="https://[bad">`),
    ).toEqual([
      ...['https://app.example/a.css?x=1&y=2', 'https://app.example/start/icon.png'],
      ...['https://app.example/font.woff2', 'https://app.example/a.js', 'https://app.example/b.png'],
      'https://app.example/f.js',
    ]);
  });

  it('are 60 at the most', () => {
    expect(
      found(Array.from({ length: 200 }, (_, n) => `<img src="/${String(n)}.png">`).join('')),
    ).toHaveLength(60);
  });
});

describe('the fetch of a page', () => {
  it('lasts until the last asset is there, follows the page to its login, and asks no other origin', async () => {
    const asked: string[] = [];
    const other = await serve((request, response) => {
      asked.push(`other ${request.url ?? ''}`);
      response.end();
    });
    const url = await serve((request, response) => {
      asked.push(request.url ?? '');
      if (request.url === '/') return void response.writeHead(302, { location: '/login' }).end();
      if (request.url === '/slow.js') return void setTimeout(() => response.end('x'.repeat(1000)), 300);
      if (request.url === '/gone.css') return void response.writeHead(404).end();
      response.end(
        `<link rel=stylesheet href=/gone.css><script src=/slow.js></script><img src="${other}/x.png">`,
      );
    });
    const { ms, assets, bytes } = await fetchPage({ url });
    expect(ms).toBeGreaterThanOrEqual(300);
    expect(assets).toBe(2);
    expect(bytes).toBeGreaterThan(1000);
    expect(asked.sort()).toEqual(['/', '/gone.css', '/login', '/slow.js']);
  });

  it('is no load time where the page is not there, leads elsewhere, has no end or comes too late', async () => {
    const answering = (answer: http.RequestListener) =>
      serve(answer).then((url) => reasonOf(fetchPage({ url, timeoutMs: 400 })));
    expect(await answering((_, response) => response.writeHead(503).end())).toBe('status 503');
    expect(
      await answering((_, response) => response.writeHead(302, { location: 'http://localhost:9/' }).end()),
    ).toBe('redirects');
    expect(await answering((_, response) => response.writeHead(302, { location: '/' }).end())).toBe(
      'redirects',
    );
    expect(await answering((_, response) => response.end('x'.repeat(2_000_001)))).toBe('body');
    expect(await answering(() => undefined)).toBe('timeout');
    expect(await reasonOf(fetchPage({ url: `http://127.0.0.1:${String(await freePort())}` }))).toBe(
      'refused',
    );
  });
});

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { probeHttp } from '../../src/clients/http-probe.ts';
import { probeTcp } from '../../src/clients/tcp-probe.ts';
import { makeCertificate } from '../support/certificate.ts';

const servers: net.Server[] = [];

async function listen<Server extends net.Server>(server: Server): Promise<number> {
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as net.AddressInfo).port;
}

async function closedPort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as net.AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const plain = async (answer: http.RequestListener): Promise<string> =>
  `http://127.0.0.1:${String(await listen(http.createServer(answer)))}`;

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'talos-certificates-'));
});
afterAll(async () => {
  for (const server of servers) {
    if (server instanceof http.Server || server instanceof https.Server) server.closeAllConnections();
    server.close();
  }
  rmSync(folder, { recursive: true, force: true });
});

describe('an HTTP probe', () => {
  it('times the phases apart, on a new connection each time', async () => {
    const ports = new Set<number | undefined>();
    const url = await plain((request, response) => {
      ports.add(request.socket.remotePort);
      setTimeout(() => response.end('all is well'), 60);
    });
    for (let time = 0; time < 3; time += 1) {
      const { state, phases, status } = await probeHttp({ url: url.replace('127.0.0.1', 'localhost') });
      expect({ state, status }).toEqual({ state: 'up', status: 200 });
      expect(phases.ttfb).toBeGreaterThan(55);
      expect(phases.dns).toBeDefined();
      expect(phases.tcp).toBeDefined();
      const { dns = 0, tcp = 0, ttfb = 0, total } = phases;
      expect(total).toBeGreaterThanOrEqual(dns + tcp + ttfb);
    }
    expect(ports.size).toBe(3);
  });

  it('says refused, dns and timeout', async () => {
    expect(await probeHttp({ url: `http://127.0.0.1:${String(await closedPort())}` })).toMatchObject({
      state: 'down',
      reason: 'refused',
    });
    expect(await probeHttp({ url: 'http://no-such-host.invalid' })).toMatchObject({
      state: 'down',
      reason: 'dns',
    });
    const silent = await listen(net.createServer());
    const began = performance.now();
    expect(await probeHttp({ url: `http://127.0.0.1:${String(silent)}`, timeoutMs: 300 })).toMatchObject({
      state: 'down',
      reason: 'timeout',
    });
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  it('has one deadline over all phases, also for a body that comes drop by drop', async () => {
    const url = await plain((_request, response) => {
      const drops = setInterval(() => response.write('.'), 50);
      response.on('close', () => clearInterval(drops));
    });
    expect(await probeHttp({ url, timeoutMs: 400 })).toMatchObject({ state: 'down', reason: 'timeout' });
  });

  it('says reset for a connection that is closed before or within an answer, or speaks something else', async () => {
    const slam = await listen(net.createServer((socket) => socket.destroy()));
    expect(await probeHttp({ url: `http://127.0.0.1:${String(slam)}` })).toMatchObject({ reason: 'reset' });
    const babble = await listen(net.createServer((socket) => socket.end('220 smtp ready\r\n')));
    expect(await probeHttp({ url: `http://127.0.0.1:${String(babble)}` })).toMatchObject({ reason: 'reset' });
    const cut = await plain((_request, response) => {
      response.writeHead(200, { 'content-length': '100' });
      response.write('half');
      setTimeout(() => response.destroy(), 20);
    });
    expect(await probeHttp({ url: cut })).toMatchObject({ state: 'down', reason: 'reset' });
  });

  it('judges status, body and content type', async () => {
    const url = await plain((request, response) => {
      const status = Number(request.url?.slice(1));
      response.writeHead(status, { 'content-type': 'text/html' }).end('<h1>Maintenance</h1>');
    });
    const probe = (status: number, more: object = {}) =>
      probeHttp({ url: `${url}/${String(status)}`, ...more });
    expect(await probe(503)).toMatchObject({ state: 'down', reason: 'status 503' });
    expect(await probe(200, { bodyContains: 'TalosPrimes' })).toMatchObject({ reason: 'body' });
    expect(await probe(200, { contentType: /json/ })).toMatchObject({ reason: 'content-type' });
    expect(await probe(401, { ours: [401] })).toMatchObject({ state: 'unknown', reason: 'status 401' });
    expect(await probe(404, { status: (code: number) => code === 404 })).toMatchObject({ state: 'up' });
  });

  it('reads 64 KiB of a body that never ends', async () => {
    const url = await plain((_request, response) => {
      const more = () => {
        while (response.writable && response.write('x'.repeat(65_536)));
      };
      response.on('drain', more);
      more();
    });
    const { state, body } = await probeHttp({ url });
    expect({ state, bytes: body?.length }).toEqual({ state: 'up', bytes: 65_536 });
  });

  it('follows redirects, counts them, and gives up on a circle', async () => {
    const url = await plain((request, response) => {
      if (request.url === '/end') response.end('here');
      else response.writeHead(302, { location: request.url === '/circle' ? '/circle' : '/end' }).end();
    });
    expect(await probeHttp({ url })).toMatchObject({ state: 'up', redirects: 1 });
    expect(await probeHttp({ url: `${url}/circle` })).toMatchObject({ state: 'down', reason: 'redirects' });
    expect(await probeHttp({ url, redirects: 0 })).toMatchObject({ state: 'down', reason: 'status 302' });
  });

  it('tells an expired, a strange and a good certificate apart, with their days', async () => {
    let asked = 0;
    const secure = async (days: number): Promise<{ url: string; ca: string }> => {
      const { key, cert } = makeCertificate(folder, `days${String(days)}`, days);
      const server = https.createServer({ key, cert }, (_request, response) => {
        asked += 1;
        response.end('ok');
      });
      return { url: `https://127.0.0.1:${String(await listen(server))}`, ca: cert };
    };
    expect(await probeHttp(await secure(-2))).toMatchObject({
      state: 'down',
      reason: 'tls',
      detail: 'CERT_HAS_EXPIRED',
      certificateDays: -3,
    });
    const good = await secure(14);
    const strange = await probeHttp({ url: good.url, headers: { apikey: 'secret' } });
    expect(strange).toMatchObject({ state: 'down', reason: 'tls', certificateDays: 13 });
    expect(strange.detail).toMatch(/SELF_SIGNED/);
    // Nothing was said to a server that is not trusted.
    expect(asked).toBe(0);
    const { phases, ...seen } = await probeHttp(good);
    expect(seen).toMatchObject({ state: 'up', certificateDays: 13 });
    expect(phases.tls).toBeGreaterThan(0);
    const plainPort = new URL(await plain((_request, response) => response.end())).port;
    expect(await probeHttp({ url: `https://127.0.0.1:${plainPort}` })).toMatchObject({ reason: 'tls' });
  });

  it('stops with the signal of its caller, and only then rejects', async () => {
    const silent = await listen(net.createServer());
    const signal = AbortSignal.timeout(50);
    await expect(probeHttp({ url: `http://127.0.0.1:${String(silent)}`, signal })).rejects.toThrow();
  });
});

describe('a TCP probe', () => {
  it('says up, refused and dns', async () => {
    const port = await listen(net.createServer());
    expect(await probeTcp({ host: '127.0.0.1', port })).toMatchObject({ state: 'up' });
    expect(await probeTcp({ host: 'localhost', port })).toMatchObject({ state: 'up' });
    expect(await probeTcp({ host: '127.0.0.1', port: await closedPort() })).toMatchObject({
      reason: 'refused',
    });
    expect(await probeTcp({ host: 'no-such-host.invalid', port })).toMatchObject({ reason: 'dns' });
  });
});

import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { createApp } from './app.ts';
import type { HttpDeps } from './app.ts';

export interface HttpServer {
  url: string;
  /** Takes no new request, and lets the ones under way end. */
  close(): Promise<void>;
}

const DRAIN_MS = 5000;

export async function startHttpServer(deps: HttpDeps): Promise<HttpServer> {
  const { host, port } = deps.config.environment.httpBind;
  const server = createAdaptorServer({ fetch: createApp(deps).fetch }) as Server;
  server.requestTimeout = 30_000;
  server.listen(port, host);
  try {
    await once(server, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const why = code === 'EADDRINUSE' ? 'the port is in use' : (code ?? String(error));
    throw new Error(`HTTP cannot listen on ${host}:${port} (HTTP_BIND): ${why}`, { cause: error });
  }
  const name = host.includes(':') ? `[${host}]` : host;
  return {
    url: `http://${name}:${(server.address() as AddressInfo).port}`,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeIdleConnections();
      const timer = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
      await closed.finally(() => clearTimeout(timer));
    },
  };
}

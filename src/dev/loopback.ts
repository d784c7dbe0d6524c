import { serve } from '@hono/node-server';
import type { Hono } from 'hono';
import { HOST } from './ports.ts';

export interface LoopbackServer {
  url: string;
  stop(): Promise<void>;
}

/** Serves an application on the loopback only; port 0 is any free one. */
export function serveLoopback(app: Hono, port: number): Promise<LoopbackServer> {
  return new Promise((resolve, reject) => {
    const server = serve({ fetch: app.fetch, hostname: HOST, port }, (bound) =>
      resolve({
        url: `http://${HOST}:${String(bound.port)}`,
        stop: () =>
          new Promise((stopped) => {
            server.close(() => stopped());
            // Keep-alive connections of clients would hold the server open.
            if ('closeAllConnections' in server) server.closeAllConnections();
          }),
      }),
    );
    // No connection outlives its request: a stand-in that was started anew is met on a new one.
    if ('maxRequestsPerSocket' in server) server.maxRequestsPerSocket = 1;
    server.once('error', reject);
  });
}

/** Temporal's own metrics of this process's worker, from where its runtime answers. */
import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

const ANSWER_MS = 1_000;

/** A free one of the loopback: the runtime wants to be told one, and does not say which it took. */
export async function freeAddress(): Promise<string> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return `127.0.0.1:${String(port)}`;
}

/** Its families as text; nothing where this process has no worker, or the runtime says nothing in time. */
export async function workerMetrics(address: string | undefined): Promise<string> {
  if (address === undefined) return '';
  try {
    const response = await fetch(`http://${address}/metrics`, { signal: AbortSignal.timeout(ANSWER_MS) });
    return response.ok ? await response.text() : '';
  } catch {
    return '';
  }
}

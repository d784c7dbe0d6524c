import { createServer } from 'node:net';

export const HOST = '127.0.0.1';

/** Every port of the stack, with the usual number of each, in the order `--port-base` counts them. */
export const DEFAULT_PORTS = {
  http: 3000,
  temporal: 7233,
  temporalUi: 8233,
  // Not 5432, where many machines have a PostgreSQL of their own.
  postgres: 15432,
  s3: 9000,
  smtp: 1025,
  inbox: 1080,
  sms: 4010,
  app: 4000,
  n8n: 5678,
} as const;

export type PortName = keyof typeof DEFAULT_PORTS;
export type Ports = Record<PortName, number>;

const LABELS: Record<PortName, string> = {
  http: 'status page and webhooks',
  temporal: 'Temporal',
  temporalUi: 'Temporal Web UI',
  postgres: 'PostgreSQL',
  s3: 'S3 store',
  smtp: 'mail inbox, SMTP',
  inbox: 'mail inbox, page',
  sms: 'SMS sink',
  app: 'demo application',
  n8n: 'n8n stand-in',
};

/** Below the range the system gives to outgoing connections (from 32768 on Linux), so that none is taken in between. */
const FREE_FROM = 20_000;
const FREE_TO = 32_000;
const FREE_ATTEMPTS = 50;

/** Chooses the ports and makes sure that each one is free. */
export async function choosePorts(base: number | 'free' | undefined): Promise<Ports> {
  if (base === 'free') return freePorts();
  const names = Object.keys(DEFAULT_PORTS) as PortName[];
  const ports = Object.fromEntries(
    names.map((name, index) => [name, base === undefined ? DEFAULT_PORTS[name] : base + index]),
  ) as Ports;
  const busy: string[] = [];
  for (const name of names) {
    if (!(await isFree(ports[name]))) busy.push(`port ${ports[name]} (${LABELS[name]})`);
  }
  if (busy.length > 0) {
    throw new Error(
      `${busy.join(', ')} ${busy.length === 1 ? 'is' : 'are'} taken by another program. ` +
        `Stop it, or move the whole stack: --port-base 17000`,
    );
  }
  return ports;
}

async function freePorts(): Promise<Ports> {
  const names = Object.keys(DEFAULT_PORTS) as PortName[];
  for (let attempt = 0; attempt < FREE_ATTEMPTS; attempt += 1) {
    const base = FREE_FROM + Math.floor(Math.random() * (FREE_TO - FREE_FROM));
    const free = await Promise.all(names.map((_, index) => isFree(base + index)));
    if (free.every(Boolean)) {
      return Object.fromEntries(names.map((name, index) => [name, base + index])) as Ports;
    }
  }
  throw new Error(`no ${names.length} free ports in a row between ${FREE_FROM} and ${FREE_TO}`);
}

export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: HOST, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

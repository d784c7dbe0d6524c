/** The demo application as monitoring sees it: its own health route, and the services of a Supabase project. */
import { Hono } from 'hono';
import { createPostgres } from '../clients/postgres.ts';
import { serveLoopback } from './loopback.ts';
import type { LoopbackServer } from './loopback.ts';

export interface DemoSaasOptions {
  port: number;
  databaseUrl: string;
  serviceRoleKey: string;
  /** Asked on each request: broken on purpose, by `talos demo`. */
  isBroken?: (what: 'app' | 'supabase') => boolean;
}

const NAME = /^[a-z_][a-z0-9_]{0,62}$/;
const MAX_ROWS = 1000;

export async function startDemoSaas(options: DemoSaasOptions): Promise<LoopbackServer> {
  const database = createPostgres({ url: options.databaseUrl, applicationName: 'talos-demo-saas', max: 2 });
  const { isBroken = () => false } = options;
  const app = new Hono();

  app.get('/', (context) =>
    context.html('<!doctype html><title>TalosPrimes (démo)</title><h1>TalosPrimes</h1>'),
  );
  app.get('/health', (context) =>
    isBroken('app') ? context.json({ status: 'error' }, 503) : context.json({ status: 'ok' }),
  );
  app.get('/api/health', async (context) => {
    const reached = await database.query('select 1').then(
      () => true,
      () => false,
    );
    return context.json(
      { status: reached ? 'ok' : 'error', database: reached ? 'ok' : 'unreachable' },
      reached ? 200 : 503,
    );
  });

  for (const service of ['auth', 'rest', 'storage'])
    app.use(`/${service}/v1/*`, async (context, next) => {
      if (isBroken('supabase')) return context.json({ message: 'Service Unavailable' }, 503);
      await next();
    });

  app.get('/auth/v1/health', (context) =>
    context.json({
      version: 'v2.180.0',
      name: 'GoTrue',
      description: 'GoTrue is a user registration and authentication API',
    }),
  );
  app.get('/storage/v1/status', (context) => context.body(null, 200));

  app.use('/rest/v1/*', async (context, next) => {
    const key = context.req.header('apikey');
    if (key === undefined) return context.json({ message: 'No API key found in request' }, 401);
    if (key !== options.serviceRoleKey) return context.json({ message: 'Invalid API key' }, 401);
    await next();
  });
  app.get('/rest/v1/:table', async (context) => {
    const table = context.req.param('table');
    const columns = (context.req.query('select') ?? '*').split(',');
    const limit = Math.min(Number(context.req.query('limit') ?? MAX_ROWS), MAX_ROWS);
    // Names stand in the statement itself, hence nothing but plain ones.
    if (!NAME.test(table) || !columns.every((name) => name === '*' || NAME.test(name)) || !(limit >= 0)) {
      return context.json(
        { code: 'PGRST100', message: 'failed to parse the request', details: null, hint: null },
        400,
      );
    }
    const quoted = columns.map((name) => (name === '*' ? name : `"${name}"`)).join(', ');
    try {
      const rows = await database.query(`select ${quoted} from public."${table}" limit $1`, [limit]);
      const range = rows.length === 0 ? '*/*' : `0-${rows.length - 1}/*`;
      return context.json(rows, 200, { 'content-range': range });
    } catch (error) {
      const { code = 'PGRST000', message } = error as Error & { code?: string };
      const status = code === '42P01' ? 404 : code.startsWith('42') ? 400 : 503;
      return context.json({ code, message, details: null, hint: null }, status);
    }
  });

  const server = await serveLoopback(app, options.port).catch(async (error: unknown) => {
    await database.close();
    throw error;
  });
  return {
    url: server.url,
    async stop() {
      await server.stop();
      await database.close();
    },
  };
}

/** Stands in for n8n: the shapes of its public API v1 that we use, and its health routes. */
import { Hono } from 'hono';
import type { Context } from 'hono';
import { serveLoopback } from './loopback.ts';
import type { LoopbackServer } from './loopback.ts';
import { demoWorkflows, Executions } from './n8n-executions.ts';

export interface N8nOptions {
  port: number;
  apiKey: string;
  /** Keeps the executions once some were deleted. */
  file: string;
  now: Date;
  /** Asked on each request: broken on purpose, by `talos demo`. */
  isBroken?: () => boolean;
}

const DEFAULT_LIMIT = 100;
const MAX_LIMIT = 250;
const STATUSES = ['canceled', 'crashed', 'error', 'new', 'running', 'success', 'unknown', 'waiting'];

export function startN8n(options: N8nOptions): Promise<LoopbackServer> {
  const workflows = demoWorkflows(options.now);
  const executions = new Executions(options.file, options.now);
  const app = new Hono();
  app.get('/healthz', (context) => context.json({ status: 'ok' }));
  app.get('/healthz/readiness', (context) =>
    options.isBroken?.() ? context.json({ status: 'error' }, 503) : context.json({ status: 'ok' }),
  );

  app.use('/api/v1/*', async (context, next) => {
    const key = context.req.header('x-n8n-api-key');
    if (key === undefined) return context.json({ message: "'X-N8N-API-KEY' header required" }, 401);
    if (key !== options.apiKey) return context.json({ message: 'unauthorized' }, 401);
    await next();
  });

  app.get('/api/v1/workflows', (context) => {
    const limit = limitOf(context);
    if (limit === undefined) return refuse(context, 'request/query/limit must be <= 250');
    const active = context.req.query('active');
    const matching = workflows.filter(
      (workflow) => active === undefined || String(workflow.active) === active,
    );
    const { offset = 0 } = cursorOf(context);
    const next = offset + limit < matching.length ? cursor({ limit, offset: offset + limit }) : null;
    return context.json({ data: matching.slice(offset, offset + limit), nextCursor: next });
  });

  app.get('/api/v1/executions', (context) => {
    const limit = limitOf(context);
    if (limit === undefined) return refuse(context, 'request/query/limit must be <= 250');
    const { status, workflowId } = context.req.query();
    if (status !== undefined && !STATUSES.includes(status)) {
      return refuse(
        context,
        `request/query/status must be equal to one of the allowed values: ${STATUSES.join(', ')}`,
      );
    }
    // The cursor is the last id seen, so that a deletion between two pages skips nothing.
    const { lastId = Number.POSITIVE_INFINITY } = cursorOf(context);
    const matching = executions.list(
      (execution) =>
        execution.id < lastId &&
        (status ?? execution.status) === execution.status &&
        (workflowId ?? execution.workflowId) === execution.workflowId,
    );
    const data = matching.slice(0, limit);
    const more = matching.length > data.length;
    return context.json({ data, nextCursor: more ? cursor({ limit, lastId: data.at(-1)?.id }) : null });
  });

  const one = (context: Context) => Number(context.req.param('id'));
  app.get('/api/v1/executions/:id', (context) => {
    const [found] = executions.list(({ id }) => id === one(context));
    return found ? context.json(found) : context.json({ message: 'Not Found' }, 404);
  });
  app.delete('/api/v1/executions/:id', (context) => {
    const removed = executions.remove(one(context));
    return removed ? context.json(removed) : context.json({ message: 'Not Found' }, 404);
  });

  return serveLoopback(app, options.port);
}

interface Cursor {
  limit?: number;
  offset?: number;
  lastId?: number;
}

const cursor = (value: Cursor): string => Buffer.from(JSON.stringify(value)).toString('base64');

function cursorOf(context: Context): Cursor {
  const text = context.req.query('cursor');
  return text === undefined ? {} : (JSON.parse(Buffer.from(text, 'base64').toString()) as Cursor);
}

/** Undefined where n8n would refuse the number. A cursor carries the limit of its first page. */
function limitOf(context: Context): number | undefined {
  const limit = cursorOf(context).limit ?? Number(context.req.query('limit') ?? DEFAULT_LIMIT);
  return Number.isInteger(limit) && limit > 0 && limit <= MAX_LIMIT ? limit : undefined;
}

const refuse = (context: Context, message: string) => context.json({ message }, 400);

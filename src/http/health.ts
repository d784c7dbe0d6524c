import { Hono } from 'hono';
import type { HttpDeps } from './app.ts';

const CHECK_MS = 3000;

/** `/health`: this process lives. `/health/ready`: what it needs answers. Neither says why not: anyone may ask. */
export function health({ client, ops }: HttpDeps): Hono {
  const app = new Hono();
  app.get('/', (context) => context.json({ status: 'ok' }));
  app.get('/ready', async (context) => {
    const { namespace } = client.options;
    const [temporal, operationsDatabase] = await Promise.all([
      answers(client.workflowService.describeNamespace({ namespace })),
      answers(ops.query('select 1')),
    ]);
    const ready = temporal && operationsDatabase;
    return context.json(
      { status: ready ? 'ready' : 'not ready', temporal, operationsDatabase },
      ready ? 200 : 503,
    );
  });
  return app;
}

const answers = async (check: Promise<unknown>): Promise<boolean> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), CHECK_MS)));
  const done = check.then(
    () => true,
    () => false,
  );
  return Promise.race([done, late]).finally(() => clearTimeout(timer));
};

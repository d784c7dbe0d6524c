import { Hono } from 'hono';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { SCHEDULE_IDS } from '../../shared/ids.ts';
import { refuseReader } from '../access.ts';
import type { HttpDeps } from '../app.ts';
import { readFacts } from '../status/facts.ts';
import { jobStates } from '../status/jobs.ts';
import { ask } from '../status/known.ts';
import { readReadings } from '../status/read-samples.ts';
import { sourcesOf } from '../status/routes.ts';
import { careFamilies, jobFamilies, readingFamilies, sourceFamily } from './families.ts';
import { readCounts } from './read-counts.ts';
import { workerMetrics } from './worker.ts';

/** Of this process, once: they count from its start. */
let ofProcess: Registry | undefined;

function processRegistry(): Registry {
  if (ofProcess === undefined) {
    ofProcess = new Registry();
    collectDefaultMetrics({ register: ofProcess });
  }
  return ofProcess;
}

/** `GET /metrics`, read anew at each scrape: what the databases say, this process, and its worker. */
export function metrics(deps: HttpDeps): Hono {
  const app = new Hono();
  const { config, ops } = deps;
  processRegistry();

  app.get('/', async (context) => {
    const refused = refuseReader(context, config);
    if (refused) return refused;
    const at = deps.now?.() ?? new Date();
    const quiet = () => undefined;
    const [facts, counts, readings, worker] = await Promise.all([
      readFacts(sourcesOf(deps), at),
      ask(() => readCounts(ops, SCHEDULE_IDS, at), quiet),
      ask(() => readReadings(ops), quiet),
      workerMetrics(deps.workerMetrics),
    ]);
    const registry = new Registry();
    sourceFamily(registry, facts);
    if (facts.ops.known) {
      jobFamilies(registry, facts, jobStates(config, facts), counts.known ? counts.value : []);
      careFamilies(registry, facts.ops.value);
    }
    if (readings.known) readingFamilies(registry, readings.value);
    const texts = [await registry.metrics(), await processRegistry().metrics(), worker];
    return context.body(texts.filter(Boolean).join('\n'), 200, { 'Content-Type': registry.contentType });
  });
  return app;
}

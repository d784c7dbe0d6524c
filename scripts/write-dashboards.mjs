// Writes the dashboards of ops/grafana: npm run dashboards
import { writeFile } from 'node:fs/promises';
import { business } from './dashboards/business.mjs';
import { operations } from './dashboards/operations.mjs';

for (const [name, made] of Object.entries({ business: business(), operations: operations() }))
  await writeFile(new URL(`../ops/grafana/dashboards/${name}.json`, import.meta.url), made);

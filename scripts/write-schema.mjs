// Writes maintenance.schema.json, the JSON Schema of maintenance.yaml for editors, from the built program:
// npm run build && node scripts/write-schema.mjs
import { writeFile } from 'node:fs/promises';
import { format } from 'prettier';
import { policyJsonSchema } from '../dist/config/policy.js';

const target = new URL('../maintenance.schema.json', import.meta.url);
await writeFile(
  target,
  await format(JSON.stringify(policyJsonSchema()), { parser: 'json', printWidth: 110 }),
);

import { readFile } from 'node:fs/promises';
import { parseEnv } from 'node:util';
import { expect, test } from 'vitest';
import { parsePolicy } from '../../src/config/policy-file.ts';
import { policyJsonSchema, policySchema } from '../../src/config/policy.ts';
import type { JsonSchema } from '../../src/config/policy.ts';
import { VARIABLE_NAMES, variables } from '../../src/config/variables.ts';

const read = (name: string) => readFile(new URL(`../../${name}`, import.meta.url), 'utf8');

const keysOf = (schema: JsonSchema): string[] =>
  Object.entries(schema.properties ?? {}).flatMap(([key, inner]) => [key, ...keysOf(inner)]);

test('maintenance.example.yaml says exactly the defaults, and names every key', async () => {
  const text = await read('maintenance.example.yaml');
  expect(parsePolicy(text, 'maintenance.example.yaml', [])).toEqual(policySchema.parse({}));
  const named = [...text.matchAll(/^[# ]*([\w-]+):/gm)].map(([, key]) => key);
  expect(named.filter((key) => key !== 'yaml-language-server').sort()).toEqual(
    expect.arrayContaining(keysOf(policyJsonSchema()).sort()),
  );
});

test('maintenance.schema.json is current (npm run build && node scripts/write-schema.mjs)', async () => {
  expect(JSON.parse(await read('maintenance.schema.json'))).toEqual(policyJsonSchema());
});

test('every key of the schema is described', () => {
  const undescribed = (schema: JsonSchema): string[] =>
    Object.entries(schema.properties ?? {}).flatMap(([key, inner]) => [
      ...(inner.description ? [] : [key]),
      ...undescribed(inner),
    ]);
  expect(undescribed(policyJsonSchema())).toEqual([]);
});

test('.env.example names every variable once, the four required ones first and alone uncommented', async () => {
  const text = await read('.env.example');
  const required = ['DATABASE_URL', 'OPS_DATABASE_URL', 'ADMIN_EMAIL', 'SMTP_URL'];
  expect(Object.keys(parseEnv(text)).sort()).toEqual([...required].sort());
  const named = [...text.matchAll(/^#?([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name ?? '');
  expect(named.slice(0, 4)).toEqual(required);
  // Temporal's own are read by Temporal's library, those of PostgreSQL's and Grafana's images by docker-compose.yml.
  const theirs = /^(?:TEMPORAL|POSTGRES|GRAFANA)_/;
  const ours = named.filter((name) => !theirs.test(name) || name === 'TEMPORAL_UI_URL');
  expect(ours.sort()).toEqual([...VARIABLE_NAMES].sort());
  await expect(variables.safeParseAsync(parseEnv(text))).resolves.toMatchObject({ success: true });
});

// Writes what is made from the data map: the rights of TalosPrimes, and the retention tables of docs/privacy.md.
// npm run build && node scripts/write-privacy.mjs
import { readFile, writeFile } from 'node:fs/promises';
import { format } from 'prettier';
import { policySchema } from '../dist/config/policy.js';
import { grantsOf, loadMap, retentionLine, retentionTable } from '../dist/privacy/index.js';

const policy = policySchema.parse({});
const map = await loadMap(policy.privacy);
await writeFile(new URL('../database/grants/talosprimes-privacy.sql', import.meta.url), grantsOf(map));

const page = new URL('../docs/privacy.md', import.meta.url);
let text = await readFile(page, 'utf8');
for (const language of ['fr', 'en'])
  text = text.replace(
    new RegExp(`(<!-- retention:${language} -->)[^]*?(<!-- /retention:${language} -->)`),
    (_all, begin, end) =>
      `${begin}\n\n${retentionLine(policy, language)}.\n\n${retentionTable(map, language)}\n\n${end}`,
  );
await writeFile(page, await format(text, { parser: 'markdown', printWidth: 110 }));

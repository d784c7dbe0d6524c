import { z } from 'zod';
import { section, whole } from './settings.ts';

export const CATEGORIES = [
  'identity',
  'contact',
  'free_text',
  'secret',
  'technical',
  'accounting',
  'statistic',
] as const;
export type Category = (typeof CATEGORIES)[number];

/** Whoever holds the key, or tries all values, finds the person again: the data stay personal. */
const REFUSED = /hash|hmac|md5|sha-?\d|crypt|cipher|\baes|token|pseudo/i;

const FORMS = {
  keep: /^keep$/,
  null: /^null$/,
  fixed: /^fixed\((.*)\)$/s,
  random_unique: /^random_unique$/,
  generalise: /^generalise\((month|quarter|year)\)$/,
  json_allow: /^json_allow\(([\w, -]*)\)$/,
  unlink: /^unlink$/,
  rekey: /^rekey$/,
  delete_row: /^delete_row$/,
  legal_store: /^legal_store$/,
} as const;
export type StrategyName = keyof typeof FORMS;

export interface Strategy {
  name: StrategyName;
  /** Of `fixed`, `generalise` and `json_allow`; empty for the others. */
  argument: string;
}

/** Undefined: there is no such strategy, or its argument is wrong. */
export function readStrategy(text: string): Strategy | undefined {
  for (const [name, form] of Object.entries(FORMS)) {
    const match = form.exec(text.trim());
    if (match) return { name: name as StrategyName, argument: match[1] ?? '' };
  }
  return undefined;
}

const strategy = z
  .string()
  .superRefine((text, context) => {
    if (readStrategy(text) !== undefined) return;
    const said = REFUSED.test(text)
      ? 'is no anonymisation: a hash, an HMAC or a cipher can be computed again for every possible value (all French mobile numbers in four minutes), so the data stay personal. Use null, random_unique or delete_row'
      : `is none of ${Object.keys(FORMS).join(', ')}, with fixed(value), generalise(month|quarter|year), json_allow(key, key)`;
    context.addIssue({ code: 'custom', message: said });
  })
  .describe('What anonymisation does with it: keep, null, fixed(value), …');

const yesOrNo = z
  .union([z.enum(['yes', 'no']), z.boolean()])
  .transform((value) => value === 'yes' || value === true);

const category = z.enum(CATEGORIES).describe(`Category: ${CATEGORIES.join(', ')}.`);

const column = z.union([
  category,
  z.strictObject({
    is: category,
    do: strategy.optional(),
    archive: yesOrNo.optional().describe('Whether the archive of a customer holds it: yes or no.'),
  }),
]);

/** `account`, `person`, or a table whose rows this one belongs to by that table’s primary key. */
const target = z
  .string()
  .regex(/^(account|person|[^.\s]+\.[^.\s]+)$/, 'is not account, person or schema.table');

const table = z.strictObject({
  /** Of nobody; the account itself; or by columns, any one of which suffices. `payload->>actor_id` reads JSON. */
  rows: z
    .union([z.enum(['nobody', 'account']), z.record(z.string(), target)])
    .describe(
      'How a row belongs to a customer: nobody, account, or { column: account | person | schema.table }.',
    ),
  do: strategy.optional().describe('Strategy of the columns that name none of their own. Default: keep.'),
  archive: yesOrNo
    .default(false)
    .describe('Whether the archive holds the columns that say nothing of their own.'),
  onArchive: z
    .enum(['keep', 'clear', 'remove', 'drop'])
    .default('keep')
    .describe(
      'When the customer is archived: rows stay (keep), lose what the archive holds (clear), leave for the archive (remove), or are gone for good (drop).',
    ),
  basis: z
    .union([z.string(), z.strictObject({ fr: z.string(), en: z.string() })])
    .optional()
    .describe('Legal basis and duration, for the retention table.'),
  columns: z.record(z.string(), column).describe('Every column, by name.'),
});

/** What a map file holds, and what `privacy` of maintenance.yaml adds to it. */
export const dataMapSchema = z.strictObject({
  schemas: z.array(z.string()).default([]),
  subject: z
    .strictObject({
      table: z.string(),
      key: z.string(),
      people: z.strictObject({ table: z.string(), account: z.string(), person: z.string() }),
    })
    .optional(),
  tables: z.record(z.string().regex(/^[^.\s]+\.[^.\s]+$/, 'is not schema.table'), table).default({}),
  files: z.array(z.strictObject({ table: z.string(), bucket: z.string(), name: z.string() })).default([]),
  messages: z.array(z.strictObject({ table: z.string(), sid: z.string() })).default([]),
});
export type MapFile = z.output<typeof dataMapSchema>;
export type MappedTable = z.output<typeof table>;

export const privacy = section('The data map: where personal data are, and what becomes of them.', {
  maps: z
    .array(z.string())
    .default(['supabase', 'talosprimes'])
    .describe('Maps to begin with: supabase and talosprimes (database/privacy/), or the path of a file.'),
  tables: z
    .record(z.string().regex(/^[^.\s]+\.[^.\s]+$/, 'is not schema.table'), table)
    .default({})
    .describe('Tables by schema.table; one that a map has too is replaced as a whole.'),
  legalYears: whole(
    10,
    'How long the legal store keeps names and addresses of invoices (years after the year of issue).',
  ),
});

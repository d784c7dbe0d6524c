import { z } from 'zod';
import { alerts, notifications } from './policy/alerts.ts';
import { customers } from './policy/customers.ts';
import { crons, locale, timeZone } from './policy/general.ts';
import { cleanup } from './policy/cleanup.ts';
import { backup, lifecycle, trials } from './policy/jobs.ts';
import { monitoring } from './policy/monitoring.ts';
import { privacy } from './policy/privacy.ts';
import { reports } from './policy/reports.ts';
import { statistics } from './policy/statistics.ts';

export const policySchema = z
  .strictObject({
    locale,
    timeZone,
    crons,
    backup,
    notifications,
    alerts,
    monitoring,
    cleanup,
    statistics,
    reports,
    customers,
    trials,
    lifecycle,
    privacy,
  })
  .describe('the keys of maintenance.example.yaml.');

/** What `maintenance.yaml` decides, with the specification's defaults for all it leaves out. */
export type Policy = z.output<typeof policySchema>;

/** The part of JSON Schema that our own schema uses. */
export interface JsonSchema {
  description?: string;
  default?: unknown;
  properties?: Record<string, JsonSchema>;
  [keyword: string]: unknown;
}

/** The schema for editors: `maintenance.schema.json`. */
export const policyJsonSchema = (): JsonSchema => ({
  ...(z.toJSONSchema(policySchema, {
    io: 'input',
    // The bound of whole numbers that zod adds says nothing to a reader.
    override: ({ jsonSchema }) => {
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  }) as JsonSchema),
  title: 'maintenance.yaml of TalosPrimes Maintenance',
});

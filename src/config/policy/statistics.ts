import { z } from 'zod';
import { percent, section } from './settings.ts';

export const statistics = section('update-statistiques.', {
  grossMarginPercent: percent(
    100,
    'Share of the revenue that is left after its direct costs (%): LTV counts it.',
  ),
  mirrorTo: z
    .strictObject({
      table: z
        .string()
        .regex(/^[^.]+\.[^.]+$/, 'is not schema.table')
        .describe('schema.table, with a unique index on the columns of metric and day.'),
      columns: section('What the columns are called there.', {
        metric: z.string().default('metric').describe('Name of the figure.'),
        day: z.string().default('day').describe('Day in Paris: date, timestamptz or text.'),
        value: z.string().default('value').describe('The figure; null where it is not known.'),
        updatedAt: z.string().optional().describe('When it was computed; left out where there is none.'),
      }),
      metrics: z
        .record(z.string(), z.string())
        .optional()
        .describe('Figures to write, and what they are called there; left out: all, by their own names.'),
      euros: z.boolean().default(false).describe('Amounts in euros instead of cents.'),
    })
    .optional()
    .describe('A table of the application that also gets the figures of days.'),
  refreshViews: z
    .array(z.string().regex(/^[^.\s]+\.[^.\s]+$/, 'is not schema.view'))
    .default([])
    .describe(
      'Materialised views of the application to refresh each hour; talos_app must own them, and each needs a unique index on plain columns.',
    ),
});

import { z } from 'zod';
import { percent, section } from './settings.ts';

export const statistics = section('update-statistiques.', {
  grossMarginPercent: percent(
    100,
    'Share of the revenue that is left after its direct costs (%): LTV counts it.',
  ),
  refreshViews: z
    .array(z.string().regex(/^[^.\s]+\.[^.\s]+$/, 'is not schema.view'))
    .default([])
    .describe(
      'Materialised views of the application to refresh each hour; talos_app must own them, and each needs a unique index on plain columns.',
    ),
});

/** The rights to delete what the clean-ups delete, and the conditions of maintenance.yaml; by the checks of the jobs themselves. */
import { ApplicationFailure } from '@temporalio/common';
import { checkTable, expiredRules, logRules } from '../cleanup/index.ts';
import { createPostgres } from '../clients/postgres.ts';
import type { Config } from '../config/index.ts';
import { failed, fine, type Check } from './finding.ts';

export const cleanupChecks = ({ environment, policy }: Config): Check[] => [
  {
    area: 'clean-ups',
    run: async () => {
      const { expired, logs } = policy.cleanup;
      const rules = [...expiredRules(expired), ...logRules(logs)];
      const app = createPostgres({ url: environment.databaseUrl, applicationName: 'talos-doctor', max: 1 });
      const refused: string[] = [];
      let tables = 0;
      try {
        for (const rule of rules)
          try {
            if (await checkTable(app, rule)) tables += 1;
          } catch (error) {
            // A database that is away is said by its own check.
            if (!(error instanceof ApplicationFailure) || error.nonRetryable !== true) return [];
            refused.push(error.message);
          }
      } finally {
        await app.close();
      }
      const [first, ...more] = refused;
      if (first === undefined) return [fine(`this role may delete what expires in ${String(tables)} tables`)];
      return [
        failed(
          `${first}${more.length > 0 ? `; and ${String(more.length)} more tables` : ''}`,
          'Do what it says, or take the table out of cleanup in maintenance.yaml.',
        ),
      ];
    },
  },
];

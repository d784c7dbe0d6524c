/** The data map: every column in it, and the rights to carry it out. */
import { createPostgres } from '../clients/postgres.ts';
import type { Config } from '../config/index.ts';
import { findMapFaults, loadMap, PRIVACY_ROLE } from '../privacy/index.ts';
import { failed, fine, off, warning, type Check } from './finding.ts';

export const privacyChecks = ({ environment, policy }: Config): Check[] => [
  {
    area: 'data map',
    run: async () => {
      const map = await loadMap(policy.privacy);
      const app = createPostgres({ url: environment.databaseUrl, applicationName: 'talos-doctor', max: 1 });
      try {
        const [first, ...more] = await findMapFaults({ app, map });
        const { erasureLedgerKey, archiveMasterKey } = environment;
        const missing = [
          ...(erasureLedgerKey === undefined ? ['ERASURE_LEDGER_KEY'] : []),
          ...(archiveMasterKey === undefined ? ['ARCHIVE_MASTER_KEY'] : []),
        ];
        const isOff = missing.length > 0;
        const answers = [
          first
            ? (isOff ? warning : failed)(
                `${first.message}${more.length > 0 ? `; and ${String(more.length)} more` : ''}: no customer is archived or anonymised`,
                'Run `talos privacy check` for all, and complete privacy.tables in maintenance.yaml.',
              )
            : fine(`every column of ${map.schemas.join(', ')} is in it`),
        ];
        if (isOff)
          return [...answers, off(`customers are not archived or erased: ${missing.join(', ')} not set`)];
        const [role] = await app.query<{ may: boolean }>(
          `select pg_has_role(oid, 'member') as may from pg_roles where rolname = $1`,
          [PRIVACY_ROLE],
        );
        return role?.may === true
          ? answers
          : [
              ...answers,
              failed(
                `this role may not act as ${PRIVACY_ROLE}`,
                'Have an administrator run what `talos privacy grants` prints.',
              ),
            ];
      } finally {
        await app.close();
      }
    },
  },
];

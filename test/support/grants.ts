import type { Queryable } from '../../src/clients/postgres.ts';
import { policySchema } from '../../src/config/policy.ts';
import { grantsOf, loadMap } from '../../src/privacy/index.ts';

/** What an administrator does once. Roles belong to the whole cluster: another file may be changing the same one. */
export async function grantPrivacy(db: Queryable): Promise<void> {
  const sql = grantsOf(await loadMap(policySchema.parse({}).privacy));
  for (let attempt = 1; ; attempt += 1)
    try {
      return void (await db.query(sql));
    } catch (error) {
      if (attempt === 8 || !/concurrently updated|already exists|duplicate key/.test(String(error)))
        throw error;
    }
}

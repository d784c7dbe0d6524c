/** A look at the application's database: whether the shipped adapter and data map fit it, and drafts where they do not. */
import { createPostgres } from '../../clients/postgres.ts';
import { policySchema } from '../../config/policy.ts';
import { draftAdapter, readTables, type Draft } from '../../database/index.ts';
import { draftMap, loadMap } from '../../privacy/index.ts';

const CONNECT_MS = 5_000;

export type Look =
  /** The code alone: what a driver says may quote the URL. */
  | { kind: 'unseen'; code: string }
  /** `unmapped`: tables that no map names. */
  | { kind: 'talosprimes'; unmapped: number }
  | { kind: 'other'; adapter: Draft; map: Draft | undefined };

export async function look(databaseUrl: string): Promise<Look> {
  const db = createPostgres({
    ...{ url: databaseUrl, applicationName: 'talos-init', max: 1, connectTimeoutMs: CONNECT_MS },
  });
  try {
    const shipped = await loadMap(policySchema.parse({}).privacy);
    const tables = await readTables(db);
    const theirs = [...shipped.tables.keys()].filter((name) => name.startsWith('public.'));
    // An account has members in many applications.
    if (theirs.filter((name) => tables.tables.has(name)).length < theirs.length / 2)
      return { kind: 'other', adapter: draftAdapter(tables), map: draftMap(tables) };
    const unmapped = [...tables.tables.keys()].filter((name) => !shipped.tables.has(name));
    return { kind: 'talosprimes', unmapped: unmapped.length };
  } catch (error) {
    return { kind: 'unseen', code: (error as { code?: string }).code ?? 'no answer' };
  } finally {
    await db.close();
  }
}

import { createFileReader } from './clients/supabase-file.ts';
import { createSupabaseStorage } from './clients/supabase-storage.ts';
import type { Clients } from './clients/index.ts';
import type { Config } from './config/index.ts';
import { createLedger, loadMap, PRIVACY_ROLE, type PrivacyDeps } from './privacy/index.ts';
import { resolveTools } from './tools/index.ts';

/** Undefined without ERASURE_LEDGER_KEY: then nobody is erased, and nobody has to stay so. */
export async function privacyDeps(
  { app, ops, store, sms }: Pick<Clients, 'app' | 'ops' | 'store' | 'sms'>,
  { environment, policy }: Config,
): Promise<PrivacyDeps | undefined> {
  const { erasureLedgerKey, archiveMasterKey: masterKey, supabase, toolDir } = environment;
  if (erasureLedgerKey === undefined) return undefined;
  return {
    ...{ app, ops, store, sms, masterKey, role: PRIVACY_ROLE },
    map: await loadMap(policy.privacy),
    ledger: createLedger(erasureLedgerKey),
    storage: supabase && createSupabaseStorage(supabase),
    download: supabase && createFileReader(supabase),
    zstd: async () => (await resolveTools(['zstd'], { toolDir })).zstd,
  };
}

import { randomBytes } from 'node:crypto';
import { keepValues } from './state.ts';

/** The roles `talos database apply` creates; only on a development server do they get passwords from us. */
export const ROLES = ['talos_app', 'talos_backup', 'talos_monitor'] as const;
export type Role = (typeof ROLES)[number];

const hex = (bytes: number) => (): string => randomBytes(bytes).toString('hex');

/** Made on the first start and kept: URLs, tokens and signed links stay valid from one start to the next. */
export const keepSecrets = (file: string) =>
  keepValues(file, {
    postgres: hex(16),
    talos_app: hex(16),
    talos_backup: hex(16),
    talos_monitor: hex(16),
    s3AccessKeyId: hex(10),
    s3SecretAccessKey: hex(20),
    twilioAccountSid: () => `AC${hex(16)()}`,
    twilioAuthToken: hex(16),
    n8nApiKey: hex(20),
    supabaseServiceRoleKey: hex(32),
    webhookToken: hex(24),
    linkSigningKey: hex(32),
    archiveMasterKey: hex(32),
    erasureLedgerKey: hex(32),
  });

export type Secrets = ReturnType<typeof keepSecrets>;

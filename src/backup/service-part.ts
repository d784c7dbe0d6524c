import { createN8nApi } from '../clients/n8n.ts';
import type { SshOptions } from '../clients/ssh.ts';
import { serviceArchive, serviceSources, type ServiceArchive, type ServicePolicy } from './service/index.ts';

export interface ServiceSettings extends ServicePolicy {
  vps: SshOptions | undefined;
  n8nApi: { url: string; apiKey: string } | undefined;
  encryptionKey: string | undefined;
}

export interface OpenedService {
  archive: ServiceArchive;
  /** Lets go of the host, in any case. */
  close: () => Promise<void>;
}

/** True where something of the service is configured that can be archived. */
export const hasService = ({ files, n8n, vps, n8nApi }: ServiceSettings): boolean =>
  vps !== undefined ||
  n8nApi !== undefined ||
  n8n.command !== undefined ||
  files.environment.length + (files.paths?.length ?? 0) > 0;

/** Begins the archive of what the service needs besides its databases. */
export function openService(settings: ServiceSettings, signal: AbortSignal): OpenedService {
  const { vps, n8nApi, encryptionKey } = settings;
  const sources = serviceSources(settings, vps);
  const close = async (): Promise<void> => sources.host?.close();
  const n8n = n8nApi && createN8nApi({ url: n8nApi.url, apiKey: n8nApi.apiKey });
  const archive = serviceArchive({ ...sources, n8n, encryptionKey, signal });
  // `hasService` said that there is something.
  if (!archive) throw new Error('nothing of the service is configured');
  return { archive, close };
}

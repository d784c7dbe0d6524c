import { createHost, type Host } from '../../clients/host.ts';
import type { SshOptions } from '../../clients/ssh.ts';

/** The part of the policy that is about the files of the service: `backup` of `maintenance.yaml`. */
export interface ServicePolicy {
  files: { paths?: readonly string[]; environment: readonly string[] };
  n8n: { command?: string };
}

/**
 * What the settings mean. Where a VPS is configured its nginx is part of the set without being named; this machine is
 * only looked at for what is named. Whoever gets a host closes it.
 */
export function serviceSources(
  { files, n8n }: ServicePolicy,
  vps: SshOptions | undefined,
): { host?: Host; paths: readonly string[]; environment: readonly string[]; n8nCommand?: string } {
  const { environment } = files;
  const paths = files.paths ?? (vps ? ['/etc/nginx'] : []);
  const wanted = vps !== undefined || n8n.command !== undefined || paths.length + environment.length > 0;
  return { host: wanted ? createHost(vps) : undefined, paths, environment, n8nCommand: n8n.command };
}

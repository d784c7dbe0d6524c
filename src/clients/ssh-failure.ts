import { ApplicationFailure } from '@temporalio/common';
import { fingerprint } from './ssh-known-hosts.ts';

/**
 * What can go wrong on the way to the VPS. The texts name settings and codes, never the host's address, and nothing of
 * a key but the fingerprint of the host's public one.
 */

/** The host showed a key that is not the one in VPS_SSH_KNOWN_HOSTS. */
export function hostKeyFailure(verdict: 'changed' | 'unknown' | 'revoked', blob: Buffer, port: number) {
  const seen = fingerprint(blob);
  const compare =
    'on the server itself, `ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub` prints its own (a line for each key type)';
  const scan = `ssh-keyscan -p ${String(port)} <host>`;
  if (verdict === 'unknown')
    return ApplicationFailure.nonRetryable(
      `The VPS is not in VPS_SSH_KNOWN_HOSTS; its key is ${seen}. Compare: ${compare}. When it is the same, put the output of \`${scan}\` into VPS_SSH_KNOWN_HOSTS`,
      'SshHostKeyUnknown',
    );
  const what = verdict === 'revoked' ? 'a revoked key' : 'another key than the one in VPS_SSH_KNOWN_HOSTS';
  return ApplicationFailure.nonRetryable(
    `The VPS showed ${what}: ${seen}. Either it was installed anew, or someone answers in its place: nothing was sent. Compare: ${compare}. Only when it is the same, replace the lines in VPS_SSH_KNOWN_HOSTS with those of \`${scan}\``,
    'SshHostKeyChanged',
  );
}

export const sshRefused = (why: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(`The VPS refused the login: ${why}`, 'SshRefused');

export const sshUnreachable = (why: string): ApplicationFailure =>
  ApplicationFailure.retryable(`The VPS cannot be reached over SSH: ${why}`, 'SshUnreachable');

const TROUBLE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there (ECONNREFUSED); check the port in VPS_HOST, and sshd',
  ENOTFOUND: 'the host name is not known (ENOTFOUND); check VPS_HOST',
  EAI_AGAIN: 'the host name cannot be resolved now (EAI_AGAIN)',
  ETIMEDOUT: 'no answer in time (ETIMEDOUT)',
  EHOSTUNREACH: 'no way leads to it (EHOSTUNREACH)',
  ENETUNREACH: 'no way leads to it (ENETUNREACH)',
  ECONNRESET: 'it closed the connection (ECONNRESET)',
};

/** Turns the driver's error into one of ours; its own texts may hold addresses. */
export function sshFailure(error: unknown): ApplicationFailure {
  if (error instanceof ApplicationFailure) return error;
  const { level, code, message = '' } = (error ?? {}) as { level?: string; code?: string; message?: string };
  if (level === 'client-authentication')
    return sshRefused(
      'it does not know the key; put the public key of VPS_SSH_KEY into ~/.ssh/authorized_keys of VPS_USER',
    );
  if (level === 'client-timeout') return sshUnreachable('no answer in time');
  if (/no matching/.test(message))
    return sshUnreachable(
      'it has no method in common with us (key exchange, cipher or host key); update sshd',
    );
  return sshUnreachable(TROUBLE[code ?? ''] ?? `the connection failed${code ? ` (${code})` : ''}`);
}

import type { Host } from '../../clients/host.ts';
import type { ArchiveWriter } from './archive-writer.ts';
import { ask } from './host-answer.ts';

const LARGEST = 16 * 1_048_576;
const MISSING = 127;

/** Not every login has the folders of the system's servers in its PATH. */
const script = (sudo: boolean): string => `
PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"
export PATH
program=$(command -v nginx) || exit ${String(MISSING)}
exec ${sudo ? 'sudo -n ' : ''}"$program" -T </dev/null`;

/** The configuration as nginx reads it, all includes resolved. What nginx says on stderr may quote it: not repeated. */
export async function addNginx(host: Host, writer: ArchiveWriter, signal: AbortSignal): Promise<string[]> {
  let answer = await ask(host, script(false), LARGEST, signal);
  if ('code' in answer && answer.code !== 0 && answer.code !== MISSING)
    answer = await ask(host, script(true), LARGEST, signal);
  if ('problem' in answer)
    return [`\`nginx -T\` on ${host.name}: ${answer.problem}; its output is not in the archive`];
  if (answer.code === 0 && answer.stdout.length > 0) {
    await writer.text('nginx-T.conf', answer.stdout);
    return [];
  }
  return [
    answer.code === MISSING
      ? `nginx is not installed on ${host.name}, or not in its PATH: no output of \`nginx -T\` in the archive`
      : `\`nginx -T\` fails on ${host.name}, also through \`sudo -n\`: its output is not in the archive. Allow it in sudoers: <user> ALL=(root) NOPASSWD: /usr/sbin/nginx -T. When it fails as root too, the configuration has a mistake`,
  ];
}

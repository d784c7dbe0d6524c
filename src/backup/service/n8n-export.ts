import { ApplicationFailure } from '@temporalio/common';
import type { Host } from '../../clients/host.ts';
import type { N8nApi } from '../../clients/n8n.ts';
import type { ArchiveWriter } from './archive-writer.ts';
import { ask } from './host-answer.ts';

const LARGEST = 64 * 1_048_576;

/** The export goes to the log's stdout: only so does it reach us, whatever the log's own settings. */
const script = (command: string, what: string): string => `
export N8N_LOG_LEVEL=info N8N_LOG_OUTPUT=console N8N_LOG_FORMAT=text
${command} export:${what} --all </dev/null`;

/** The export is one line among those of the log. */
function exportedArray(output: string): string | undefined {
  for (const line of output.split('\n')) {
    if (!/^\s*\[/.test(line)) continue;
    try {
      if (Array.isArray(JSON.parse(line))) return line;
    } catch {
      // A line of the log that begins alike, or an export that was cut.
    }
  }
  return undefined;
}

/**
 * Exports through n8n's own program; credentials stay encrypted. Its exit code says nothing: n8n ends with 0 after a
 * mistake, and with 1 when there is nothing to export. What it says may hold data, and is not repeated.
 */
export async function addFromCommand(
  host: Host,
  command: string,
  writer: ArchiveWriter,
  signal: AbortSignal,
): Promise<string[]> {
  const warnings: string[] = [];
  for (const [what, name] of [
    ['workflow', 'workflows'],
    ['credentials', 'credentials'],
  ] as const) {
    const answer = await ask(host, script(command, what), LARGEST, signal);
    const output = 'problem' in answer ? '' : answer.stdout.toString();
    const nothing =
      !('problem' in answer) && /No \w+ found with specified filters/.test(output + answer.stderr);
    const found = exportedArray(output) ?? (nothing ? '[]' : undefined);
    if (found !== undefined) await writer.text(`n8n/${name}.json`, `${found}\n`);
    else {
      const why =
        'problem' in answer ? answer.problem : `exit code ${String(answer.code)}, and no list on stdout`;
      warnings.push(
        `n8n's ${name} are not in the archive (${why}); try \`<backup.n8n.command> export:${what} --all\` on ${host.name}`,
      );
    }
  }
  return warnings;
}

/** Workflows through the public API; credentials have no way out of it. */
export async function addFromApi(n8n: N8nApi, writer: ArchiveWriter, signal: AbortSignal): Promise<string[]> {
  const credentials =
    "n8n's credentials are not in the archive: its API does not give them. Set backup.n8n.command (n8n, or docker exec -u node n8n n8n) so that they are exported on the VPS";
  const workflows: string[] = [];
  let bytes = 0;
  try {
    for await (const workflow of n8n.workflows(signal)) {
      const text = JSON.stringify(workflow);
      bytes += text.length;
      if (bytes > LARGEST) throw ApplicationFailure.nonRetryable('they are more than 64 MiB', 'N8nRefused');
      workflows.push(text);
    }
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof ApplicationFailure)) throw error;
    return [`n8n's workflows are not in the archive: ${error.message}`, credentials];
  }
  await writer.text('n8n/workflows.json', `[${workflows.join(',\n')}]\n`);
  return [credentials];
}

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { cleanupDeps } from '../../src/cleanup-deps.ts';
import { createClients } from '../../src/clients/index.ts';
import { loadConfig } from '../../src/config/index.ts';

const environment = {
  DATABASE_URL: 'postgresql://127.0.0.1:1/app',
  OPS_DATABASE_URL: 'postgresql://127.0.0.1:1/ops',
  ADMIN_EMAIL: 'admin@talosprimes.test',
  SMTP_URL: 'smtp://127.0.0.1:1',
  MAIL_FROM: 'talos@talosprimes.test',
};

/** What both jobs delete from, by the settings alone: nothing is connected. */
async function sourcesOf(more: Record<string, string>, yaml: string): Promise<Record<string, string[]>> {
  const cwd = await mkdtemp(path.join(tmpdir(), 'talos-sources-'));
  await writeFile(path.join(cwd, 'maintenance.yaml'), yaml);
  const config = await loadConfig({ environment: { ...environment, ...more }, cwd, local: false });
  const clients = createClients(config);
  try {
    const { sources } = cleanupDeps(clients, config);
    const names = async (job: keyof typeof sources) => (await sources[job]()).map(({ name }) => name);
    return {
      temporary: await names('nettoyage-donnees-temporaires'),
      logs: await names('nettoyage-logs'),
    };
  } finally {
    await clients.close();
    await rm(cwd, { recursive: true });
  }
}

test('every setting of cleanup becomes a source, of the job that it belongs to', async () => {
  const { temporary, logs } = await sourcesOf(
    {
      ...{ N8N_URL: 'http://127.0.0.1:1', N8N_API_KEY: 'key' },
      ...{ SUPABASE_URL: 'http://127.0.0.1:1', SUPABASE_SERVICE_ROLE_KEY: 'key' },
    },
    `cleanup:
  expired: { tables: [{ table: public.tokens, expiredWhen: 'expires_at < :now' }] }
  temporaryFiles: { folders: [/var/tmp/app], buckets: [{ bucket: uploads, prefix: tmp/ }] }
  logs: { folders: [/var/log/app], tables: [{ table: public.app_logs, timestamp: at }] }
`,
  );
  expect(temporary).toEqual(
    expect.arrayContaining(['auth.sessions', 'public.tokens', 'files:/var/tmp/app', 'storage:uploads/tmp/']),
  );
  expect(temporary).toEqual(expect.arrayContaining(['ops.samples', 'ops.samples to hours']));
  expect(logs).toEqual(['public.app_logs', 'auth.audit_log_entries', 'logs:/var/log/app', 'n8n:executions']);
});

test('nothing is cleaned that is not configured, and n8n’s database only where it is named', async () => {
  const { temporary, logs } = await sourcesOf({}, 'cleanup: { expired: { auth: false } }\n');
  expect(temporary?.every((name) => name.startsWith('ops.'))).toBe(true);
  expect(logs).toEqual(['auth.audit_log_entries']);
  await expect(sourcesOf({}, 'cleanup: { n8nExecutions: { through: database } }\n')).rejects.toThrow(
    'N8N_DATABASE_URL',
  );
});

import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { startStack } from '../../src/dev/stack.ts';
import { resolveTools } from '../../src/tools/index.ts';
import type { Tools } from '../../src/tools/index.ts';
import { prepareTemplates } from './postgres.ts';

const TOOLS = [
  'postgres',
  'initdb',
  'pg_ctl',
  'pg_dump',
  'pg_restore',
  'psql',
  'pg_amcheck',
  'zstd',
  'rclone',
  'temporal',
  'temporal-test-server',
] as const;

declare module 'vitest' {
  interface ProvidedContext {
    /** The superuser's URL of the database `postgres`; each file clones its own from a template. */
    postgresUrl: string;
    temporalAddress: string;
    s3: { endpoint: string; accessKeyId: string; secretAccessKey: string };
    inbox: { smtpUrl: string; apiUrl: string };
    tools: Tools<(typeof TOOLS)[number]>;
    repository: string;
  }
}

/** Starts once, for all files, what the tests talk to: real servers on free ports of the loopback, without a trace after. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const onProgress = (line: string) => process.stderr.write(`test stack: ${line}\n`);
  const cacheDir = process.env['XDG_CACHE_HOME'];
  const toolDir = process.env['TALOS_TOOL_DIR'];
  const tools = await resolveTools(TOOLS, { cacheDir, toolDir, onProgress });
  const stack = await startStack({
    stateDir: '',
    ephemeral: true,
    portBase: 'free',
    components: ['postgres', 'temporal', 's3', 'inbox'],
    tools: { cacheDir, toolDir },
  });
  try {
    const { postgresUrl, temporalAddress, s3, inbox } = stack.services;
    if (!postgresUrl || !temporalAddress || !s3 || !inbox) throw new Error('the test stack is not whole');
    await prepareTemplates(postgresUrl);
    project.provide('postgresUrl', postgresUrl);
    project.provide('temporalAddress', temporalAddress);
    project.provide('s3', s3);
    project.provide('inbox', inbox);
    project.provide('tools', tools);
    project.provide('repository', path.resolve(fileURLToPath(import.meta.url), '../../..'));
  } catch (error) {
    await stack.stop();
    throw error;
  }
  return () => stack.stop();
}

import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';
import { mergeActivities } from '../../src/activities.ts';

const root = path.resolve(import.meta.dirname, '../..');

/** Lints a text as if it stood in the given file; returns the rules it breaks. */
async function broken(file: string, text: string): Promise<string[]> {
  const eslint = new ESLint({
    cwd: root,
    // Typed rules need a file that exists; the boundaries do not.
    overrideConfig: { languageOptions: { parserOptions: { projectService: false, project: null } } },
    ruleFilter: ({ ruleId }) => ruleId.includes('restricted') || ruleId === 'max-lines',
  });
  const [result] = await eslint.lintText(text, { filePath: path.join(root, file) });
  return (result?.messages ?? []).map(({ ruleId, message }) => ruleId ?? message);
}

const IMPORTS = '@typescript-eslint/no-restricted-imports';

describe('the boundaries of the house, kept by lint', () => {
  it.each([
    ['a driver outside clients/', 'src/backup/x.ts', `import pg from 'pg'; pg;`, IMPORTS],
    ['a room that imports another', 'src/backup/x.ts', `import { a } from '../reports/a.ts'; a();`, IMPORTS],
    [
      'a private file of privacy',
      'src/lifecycle/x.ts',
      `import { a } from '../privacy/erase.ts'; a();`,
      IMPORTS,
    ],
    [
      'a private file of a shared room',
      'src/backup/x.ts',
      `import { a } from '../vault/age.ts'; a();`,
      IMPORTS,
    ],
    ['a Node builtin in a workflow', 'src/backup/workflow.ts', `import fs from 'node:fs'; fs;`, IMPORTS],
    [
      'an activity as a value in a workflow',
      'src/backup/workflow.ts',
      `import { a } from './activities.ts'; a();`,
      IMPORTS,
    ],
    ['a client in shared/', 'src/shared/x.ts', `import { a } from '../clients/mail.ts'; a();`, IMPORTS],
    [
      'the environment outside config/',
      'src/backup/x.ts',
      `export const a = process.env['A'];`,
      'no-restricted-properties',
    ],
    [
      'a global of the platform in a workflow',
      'src/backup/workflow.ts',
      `export const a = () => fetch('x');`,
      'no-restricted-globals',
    ],
    ['a file of 301 lines', 'src/backup/x.ts', 'void 0;\n'.repeat(301), 'max-lines'],
  ])('refuses %s', async (_what, file, text, rule) => {
    expect(await broken(file, text)).toContain(rule);
  });

  it.each([
    ['a driver in clients/', 'src/clients/x.ts', `import pg from 'pg'; pg;`],
    [
      'types of activities in a workflow',
      'src/backup/workflow.ts',
      `import type { A } from './activities.ts'; export type B = A;`,
    ],
    [
      'a shared room through its public file',
      'src/backup/x.ts',
      `import { a } from '../vault/index.ts'; a();`,
    ],
  ])('allows %s', async (_what, file, text) => {
    expect(await broken(file, text)).toEqual([]);
  });
});

describe('the registry', () => {
  it('bundles all workflows without anything that does I/O', async () => {
    const { code } = await bundleWorkflowCode({
      workflowsPath: path.join(root, 'src/workflows.ts'),
      logger: new DefaultLogger('ERROR'),
    });
    expect(code).toContain('backupDatabase');
    for (const forbidden of ['node:fs', 'node:child_process', '@aws-sdk', 'nodemailer', 'ZodObject'])
      expect(code, forbidden).not.toContain(forbidden);
    // zod, React or a driver would show here first.
    expect(code.length).toBeLessThan(2_500_000);
  });

  it('refuses two activities of one name', () => {
    const one = { save: () => Promise.resolve() };
    expect(() => mergeActivities(one, { save: () => Promise.resolve() })).toThrow('save');
  });
});

describe('the size of files', () => {
  it('has a median of 130 lines at most, and none over 300', () => {
    const files = readdirSync(path.join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter((file) =>
      /\.tsx?$/.test(file),
    );
    const lines = files
      .map((file) => readFileSync(path.join(root, 'src', file), 'utf8').split('\n').length - 1)
      .sort((a, b) => a - b);
    expect(lines[Math.floor(lines.length / 2)]).toBeLessThanOrEqual(130);
    expect(lines.at(-1)).toBeLessThanOrEqual(300);
  });
});

it('one protobufjs is installed, new enough to read histories as JSON: two of them, or an older one, cannot replay', () => {
  const lock = JSON.parse(readFileSync(path.join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { version: string }>;
  };
  const installed = Object.entries(lock.packages).filter(([name]) =>
    name.endsWith('node_modules/protobufjs'),
  );
  expect(installed.map(([name]) => name)).toEqual(['node_modules/protobufjs']);
  const [major = 0, minor = 0] = (installed[0]?.[1].version ?? '').split('.').map(Number);
  expect(major * 100 + minor).toBeGreaterThanOrEqual(807);
});

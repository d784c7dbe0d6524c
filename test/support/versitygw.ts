import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { isFree } from '../../src/dev/ports.ts';
import { startChild } from '../../src/dev/process.ts';

const run = promisify(execFile);
/** `.ci/run` names the same. */
const VERSION = '1.8.0';
const PACKAGE = `github.com/versity/versitygw/cmd/versitygw@v${VERSION}`;
const INSTALL_TIMEOUT_MS = 15 * 60_000;

const isProgram = (file: string): Promise<boolean> =>
  access(file, constants.X_OK).then(
    () => true,
    () => false,
  );

function toolFolder(): string {
  const { TALOS_TOOL_DIR, XDG_CACHE_HOME } = process.env;
  const tools = TALOS_TOOL_DIR ?? path.join(XDG_CACHE_HOME ?? path.join(homedir(), '.cache'), 'talos/tools');
  return path.resolve(tools, `versitygw-${VERSION}`);
}

/**
 * The S3 server that has what rclone lacks: versions, object lock, conditional writes. Built once, by Go; where there
 * is no Go its tests are skipped, but never in CI.
 */
export async function findVersitygw(): Promise<string | undefined> {
  const own = path.join(toolFolder(), 'versitygw');
  if (await isProgram(own)) return own;
  try {
    await install(own);
    return own;
  } catch (error) {
    const problem = `versitygw ${VERSION} is not there and could not be built (install Go 1.26, then: go install ${PACKAGE}): ${(error as Error).message}`;
    if (process.env['CI']) throw new Error(problem, { cause: error });
    console.warn(`Skipped, its tests of the object store: ${problem}`);
    return undefined;
  }
}

/** Built beside and renamed into place, so that a file under its name is whole. */
async function install(target: string): Promise<void> {
  const places = [...(process.env['PATH'] ?? '').split(path.delimiter), '/usr/local/go/bin'].filter(Boolean);
  let go: string | undefined;
  for (const place of places)
    if (!go && (await isProgram(path.join(place, 'go')))) go = path.join(place, 'go');
  if (!go) throw new Error('there is no go');
  await mkdir(path.dirname(target), { recursive: true });
  const work = await mkdtemp(path.join(path.dirname(target), '.work-'));
  try {
    console.warn(`building versitygw ${VERSION} into ${path.dirname(target)} (once, some minutes)`);
    await run(go, ['install', PACKAGE], {
      env: { ...process.env, GOBIN: work },
      timeout: INSTALL_TIMEOUT_MS,
    });
    await rename(path.join(work, 'versitygw'), target);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

export interface Versitygw {
  endpoint: string;
  accessKeyId: string;
  secretAccessKey: string;
  /** With object lock it has versions too, as on AWS. */
  createBucket(name: string, options?: { objectLock?: boolean }): Promise<void>;
  stop: () => Promise<void>;
}

export async function startVersitygw(command: string): Promise<Versitygw> {
  const folder = await mkdtemp(path.join(tmpdir(), 'talos-versitygw-'));
  const [data, versions] = [path.join(folder, 'data'), path.join(folder, 'versions')];
  await Promise.all([data, versions].map((each) => mkdir(each)));
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${String(port)}`;
  const credentials = { accessKeyId: 'versity-root', secretAccessKey: 'versity-root-secret' };
  const child = await startChild({
    name: 'versitygw',
    command,
    // prettier-ignore
    args: [
      '--quiet', '--port', `127.0.0.1:${String(port)}`,
      '--access', credentials.accessKeyId, '--secret', credentials.secretAccessKey,
      // Absolute: with a relative one it says something misleading.
      'posix', '--versioning-dir', versions, data,
    ],
    logDir: folder,
    ready: async () => (await fetch(endpoint)).status > 0,
  });
  const s3 = new S3Client({ region: 'us-east-1', endpoint, forcePathStyle: true, credentials });
  return {
    endpoint,
    ...credentials,
    async createBucket(name, { objectLock = false } = {}) {
      await s3.send(new CreateBucketCommand({ Bucket: name, ObjectLockEnabledForBucket: objectLock }));
    },
    async stop() {
      s3.destroy();
      await child.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Below the range of outgoing connections, so that none takes it before the server does. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if (await isFree(port)) return port;
  }
}

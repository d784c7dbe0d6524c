import { chmodSync, chownSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { extract } from 'tar-stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readArchive, serviceArchive, serviceSources } from '../../src/backup/service/index.ts';
import type { ServiceFacts, ServicePolicy } from '../../src/backup/service/index.ts';
import { createN8nApi } from '../../src/clients/n8n.ts';
import { startN8n } from '../../src/dev/n8n.ts';
import type { LoopbackServer } from '../../src/dev/loopback.ts';
import { startSshd, type Sshd } from '../support/sshd.ts';

const NGINX = '# configuration file /etc/nginx/nginx.conf:\nserver_name app.talosprimes.example;\n';
const CREDENTIALS = '[{"id":"1","name":"SMTP","data":"U2FsdGVkX1-encrypted"}]';
/** What n8n 1.123 prints: its log, and the export among it. */
const N8N = `case "$*" in
*workflow*) printf 'n8n ready on port 5678\\n%s\\nSuccessfully exported 1 workflow.\\n' '[{"id":"1","name":"Relance devis"}]' ;;
*credentials*) printf '%s\\n' '${CREDENTIALS}' ;;
esac`;

let sshd: Sshd;
let folder: string;
let bin: string;

const program = (name: string, body: string): void =>
  writeFileSync(path.join(bin, name), `#!/bin/sh\n${body}\n`, { mode: 0o755 });
const fileOf = (name: string, text: string | Buffer, mode = 0o640): string => {
  const file = path.join(folder, 'srv', name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text, { mode });
  chownSync(file, sshd.uid, sshd.gid);
  return file;
};

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'talos-service-'));
  chmodSync(folder, 0o755);
  bin = path.join(folder, 'bin');
  mkdirSync(bin);
  sshd = await startSshd(bin);
  program('nginx', `[ "$1" = -T ] && printf '%s' '${NGINX}'`);
  program('n8n', N8N);
});
afterAll(async () => {
  await sshd.stop();
  rmSync(folder, { recursive: true, force: true });
});

interface Seen {
  facts: ServiceFacts;
  files: Map<string, { text: string; mode?: number; type?: string | null; linkname?: string | null }>;
}

async function archiveOf(
  policy: ServicePolicy,
  more: Partial<Parameters<typeof serviceArchive>[0]> = {},
): Promise<Seen> {
  const sources = serviceSources(policy, sshd.options);
  try {
    const archive = serviceArchive({ ...sources, signal: new AbortController().signal, ...more });
    if (!archive) throw new Error('nothing is configured');
    const files: Seen['files'] = new Map();
    const reading = extract();
    const source = archive.producer.stream;
    source.pipe(reading);
    source.once('error', (error) => reading.destroy(error));
    for await (const entry of reading) {
      let text = '';
      for await (const chunk of entry) text += String(chunk);
      const { name, mode, type, linkname } = entry.header;
      files.set(name, { text, mode, type, linkname });
    }
    return { facts: await archive.finished, files };
  } finally {
    await sources.host?.close();
  }
}

describe('the archive of the service, over a real sshd', () => {
  it('holds nginx, the files with modes and links, n8n and its key; and reads back as it was written', async () => {
    const env = fileOf('app/.env', 'N8N_ENCRYPTION_KEY=abcdef\nAPI_KEY=x\n', 0o600);
    const odd = fileOf('app/--naïf  name\n.conf', 'odd');
    symlinkSync('.env', path.join(folder, 'srv/app/link'));
    const { facts, files } = await archiveOf({
      files: { paths: [path.dirname(odd)], environment: [path.join(folder, 'srv/*/.env')] },
      n8n: { command: 'n8n' },
    });
    expect(files.get(`files${env}`)).toMatchObject({
      text: 'N8N_ENCRYPTION_KEY=abcdef\nAPI_KEY=x\n',
      mode: 0o600,
    });
    expect(files.get(`files${odd}`)?.text).toBe('odd');
    expect(files.get(`files${path.dirname(env)}/link`)).toMatchObject({ type: 'symlink', linkname: '.env' });
    expect(files.get('n8n/workflows.json')?.text).toContain('Relance devis');
    expect(files.get('n8n/credentials.json')?.text.trim()).toBe(CREDENTIALS);
    expect(files.get('README.txt')?.text).toContain('n8n import:credentials');
    // The key was found in the environment file.
    expect(facts.warnings).toEqual([]);
    expect(facts.entries).toBe(files.size);
  });

  it('names what is missing, what may not be read, and the key without which credentials are worthless', async () => {
    const secret = path.join(folder, 'srv/closed/secret.pem');
    mkdirSync(path.dirname(secret), { recursive: true });
    writeFileSync(secret, 'x', { mode: 0o600 });
    const isRoot = process.getuid?.() === 0;
    const { facts, files } = await archiveOf({
      files: { paths: [path.dirname(secret), '/nowhere/nginx'], environment: [] },
      n8n: { command: 'n8n' },
    });
    const told = facts.warnings.join('\n');
    expect(told).toContain('/nowhere/nginx is not on');
    expect(told).toMatch(/encryption key is not in the backup: without it the credentials are worthless/);
    expect(told).toContain('backup.files.environment');
    expect(files.get('nginx-T.conf')?.text).toBe(NGINX);
    // As somebody else than root, whom permissions bind.
    if (isRoot && sshd.uid !== 0) expect(told).toMatch(/lets its user not read them: \S*secret\.pem/);
    expect(told).not.toContain('API_KEY');
  });

  it('says that nginx or n8n fail, without what they print', async () => {
    program('nginx', 'echo "password hunter2" >&2; exit 1');
    program('n8n', 'echo "secret hunter2"; exit 0');
    try {
      const { facts } = await archiveOf({
        files: { paths: [bin], environment: [], ...{} },
        n8n: { command: 'n8n' },
      });
      expect(facts.warnings.join('\n')).not.toContain('hunter2');
      expect(facts.warnings.filter((warning) => /^n8n's/.test(warning))).toHaveLength(3);
    } finally {
      program('nginx', `[ "$1" = -T ] && printf '%s' '${NGINX}'`);
      program('n8n', N8N);
    }
  });

  it('is refused whole when the line is cut in the middle', async () => {
    fileOf('big/data', Buffer.alloc(64 * 1_048_576, 'x'));
    const sources = serviceSources(
      { files: { paths: [path.join(folder, 'srv/big')], environment: [] }, n8n: {} },
      sshd.options,
    );
    const archive = serviceArchive({ ...sources, signal: new AbortController().signal });
    if (!archive) throw new Error('nothing is configured');
    let bytes = 0;
    await expect(
      (async () => {
        for await (const chunk of archive.producer.stream) {
          bytes += (chunk as Buffer).length;
          if (bytes > 1_048_576) await sshd.cut();
        }
      })(),
    ).rejects.toThrow();
    await expect(archive.finished).rejects.toThrow();
    await sources.host?.close();
    rmSync(path.join(folder, 'srv/big'), { recursive: true });
  });
});

describe('what is read back', () => {
  it('notices one changed byte, and an archive that ends early', async () => {
    fileOf('app/.env', 'A=1\n');
    const bytes = async (): Promise<{ all: Buffer; facts: ServiceFacts }> => {
      const sources = serviceSources(
        { files: { paths: [path.join(folder, 'srv/app')], environment: [] }, n8n: {} },
        sshd.options,
      );
      const archive = serviceArchive({ ...sources, signal: new AbortController().signal });
      if (!archive) throw new Error('nothing is configured');
      const chunks: Buffer[] = [];
      for await (const chunk of archive.producer.stream) chunks.push(chunk as Buffer);
      await sources.host?.close();
      return { all: Buffer.concat(chunks), facts: await archive.finished };
    };
    const { Readable: From } = await import('node:stream');
    const { all, facts } = await bytes();
    expect(await readArchive(From.from([all]))).toEqual({ entries: facts.entries, digest: facts.digest });
    const changed = Buffer.from(all);
    const where = changed.indexOf('A=1');
    changed[where] = 'B'.charCodeAt(0);
    expect((await readArchive(From.from([changed]))).digest).not.toBe(facts.digest);
    await expect(readArchive(From.from([all.subarray(0, where + 1)]))).rejects.toMatchObject({
      type: 'ObjectDamaged',
    });
  });
});

describe('n8n through its API, where no command is configured', () => {
  let server: LoopbackServer;
  const apiKey = 'n8n-api-key';
  beforeAll(async () => {
    server = await startN8n({ port: 0, apiKey, file: path.join(folder, 'n8n.json'), now: new Date() });
  });
  afterAll(() => server.stop());
  const policy: ServicePolicy = { files: { paths: [], environment: [] }, n8n: {} };

  it('brings the workflows, and says that credentials have no way out of it', async () => {
    const { facts, files } = await archiveOf(policy, {
      host: undefined,
      n8n: createN8nApi({ url: server.url, apiKey }),
      encryptionKey: 'the key',
    });
    expect(JSON.parse(files.get('n8n/workflows.json')?.text ?? '')).toHaveLength(4);
    expect(files.get('n8n/encryption-key.txt')?.text).toBe('the key\n');
    expect(facts.warnings).toEqual([expect.stringContaining('Set backup.n8n.command')]);
  });

  it('says in the warning why nothing came, never with the key; an archive of nothing is a failure', async () => {
    const wrong = createN8nApi({ url: server.url, apiKey: 'stale-key-123' });
    await expect(archiveOf(policy, { host: undefined, n8n: wrong })).rejects.toMatchObject({
      type: 'ServiceNotArchived',
      message: expect.not.stringContaining('stale-key-123') as unknown,
    });
  });
});

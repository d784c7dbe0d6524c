/** Each broken set-up is named with its cause and its mend, in one line; and a sound one is found sound. */
import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { loadConfig } from '../../src/config/index.ts';
import { doctorCommand } from '../../src/commands/doctor.ts';
import { choosePorts } from '../../src/dev/ports.ts';
import { startSmsSink, type SmsSink } from '../../src/dev/sms-sink.ts';
import { examineAll, type Finding } from '../../src/doctor/index.ts';
import { examine } from '../../src/doctor/finding.ts';
import { roleOf } from '../../src/doctor/outside.ts';
import { applySchedules } from '../../src/schedules/index.ts';
import { talos, useSettings } from '../commands/talos.ts';
import { grantPrivacy } from '../support/grants.ts';
import { startMaintenance, type Maintenance } from '../support/maintenance.ts';
import { API_KEY, startFakeN8n, type FakeN8n } from '../support/n8n.ts';
import { startPooler, type Pooler } from '../support/pooler.ts';
import { cloneDatabase, withLogin } from '../support/postgres.ts';
import { startSshd, type Sshd } from '../support/sshd.ts';

let sound: Record<string, string>;
let maintenance: Maintenance;
let sshd: Sshd;
let n8n: FakeN8n;
let sms: SmsSink;
let pooler: Pooler;
let folder: string;

const ACCOUNT = `AC${'1'.repeat(32)}`;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'talos-doctor-'));
  const ports = await choosePorts('free');
  const authToken = randomBytes(16).toString('hex');
  [maintenance, sshd, n8n, sms] = await Promise.all([
    startMaintenance(),
    startSshd(),
    startFakeN8n(),
    startSmsSink({ port: ports.sms, file: path.join(folder, 'sms.jsonl'), accountSid: ACCOUNT, authToken }),
  ]);
  await applySchedules({ client: maintenance.client });
  await grantPrivacy(maintenance.app.db);
  pooler = await startPooler(maintenance.app.url, folder);
  const { options } = sshd;
  sound = {
    ...maintenance.environment,
    ...{ N8N_URL: n8n.url, N8N_API_KEY: API_KEY, APP_URL: `${n8n.url}/healthz/readiness` },
    ...{ VPS_HOST: options.host, VPS_USER: options.user, VPS_SSH_KEY: options.privateKey },
    ...{ VPS_SSH_KNOWN_HOSTS: options.knownHosts, ADMIN_SMS: '+33639980001' },
    ...{ TWILIO_ACCOUNT_SID: ACCOUNT, TWILIO_AUTH_TOKEN: authToken, TWILIO_FROM: '+33639980000' },
    ...{ TWILIO_API_URL: sms.url, PUBLIC_URL: 'https://talos.example.com' },
    LINK_SIGNING_KEY: 'l'.repeat(40),
    ...{ ARCHIVE_MASTER_KEY: 'a'.repeat(40), ERASURE_LEDGER_KEY: 'e'.repeat(40) },
  };
});

afterAll(async () => {
  await maintenance.close();
  await Promise.all([sshd.stop(), n8n.stop(), sms.stop(), pooler.stop()]);
  await rm(folder, { recursive: true, force: true });
});

afterEach(() => vi.unstubAllEnvs());

/** Everything the doctor finds with these settings. */
async function findings(changes: Record<string, string> = {}): Promise<Finding[]> {
  const config = await loadConfig({
    environment: { ...sound, ...changes },
    cwd: folder,
    local: false,
    dotenv: false,
  });
  return examineAll(config, (work) => work(maintenance.client));
}

/** What is wrong in one area, as a person reads it. */
const wrong = (found: Finding[], area: string): string[] =>
  found
    .filter((finding) => finding.area === area && finding.result === 'failed')
    .map(({ message, mend = '' }) => `${message} → ${mend}`);

const changedUrl = (url: string, change: (url: URL) => void): string => {
  const changed = new URL(url);
  change(changed);
  return changed.href;
};

describe('a sound set-up', () => {
  it('has nothing that fails but the tests’ server and a worker that nobody started, and leaves nothing in the bucket', async () => {
    const found = await findings();
    expect(found.filter(({ result }) => result === 'failed').map(({ message }) => message)).toEqual([
      'no worker polls: nothing runs',
      // The tests' server may; an operator's must not.
      'the server may skip time (frontend.WorkflowTimeSkippingEnabled)',
    ]);
    for (const area of ['mail', 'sms', 'server', 'n8n', 'bucket', 'backup source', 'tools', 'temporal'])
      expect(
        found.some((finding) => finding.area === area && finding.result === 'fine'),
        area,
      ).toBe(true);
    expect((await maintenance.bucket()).keys).toEqual([]);
  });

  it('holds no secret in what it says, whatever is broken', async () => {
    const secret = { AWS_SECRET_ACCESS_KEY: 'canary-store-secret', N8N_API_KEY: 'canary-n8n-key' };
    const url = changedUrl(maintenance.app.url, (at) => (at.password = 'canary-password'));
    const found = await findings({ ...secret, TWILIO_AUTH_TOKEN: 'canary-token', DATABASE_URL: url });
    expect(JSON.stringify(found)).not.toContain('canary');
    expect(found.filter(({ result }) => result === 'failed').length).toBeGreaterThan(2);
  });
});

describe('a broken set-up is named with its mend', () => {
  it('1: a database where nothing listens', async () => {
    const url = changedUrl(maintenance.app.url, (at) => (at.port = '1'));
    expect(wrong(await findings({ DATABASE_URL: url }), 'application database')).toEqual([
      'DATABASE_URL: cannot connect: nothing listens there (ECONNREFUSED) → Start PostgreSQL, or correct host and port in DATABASE_URL.',
    ]);
  });

  it('2: a wrong password', async () => {
    const url = changedUrl(maintenance.ops.url, (at) => (at.password = 'wrong'));
    expect(wrong(await findings({ OPS_DATABASE_URL: url }), 'operations database')).toEqual([
      expect.stringMatching(/^OPS_DATABASE_URL: cannot connect: the password is wrong .* → .*\\password/),
    ]);
  });

  it('3: a database that does not exist', async () => {
    const url = changedUrl(maintenance.app.url, (at) => (at.pathname = '/nowhere'));
    expect(wrong(await findings({ DATABASE_URL: url }), 'application database')).toEqual([
      expect.stringMatching(/there is no such database \(3D000\) → Create it/),
    ]);
  });

  it('4: migrations that never ran', async () => {
    const empty = await cloneDatabase('empty');
    try {
      const found = await findings({ DATABASE_URL: empty.url });
      expect(wrong(found, 'application database')).toEqual([
        'schema maintenance is not there → Run `talos database apply`.',
      ]);
    } finally {
      await empty.drop();
    }
  });

  it('5: an upgrade without its migrations, and an adapter that lost a view', async () => {
    const app = await cloneDatabase('app');
    try {
      await app.db.query(`delete from maintenance.migrations where name like '0011%'`);
      await app.db.query('drop view saas.leads');
      const found = await findings({ DATABASE_URL: app.url });
      expect(wrong(found, 'application database')).toEqual([
        'one of our migrations has not run: 0011_migrations_readable → Run `talos database apply`.',
        expect.stringMatching(/^saas\.leads is missing.*→ Mend the adapter/),
      ]);
    } finally {
      await app.drop();
    }
  });

  it('6: a backup role that row-level security hides rows from', async () => {
    await withLogin(maintenance.app, 'in role pg_read_all_data', async (url) =>
      expect(wrong(await findings({ BACKUP_DATABASE_URL: url }), 'backup source')).toEqual([
        expect.stringMatching(/no BYPASSRLS.*alter role .* bypassrls/),
      ]),
    );
  });

  it('7: a transaction pooler where a snapshot is needed', async () => {
    const found = await findings({ BACKUP_DATABASE_URL: pooler.url('transaction') });
    expect(wrong(found, 'backup source')).toEqual([
      expect.stringMatching(/transaction pooler.*use the direct connection or the session pooler/),
    ]);
  });

  it('8: PostgreSQL’s programs that are not there', async () => {
    expect(wrong(await findings({ PG_BIN: folder }), 'tools')).toEqual([
      expect.stringMatching(/PG_BIN: .* has no .*pg_dump.*Set it to a folder that has, or unset it/),
    ]);
  });

  it('9: a wrong key of the store', async () => {
    const [said] = wrong(await findings({ AWS_SECRET_ACCESS_KEY: 'wrong-secret-key' }), 'bucket');
    expect(said).toMatch(/refused|AWS_SECRET_ACCESS_KEY/);
    expect(said).toMatch(/AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY)/);
  });

  it('10: a bucket that does not exist', async () => {
    const [said] = wrong(await findings({ BACKUP_BUCKET: 's3://no-such-bucket' }), 'bucket');
    expect(said).toMatch(/BACKUP_BUCKET|no-such-bucket/);
  });

  it('11: a mail server that is not there', async () => {
    expect(wrong(await findings({ SMTP_URL: 'smtp://127.0.0.1:1' }), 'mail')).toEqual([
      expect.stringMatching(/does not take our login \(.*ECONNREFUSED.*\) → Correct host, port/),
    ]);
  });

  it('12: another host key than the one that is pinned', async () => {
    const knownHosts = sound['VPS_SSH_KNOWN_HOSTS']?.replace(sshd.hostKeys.ed25519, strangersHostKey);
    expect(wrong(await findings({ VPS_SSH_KNOWN_HOSTS: knownHosts ?? '' }), 'server')).toEqual([
      expect.stringMatching(/another key than the one in VPS_SSH_KNOWN_HOSTS.*ssh-keyscan/),
    ]);
  });

  it('13: an SSH key that the server does not know', async () => {
    expect(wrong(await findings({ VPS_SSH_KEY: sshd.strangersKey }), 'server')).toEqual([
      expect.stringMatching(/refused the login/),
    ]);
  });

  it('14: a wrong Twilio token', async () => {
    expect(wrong(await findings({ TWILIO_AUTH_TOKEN: 'wrong' }), 'sms')).toEqual([
      expect.stringMatching(
        /refuses our login \(Twilio 20003\) → Copy TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN/,
      ),
    ]);
  });

  it('15: an expired API key of n8n', async () => {
    expect(wrong(await findings({ N8N_API_KEY: 'expired' }), 'n8n')).toEqual([
      expect.stringMatching(/has the API key expired\? Make a new one .* for N8N_API_KEY/),
    ]);
  });

  it('16: the anon key of Supabase where the service role’s is needed', async () => {
    const anon = `e.${Buffer.from('{"role":"anon"}').toString('base64url')}.s`;
    const keys = { SUPABASE_URL: 'http://127.0.0.1:1', SUPABASE_SERVICE_ROLE_KEY: anon };
    expect(wrong(await findings(keys), 'supabase')).toEqual([
      expect.stringMatching(/is the key of role anon → Copy the one of service_role/),
    ]);
    expect(roleOf('sb_secret_opaque')).toBeUndefined();
  });

  it('17: Schedules that were deleted, and one that is paused', async () => {
    const handle = maintenance.client.schedule.getHandle('backup-database');
    await handle.delete();
    await maintenance.client.schedule.getHandle('nettoyage-logs').pause('for the doctor');
    try {
      const found = await findings();
      expect(wrong(found, 'temporal')[0]).toMatch(
        /not as the table says: backup-database \(missing\) → Run `talos schedules apply`/,
      );
      expect(found.find(({ message }) => message === 'paused: nettoyage-logs')?.mend).toMatch(/--unpause/);
    } finally {
      await applySchedules({ client: maintenance.client });
      await maintenance.client.schedule.getHandle('nettoyage-logs').unpause();
    }
  });

  it('18: Temporal that does not answer', async () => {
    const config = await loadConfig({ environment: sound, cwd: folder, local: false, dotenv: false });
    const found = await examineAll(config, () =>
      Promise.reject(new Error('Temporal does not answer at 127.0.0.1:1 (TEMPORAL_ADDRESS)')),
    );
    expect(wrong(found, 'temporal')[0]).toMatch(/TEMPORAL_ADDRESS/);
    expect(found.some(({ area, result }) => area === 'mail' && result === 'fine')).toBe(true);
  });

  it('21: a role that may not delete what the clean-ups delete', async () => {
    await withLogin(maintenance.app, '', async (url) =>
      expect(wrong(await findings({ DATABASE_URL: url }), 'clean-ups')).toEqual([
        expect.stringMatching(
          /may not delete from auth\.sessions; as its owner: run database\/grants\/supabase-cleanup\.sql .* and \d+ more tables → /,
        ),
      ]),
    );
  });

  it('19: several wrong settings at once, with exit code 2', async () => {
    useSettings({ ...sound, ADMIN_EMAIL: 'nobody', SMTP_URL: 'https://mail', PUBLIC_URL: 'ftp://x' });
    const { code, stdout } = await talos(doctorCommand());
    expect(code).toBe(2);
    for (const name of ['ADMIN_EMAIL', 'SMTP_URL', 'PUBLIC_URL'])
      expect(stdout).toMatch(new RegExp(`^FAIL  settings  ${name} .* → .+$`, 'm'));
  });

  it('20: what hangs is told as what hangs', async () => {
    const found = await examine({ area: 'bucket', run: () => new Promise(() => undefined) }, 50);
    expect(wrong(found, 'bucket')[0]).toMatch(/no answer in 0.05 s → Look whether a firewall/);
  });
});

describe('talos doctor', () => {
  it('prints JSON, and fails with 1 while a worker is missing', async () => {
    useSettings(sound);
    const { code, stdout } = await talos(doctorCommand(), '--json');
    const { findings: found } = JSON.parse(stdout) as { findings: Finding[] };
    expect(code).toBe(1);
    expect(wrong(found, 'temporal')[0]).toMatch(/no worker polls.*Start `talos worker --http`/);
  });
});

/** Of nobody. */
const strangersHostKey = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl';

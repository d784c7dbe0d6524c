import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { expect, test } from 'vitest';
import { loadConfig } from '../../src/config/index.ts';
import { SCHEDULE_IDS } from '../../src/shared/ids.ts';
import { MINIMUM, folderWith } from './support.ts';

const load = async (settings: Record<string, string>) =>
  loadConfig({ environment: { ...MINIMUM, ...settings }, cwd: await folderWith() });

const STORE = { BACKUP_BUCKET: 's3://b', AWS_ACCESS_KEY_ID: 'i', AWS_SECRET_ACCESS_KEY: 's' };

test('each job is listed, and one without its settings is off with the names it misses', async () => {
  const { jobs } = await load({});
  expect(jobs.map(({ scheduleId }) => scheduleId)).toEqual(SCHEDULE_IDS);
  expect(
    Object.fromEntries(jobs.filter(({ ready }) => !ready).map((job) => [job.scheduleId, job.missing])),
  ).toEqual({
    'monitoring-disponibilite': ['APP_URL'],
    'backup-database': [...Object.keys(STORE), 'BACKUP_AGE_RECIPIENTS'],
    'relance-essais-inactifs': ['PUBLIC_URL', 'LINK_SIGNING_KEY'],
    'nettoyage-logs': [...Object.keys(STORE), 'BACKUP_AGE_RECIPIENTS'],
    'archivage-clients-inactifs': [
      ...Object.keys(STORE),
      ...[
        'BACKUP_AGE_RECIPIENTS',
        'PUBLIC_URL',
        'LINK_SIGNING_KEY',
        'ARCHIVE_MASTER_KEY',
        'ERASURE_LEDGER_KEY',
      ],
    ],
  });
});

test('the backup is on once it has its store and a key', async () => {
  const recipient = await identityToRecipient(await generateX25519Identity());
  const { jobs } = await load({ ...STORE, BACKUP_AGE_RECIPIENTS: recipient });
  expect(jobs.find(({ scheduleId }) => scheduleId === 'backup-database')).toEqual({
    scheduleId: 'backup-database',
    ready: true,
    missing: [],
  });
});

test('a group that is begun and not finished is left aside, warned of, and turns its jobs off', async () => {
  const { environment, jobs, warnings } = await load({ VPS_HOST: 'vps', VPS_USER: 'talos' });
  expect(environment.vps).toBeUndefined();
  expect(warnings).toMatchObject([
    { setting: 'VPS_HOST', problem: 'is set without VPS_SSH_KEY, VPS_SSH_KNOWN_HOSTS' },
  ]);
  const performance = jobs.find(({ scheduleId }) => scheduleId === 'monitoring-performance');
  expect(performance).toMatchObject({ ready: false, missing: ['VPS_SSH_KEY', 'VPS_SSH_KNOWN_HOSTS'] });
});

test('variables that look like ours are warned of with what was meant', async () => {
  const { warnings } = await load({
    BACKUP_BUKET: 's3://CANARY',
    TWILLIO_FROM: 'x',
    HEARTBEAT_URL_BACKUP: 'x',
    TALOS_COLOUR: 'x',
    DATABASE_URI: 'x',
    API_URL: 'x',
    AWS_PROFILE: 'x',
    N8N_PORT: 'x',
    PATH: 'x',
  });
  expect(Object.fromEntries(warnings.map(({ setting, mend }) => [setting, mend]))).toEqual({
    BACKUP_BUKET: 'Did you mean BACKUP_BUCKET?',
    TWILLIO_FROM: 'Did you mean TWILIO_FROM?',
    HEARTBEAT_URL_BACKUP: expect.stringContaining('.env.example') as string,
    TALOS_COLOUR: expect.stringContaining('.env.example') as string,
  });
  expect(JSON.stringify(warnings)).not.toContain('CANARY');
});

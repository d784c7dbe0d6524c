import { describe, expect, it } from 'vitest';
import { secretsOf } from '../../src/config/secrets.ts';
import { createMask, errorText } from '../../src/log-mask.ts';

describe('the mask of log lines', () => {
  const mask = createMask(['hunter2-of-production', 'with"quote\\and more']);

  it.each([
    ['a secret of the settings', 'refused: hunter2-of-production', 'hunter2'],
    ['one that JSON writes otherwise', JSON.stringify({ a: 'with"quote\\and more' }), 'and more'],
    ['credentials in a URL', 'connect postgresql://talos:p4ss@host:5432/db', 'p4ss'],
    ['an e-mail address', '550 <élise.martin+x@exämple.co.uk> unknown', 'martin'],
    ['a number as Twilio writes it', "The 'To' number +33612345678 is not valid", '612345678'],
    ['a number as people write it', 'call +33 6 12 34 56 78', '34 56'],
    ['a French number', 'rappeler le 06.12.34.56.78', '34.56'],
    ['a bearer token', 'headers: Authorization: Bearer abc.def-123', 'abc.def'],
    ['a JSON Web Token', 'apikey eyJhbGciOiJI.eyJyb2xlIjoi.c2lnbmF0dXJl refused', 'eyJyb2xlIjoi'],
    ['a private key', 'AGE-SECRET-KEY-1QQPZRY9X8', '1QQPZRY'],
  ])('hides %s', (_what, line, canary) => {
    expect(line).toContain(canary);
    expect(mask(line)).not.toContain(canary);
  });

  it('leaves ids, times, numbers and hosts alone', () => {
    const line = JSON.stringify({
      time: '2026-11-28T08:13:22.123Z',
      workflowId: 'backup-database-manual-2026-11-28T03:00:00Z',
      runId: '019ad3f0-1234-7abc-8def-0123456789ab',
      bytes: 1234567890123,
      host: 'smtp.example.com:587',
      at: 'since +00:00',
    });
    expect(mask(line)).toBe(line);
  });
});

describe('errors on a line', () => {
  it('leave out what PostgreSQL quotes of a row', () => {
    const error = Object.assign(new Error('invalid input syntax for type integer: "Élise"'), {
      ...{ code: '22P02', severity: 'ERROR', table: 'leads' },
    });
    expect(errorText(error)).toBe('PostgreSQL 22P02 at table leads');
  });

  it('say what is missing where no row is quoted', () => {
    const error = Object.assign(new Error('relation "saas.leads" does not exist'), {
      ...{ name: 'error', code: '42P01', severity: 'ERROR' },
    });
    expect(errorText(error)).toBe('error: relation "saas.leads" does not exist');
  });
});

describe('what counts as a secret', () => {
  it('is keys, tokens, passwords of URLs and secret addresses; nothing that all may know', () => {
    expect(
      secretsOf({
        DATABASE_URL: 'postgresql://talos:p%40ssword@host/db',
        AWS_ACCESS_KEY_ID: 'AKIAPUBLIC',
        AWS_SECRET_ACCESS_KEY: 'store-secret',
        VPS_SSH_KEY: '-----BEGIN OPENSSH PRIVATE KEY-----\nbase64line\n-----END OPENSSH PRIVATE KEY-----\n',
        VPS_SSH_KNOWN_HOSTS: 'host ssh-ed25519 AAAA',
        HEARTBEAT_URL_BACKUP_DATABASE: 'https://hc-ping.com/uuid',
        TEMPORAL_API_KEY: 'temporal-key',
        PATH: '/usr/bin',
        SOMEBODY_ELSES_TOKEN: 'not-ours',
      }),
    ).toEqual([
      'p%40ssword',
      'p@ssword',
      'store-secret',
      'base64line',
      'https://hc-ping.com/uuid',
      'temporal-key',
    ]);
  });
});

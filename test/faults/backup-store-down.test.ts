import { describe, expect, inject, it } from 'vitest';
import { startFaultyS3, type Fault, type S3Request } from '../support/faulty-s3.ts';
import { startMaintenance } from '../support/maintenance.ts';
import {
  ballast,
  expectOnly,
  expectProven,
  report,
  runBackup,
  startWorkerInTurn,
  sweepTomorrow,
} from './backup-run.ts';

const RESET: Fault = { kind: 'reset' };
const answer = (status: number, code: string): Fault => ({ kind: 'answer', status, code });
const dumpOf = (operation: S3Request['operation']) => (request: S3Request) =>
  request.operation === operation && request.path.endsWith('.age');
const readBack = dumpOf('GetObject');
const isWrite = ({ operation }: S3Request): boolean =>
  /^(PutObject|CreateUpload|UploadPart|Copy)$/.test(operation);
const FULL = /the store is full or a quota is used up/;

/** Everything, once such a request has come. */
function fromFirst(operation: S3Request['operation']): (request: S3Request) => boolean {
  let begun = false;
  return (request) => (begun ||= request.operation === operation && request.path.includes('/daily/'));
}

describe.concurrent('a store that is down for the whole run', () => {
  it.for<[string, (request: S3Request) => boolean, Fault, RegExp]>([
    ['503 on everything', () => true, answer(503, 'ServiceUnavailable'), /stockage ne répond pas/],
    ['resets on everything', () => true, RESET, /stockage ne répond pas/],
    [
      '503 on everything from the first part on',
      fromFirst('UploadPart'),
      answer(503, 'SlowDown'),
      /stockage ne répond pas/,
    ],
    ['full: 507 on every part', dumpOf('UploadPart'), answer(507, 'InsufficientStorage'), FULL],
    ['full: 403 QuotaExceeded on every part', dumpOf('UploadPart'), answer(403, 'QuotaExceeded'), FULL],
    ['full: 507 on everything written', isWrite, answer(507, 'InsufficientStorage'), FULL],
    [
      'the read back always reset',
      readBack,
      { kind: 'cut body', afterBytes: 100_000, then: 'reset' },
      /stockage|abîmée/,
    ],
    ['resets on everything once the dump is stored', fromFirst('PutObject'), RESET, /stockage ne répond pas/],
  ])(
    '%s: one e-mail names the bucket; the next run is proven, and leaves nothing of this one',
    async ([what, fits, fault, words], { expect: expectHere }) => {
      const proxy = await startFaultyS3(inject('s3').endpoint);
      const maintenance = await startMaintenance({ S3_ENDPOINT: proxy.endpoint });
      try {
        await startWorkerInTurn(maintenance);
        const injected = proxy.inject(fits, fault);
        const failed = await runBackup(maintenance, 'backup-down');
        const [mail, ...others] = failed.mails;
        report(
          `${what}: ${String(injected.hits)} faults, ${mail?.subject ?? 'no mail'}, ${String(failed.seconds)} s`,
        );
        expectHere(failed.result).toBeUndefined();
        expectHere(others).toEqual([]);
        expectHere(mail?.subject).toMatch(/échec/i);
        // The mail breaks its lines.
        const told = `${mail?.subject ?? ''} ${mail?.text?.replaceAll(/\s+/g, ' ') ?? ''}`;
        expectHere(told).toMatch(words);
        expectHere(told).toContain('talos-backups');
        expectHere((await maintenance.bucket()).keys.filter((key) => key.endsWith('manifest.json'))).toEqual(
          [],
        );
        proxy.mend();
        const next = await runBackup(maintenance, 'backup-after');
        expectProven(next);
        // What could not be cleared while the store was down is young still: the next night's sweep takes it.
        const swept = await sweepTomorrow(maintenance);
        report(`${what}: swept later: ${JSON.stringify(swept)}`);
        await expectOnly(maintenance, [next.result]);
      } finally {
        await maintenance.close();
        await proxy.close();
      }
    },
  );
});

/** Completing may take a store minutes without a byte: there the client waits for 15 minutes, and this test does not. */
describe.concurrent('a store that falls silent', () => {
  it.for<[string, (request: S3Request) => boolean, Fault]>([
    ['a part is never answered', dumpOf('UploadPart'), { kind: 'silence' }],
    ['a listing is never answered', ({ operation }) => operation === 'ListUploads', { kind: 'silence' }],
    ['the read back never begins', readBack, { kind: 'silence' }],
    ['the read back stands still', readBack, { kind: 'cut body', afterBytes: 3_000_000, then: 'silence' }],
  ])('%s: the run gives up on it and ends proven', async ([what, fits, fault], { expect: expectHere }) => {
    const proxy = await startFaultyS3(inject('s3').endpoint);
    const maintenance = await startMaintenance({ S3_ENDPOINT: proxy.endpoint });
    try {
      await maintenance.app.db.query(ballast(10));
      await startWorkerInTurn(maintenance);
      const injected = proxy.inject(fits, fault, 1);
      const outcome = await runBackup(maintenance, 'backup-silent', 300_000);
      report(
        `${what}: ${String(outcome.result?.attemptsBefore)} failed attempts, ${String(outcome.seconds)} s`,
      );
      expectHere(injected.hits).toBe(1);
      expectProven(outcome);
      await expectOnly(maintenance, [outcome.result]);
    } finally {
      await maintenance.close();
      await proxy.close();
    }
  });
});

it('a store that refuses the read back for good: stored, not proven, and a critical mail says why', async () => {
  const proxy = await startFaultyS3(inject('s3').endpoint);
  const maintenance = await startMaintenance({ S3_ENDPOINT: proxy.endpoint });
  try {
    await startWorkerInTurn(maintenance);
    proxy.inject(readBack, answer(503, 'SlowDown'));
    const { result, mails, seconds } = await runBackup(maintenance, 'backup-unread');
    const [mail, ...others] = mails;
    report(
      `read back refused for good: ${mail?.subject ?? 'no mail'} | ${result?.proof.reason ?? ''} | ${String(seconds)} s`,
    );
    expect(result?.proven).toBe(false);
    expect(result?.proof.reason).toMatch(/Bucket talos-backups: cannot read .*SlowDown/);
    expect(others).toEqual([]);
    expect(mail?.subject).toMatch(/non prouvée/i);
    expect(mail?.text).toContain('SlowDown');
    await expectOnly(maintenance, [result]);
  } finally {
    await maintenance.close();
    await proxy.close();
  }
});

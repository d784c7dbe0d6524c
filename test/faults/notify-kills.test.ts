import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Notice } from '../../src/notifications/index.ts';
import { ACCOUNT, ADMIN_SMS, AUTH_TOKEN, POLICY, startBench } from '../notifications/sms-bench.ts';
import type { Bench } from '../notifications/sms-bench.ts';

const CHILD = fileURLToPath(new URL('./notify-child.mjs', import.meta.url));
const RUNS = 3;

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());

/** One attempt in a process of its own; the boundaries it passed, or the signal that ended it. */
const attempt = (notice: Notice, callbacks: boolean, dieAt?: number) =>
  new Promise<string>((resolve, reject) => {
    const input = {
      ...{ notice, dieAt, opsUrl: bench.ops.url, smtpUrl: bench.smtp.url, to: ADMIN_SMS },
      twilio: { accountSid: ACCOUNT, authToken: AUTH_TOKEN, from: '+33639980000', apiUrl: bench.sink.url },
      ...(callbacks ? { callbackUrl: `${bench.publicUrl}/twilio/status` } : {}),
      policy: { ...POLICY, smsPerHour: 1_000 },
    };
    execFile(process.execPath, [CHILD, JSON.stringify(input)], (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else if (error.signal === 'SIGKILL') resolve('killed');
      else reject(new Error(stderr));
    });
  });

it.each([
  ['callbacks', true],
  ['the list alone', false],
])(
  'kill -9 at every boundary of an SMS, with %s: none lost, none twice (figure 6)',
  async (_name, callbacks) => {
    const boundaries = Number(await attempt(bench.alert(), callbacks));
    expect(boundaries).toBeGreaterThanOrEqual(12);
    const counts: number[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      for (let dieAt = 1; dieAt <= boundaries; dieAt += 1) {
        const notice = bench.alert();
        expect(await attempt(notice, callbacks, dieAt)).toBe('killed');
        await bench.expireLease(notice);
        await attempt(notice, callbacks);
        counts.push(bench.arrived(notice).length);
        expect(await bench.row(notice)).toMatchObject({ status: 'sent' });
      }
    }
    console.log(
      `${counts.length} kills: ${counts.filter((count) => count === 0).length} lost, ${counts.filter((count) => count > 1).length} twice`,
    );
    expect(counts.every((count) => count === 1)).toBe(true);
  },
);

it('kill -9 at every boundary of an e-mail: none lost; only one that left and was not written down comes again, with the same Message-ID', async () => {
  const mail = (): Notice => bench.alert({ channels: ['email'] });
  const boundaries = Number(await attempt(mail(), false));
  let twice = 0;
  for (let dieAt = 1; dieAt <= boundaries; dieAt += 1) {
    bench.smtp.received.length = 0;
    const notice = mail();
    expect(await attempt(notice, false, dieAt)).toBe('killed');
    await bench.expireLease(notice);
    await attempt(notice, false);
    const { received } = bench.smtp;
    expect(received.length).toBeGreaterThanOrEqual(1);
    expect(new Set(received).size).toBe(1);
    if (received.length > 1) twice += 1;
    expect(await bench.row(notice, 'email')).toMatchObject({ status: 'sent' });
  }
  console.log(
    `${boundaries} kills: 0 lost, ${twice} repeated with the same bytes (the answer was not written down)`,
  );
  expect(twice).toBeLessThanOrEqual(2);
});

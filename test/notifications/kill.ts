import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Notice } from '../../src/notifications/index.ts';
import { ACCOUNT, ADMIN_SMS, AUTH_TOKEN, POLICY, type Bench } from './sms-bench.ts';

const CHILD = fileURLToPath(new URL('../faults/notify-child.mjs', import.meta.url));

/** One attempt in a process of its own; the boundaries it passed, or that it was killed at one. */
export const attemptAt = (
  bench: Bench,
  notice: Notice,
  { callbacks = false, dieAt }: { callbacks?: boolean; dieAt?: number } = {},
) =>
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

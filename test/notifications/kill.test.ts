import { afterAll, beforeAll, expect, it } from 'vitest';
import { attemptAt } from './kill.ts';
import { startBench, type Bench } from './sms-bench.ts';

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());

// Every boundary, three times, is in test/faults/notify-kills.test.ts and alert-kills.test.ts.
it.each([1, 4, 8, 12])(
  'kill -9 at boundary %i of an SMS: told once by the next attempt (figure 6)',
  async (dieAt) => {
    const notice = bench.alert();
    expect(await attemptAt(bench, notice, { dieAt })).toBe('killed');
    await bench.expireLease(notice);
    await attemptAt(bench, notice);
    expect(bench.arrived(notice)).toHaveLength(1);
    expect(await bench.row(notice)).toMatchObject({ status: 'sent' });
  },
);

import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Notice } from '../../src/notifications/index.ts';
import { attemptAt } from '../notifications/kill.ts';
import { startBench } from '../notifications/sms-bench.ts';
import type { Bench } from '../notifications/sms-bench.ts';

const RUNS = 3;

let bench: Bench;
beforeAll(async () => {
  bench = await startBench();
});
afterAll(() => bench.close());

it.each([
  ['callbacks', true],
  ['the list alone', false],
])(
  'kill -9 at every boundary of an SMS, with %s: none lost, none twice (figure 6)',
  async (_name, callbacks) => {
    const boundaries = Number(await attemptAt(bench, bench.alert(), { callbacks }));
    expect(boundaries).toBeGreaterThanOrEqual(12);
    const counts: number[] = [];
    for (let run = 0; run < RUNS; run += 1) {
      for (let dieAt = 1; dieAt <= boundaries; dieAt += 1) {
        const notice = bench.alert();
        expect(await attemptAt(bench, notice, { callbacks, dieAt })).toBe('killed');
        await bench.expireLease(notice);
        await attemptAt(bench, notice, { callbacks });
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
  const boundaries = Number(await attemptAt(bench, mail()));
  let twice = 0;
  for (let dieAt = 1; dieAt <= boundaries; dieAt += 1) {
    bench.smtp.received.length = 0;
    const notice = mail();
    expect(await attemptAt(bench, notice, { dieAt })).toBe('killed');
    await bench.expireLease(notice);
    await attemptAt(bench, notice);
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

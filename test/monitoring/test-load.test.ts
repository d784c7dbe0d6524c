import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLoad } from '../../src/monitoring/load.ts';
import type { TestLoadOutcome } from '../../src/monitoring/test-load.ts';
import { TASK_QUEUE } from '../../src/shared/ids.ts';
import { startSite, type Site } from '../support/site.ts';
import { waitFor } from '../support/wait.ts';

const alive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('MT1', () => {
  let site: Site;
  beforeAll(async () => {
    site = await startSite({});
  });
  afterAll(() => site.close());

  it('tells of an invented load by SMS and e-mail, marked, and of its end; the alert closes itself', async () => {
    const { client } = site.maintenance;
    const outcome = (await client.workflow.execute('testLoad', {
      ...{ workflowId: 'test-load', taskQueue: TASK_QUEUE, args: [{ mode: 'synthetic', seconds: 5 }] },
    })) as TestLoadOutcome;
    expect(outcome).toEqual({ alert: 'alert/AL1/test-load', fired: true, peakPercent: 99 });
    await client.workflow.getHandle(outcome.alert).result();
    await waitFor(() => site.sms.messages.length >= 2 && site.smtp.received.length >= 2, {
      timeoutMs: 30_000,
      what: 'beginning and end on both channels',
    });
    for (const { body } of site.sms.messages) expect(body).toMatch(/^\[TEST\]/);
    for (const mail of site.smtp.received) expect(mail).toMatch(/^Subject:.*TEST/m);
    expect(site.sms.messages).toHaveLength(2);
  });
});

describe('a real load', () => {
  it('runs at the lowest priority on every core, and ends when it is told to, or at its time', async () => {
    const told = startLoad(60);
    expect(told.pids.length).toBeGreaterThan(0);
    expect(told.pids.every(alive)).toBe(true);
    told.stop();
    const timed = startLoad(1);
    await waitFor(() => ![...told.pids, ...timed.pids].some(alive), {
      timeoutMs: 20_000,
      what: 'the end of both loads',
    });
  });
});

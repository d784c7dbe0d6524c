import { describe, expect, it } from 'vitest';
import { isOver, nameOf } from '../../src/alerts/state.ts';
import { LONGEST_SILENCE_MS } from '../../src/alerts/times.ts';
import { HOUR, MINUTE, Play, SECOND } from './play.ts';

const by = 'cli';

describe('an alert', () => {
  it('rings once however often it fires, and tells the end with its duration', () => {
    const play = new Play();
    const since = new Date(play.now - MINUTE).toISOString();
    for (let report = 0; report < 15; report += 1) play.give(play.firing({ since })).pass(20 * SECOND);
    play.give(play.cleared()).pass(HOUR);
    expect(play.opens).toBe(1);
    expect(play.heard()).toEqual([
      '0 sms firing',
      '0 email firing',
      '360 sms resolved',
      '360 email resolved',
    ]);
    expect(play.sent.at(-1)?.data.resolved).toMatchObject({ seconds: 360, by: 'recovery' });
    expect(isOver(play.state)).toBe(true);
  });

  it('escalates after 10 min, and reminds after 15 min, 30 min, 1 h and then every 4 h, twenty times at the most', () => {
    const play = new Play();
    play.give(play.firing()).pass(100 * HOUR);
    const sms = play.sent.filter(({ channel }) => channel === 'sms');
    const minutes = (event: string) =>
      sms.filter((one) => one.event === event).map(({ at }) => Math.round(at / 60));
    expect(minutes('escalated')).toEqual([10]);
    expect(minutes('reminder').slice(0, 6)).toEqual([15, 45, 105, 345, 585, 825]);
    expect(minutes('reminder')).toHaveLength(20);
    expect(play.heard().filter((line) => line.includes('webhook'))).toEqual(['600 webhook escalated']);
    expect(play.wakeAt).toBeUndefined();
  });

  it('is never reminded of after an acknowledgement, owns no timer then, and tells the end', () => {
    const play = new Play();
    play
      .give(play.firing())
      .pass(5 * MINUTE)
      .give({ kind: 'acknowledge', by });
    expect(play.wakeAt).toBeUndefined();
    expect(nameOf(play.state, play.now)).toBe('acknowledged');
    play
      .pass(10 * HOUR)
      .give(play.cleared())
      .pass(HOUR);
    expect(play.notices()).toEqual(['firing-1', 'resolved-1']);
    expect(play.wakeAt).toBeUndefined();
  });

  it('is not acknowledged by the link of an earlier one', () => {
    const play = new Play();
    play.give(play.firing()).give({ kind: 'acknowledge', by: 'link', alertId: 99 });
    expect(nameOf(play.state, play.now)).toBe('firing');
  });

  it('is silent until the silence ends, seven days at the most', () => {
    const play = new Play();
    play.give(play.firing()).pass(MINUTE);
    play.give({ kind: 'silence', until: play.now + 2 * HOUR, by });
    expect(nameOf(play.state, play.now)).toBe('silenced');
    play.pass(2 * HOUR - SECOND);
    expect(play.notices()).toEqual(['firing-1']);
    play.pass(2 * SECOND);
    expect(play.notices()).toHaveLength(2);
    play.give({ kind: 'silence', until: play.now + 1000 * HOUR, by });
    expect(play.state.episode?.silenced?.until).toBe(play.now + LONGEST_SILENCE_MS);
  });

  it('ends quietly under a silence when nobody was told', () => {
    const play = new Play();
    play.silencedBefore = { until: play.now + HOUR, at: '', by };
    play
      .give(play.firing())
      .pass(10 * MINUTE)
      .give(play.cleared())
      .pass(10 * HOUR);
    expect(play.sent).toEqual([]);
    expect(isOver(play.state)).toBe(true);
  });

  it('rings at the end of a silence when nobody was told before it', () => {
    const play = new Play();
    play.silencedBefore = { until: play.now + HOUR, at: '', by };
    play.give(play.firing()).pass(HOUR + SECOND);
    expect(play.heard()).toEqual(['3600 sms firing', '3600 email firing']);
  });

  it('does not ring again for the incident that a person has resolved, and rings for the next', () => {
    const play = new Play();
    const since = new Date(play.now).toISOString();
    play.give(play.firing()).pass(MINUTE).give({ kind: 'resolve', by });
    for (let report = 0; report < 20; report += 1) play.pass(20 * SECOND).give(play.firing({ since }));
    expect(play.notices()).toEqual(['firing-1', 'resolved-1']);
    expect(play.wakeAt).toBeUndefined();
    play.pass(SECOND).give(play.firing()).pass(SECOND);
    expect(play.opens).toBe(2);
    expect(play.notices()).toHaveLength(3);
  });

  it('tells once, important and quiet, that nothing can be seen, and that it can again', () => {
    const play = new Play();
    const at = new Date(play.now).toISOString();
    const noData = {
      rule: 'AL1',
      target: 'server',
      level: 'critical',
      since: at,
      at,
      reason: 'timeout',
    } as const;
    for (let times = 0; times < 10; times += 1) play.give({ kind: 'noData', noData }).pass(MINUTE);
    expect(nameOf(play.state, play.now)).toBe('no-data');
    play
      .pass(30 * HOUR)
      .give(play.cleared('dataAgain'))
      .pass(HOUR);
    expect(play.sent.map(({ channel, event }) => `${channel} ${event}`)).toEqual([
      'email no-data',
      'email data-again',
    ]);
  });

  it('becomes critical by a later report, and says so', () => {
    const play = new Play();
    play.give(play.firing({ level: 'important', ownJob: 'backup-database' })).pass(MINUTE);
    play.give(play.firing()).pass(MINUTE);
    expect(play.heard()).toEqual(['5 email firing', '60 sms firing', '60 email firing']);
  });

  it('closes a test by itself, never escalates it, and lets nothing real hide behind it', () => {
    const play = new Play();
    play.give(play.firing({ test: true })).pass(HOUR);
    expect(play.notices()).toEqual(['firing-1', 'resolved-1']);
    expect(play.sent.at(-1)?.data.resolved?.by).toBe('test over');
    expect(isOver(play.state)).toBe(true);
    play
      .give(play.firing({ test: true }))
      .pass(SECOND)
      .give(play.firing())
      .pass(SECOND);
    expect(play.sent.at(-1)?.data.test).toBeUndefined();
    expect(nameOf(play.state, play.now)).toBe('firing');
  });
});

describe('flaps', () => {
  const flap = (play: Play, count: number, downMs: number, upMs: number): void => {
    play.give(play.firing());
    for (let flaps = 0; flaps < count; flaps += 1)
      play.pass(downMs).give(play.cleared()).pass(upMs).give(play.firing());
    play.pass(downMs).give(play.cleared()).pass(HOUR);
  };

  it('7 of 20 s down and 15 s up are two notices', () => {
    const play = new Play();
    flap(play, 7, 20 * SECOND, 15 * SECOND);
    expect(play.notices()).toEqual(['firing-1', 'resolved-1']);
    expect(play.sent.at(-1)?.data.flaps).toBe(7);
  });

  it('200 in an hour are three, the last one with the count', () => {
    const play = new Play();
    flap(play, 200, 10 * SECOND, 8 * SECOND);
    expect(play.notices()).toEqual(['firing-1', 'flapping-1', 'resolved-1']);
    expect(play.sent.at(-1)?.data.flaps).toBe(200);
  });

  it('slow ones are held longer and longer, ten minutes at the most', () => {
    const play = new Play();
    flap(play, 30, 20 * SECOND, 50 * SECOND);
    expect(play.notices()).toEqual(['firing-1', 'flapping-1', 'resolved-1']);
    const end = (play.sent.at(-1)?.at ?? 0) - (31 * 20 + 30 * 50);
    expect(Math.round(end)).toBe(600);
  });
});

describe('a channel that is down', () => {
  it('gets one late notice of an incident wholly inside its outage; the other is told twice as ever', () => {
    const play = new Play();
    play.down.add('email');
    play
      .give(play.firing())
      .pass(10 * SECOND)
      .give(play.cleared())
      .pass(30 * MINUTE);
    expect(play.heard()).toEqual(['0 sms firing', '70 sms resolved']);
    play.down.clear();
    play.pass(HOUR);
    expect(play.heard().slice(2)).toHaveLength(1);
    expect(play.sent.at(-1)).toMatchObject({
      channel: 'email',
      event: 'resolved',
      data: { resolved: { late: true } },
    });
    expect(play.sent[1]?.data.resolved?.late).toBeUndefined();
    expect(isOver(play.state)).toBe(true);
  });

  it('is named on the other one after a minute, once', () => {
    const play = new Play();
    play.down.add('sms');
    play.give(play.firing()).pass(9 * MINUTE);
    expect(play.heard()).toEqual(['0 email firing', '60 email reminder']);
    expect(play.sent.at(-1)?.data.undelivered).toEqual(['sms']);
  });

  it('gets one notice at its return, not all that gathered', () => {
    const play = new Play();
    for (const channel of ['sms', 'email'] as const) play.down.add(channel);
    play.give(play.firing()).pass(3 * HOUR);
    play.down.clear();
    play.pass(15 * SECOND);
    expect(play.sent.map(({ channel, event }) => `${channel} ${event}`).sort()).toEqual([
      'email firing',
      'sms firing',
      'webhook escalated',
    ]);
  });

  it('that refuses for good is replaced by the next one at once', () => {
    const play = new Play();
    play.refusing.add('email');
    play.give(play.firing({ level: 'important' })).pass(MINUTE);
    expect(play.heard()).toEqual(['5 sms firing']);
    play.give(play.cleared()).pass(HOUR);
    expect(play.heard().at(-1)).toContain('sms resolved');
  });

  it('gets nothing of what was acknowledged meanwhile', () => {
    const play = new Play();
    play.down.add('sms');
    play
      .give(play.firing())
      .pass(30 * SECOND)
      .give({ kind: 'acknowledge', by })
      .pass(MINUTE);
    play.down.clear();
    play.give(play.cleared()).pass(HOUR);
    expect(play.heard().filter((line) => line.includes('sms'))).toEqual([]);
    expect(play.heard().at(-1)).toContain('email resolved');
  });
});

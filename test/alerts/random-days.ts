import { isOver } from '../../src/alerts/state.ts';
import { HOUR, MINUTE, Play, SECOND } from './play.ts';

/** The same numbers for the same seed, so that a failure can be played again. */
function random(seed: number): () => number {
  let state = seed + 0x9e3779b9;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Plays a random day: reports, recoveries, outages of channels, silences; returns what broke a promise. */
export function broken(seed: number): string[] {
  const next = random(seed);
  const pick = <Value>(...values: Value[]): Value => values[Math.floor(next() * values.length)] as Value;
  const play = new Play();
  play.latency = pick(5, 40, 3_000, 19_000);
  play.retry = 10 * MINUTE;
  const problems: string[] = [];
  const end = play.now + 24 * HOUR;
  let sawAcknowledged = 0;
  while (play.now < end) {
    const what = next();
    if (what < 0.4) play.give(play.firing({ level: pick('critical', 'critical', 'important') }));
    else if (what < 0.62) play.give(play.cleared(pick('clear', 'clear', 'dataAgain')));
    else if (what < 0.7) play.give({ kind: 'acknowledge', by: 'cli' });
    else if (what < 0.75) play.give({ kind: 'resolve', by: 'cli' });
    else if (what < 0.8)
      play.give({ kind: 'silence', until: play.now + (next() - 0.1) * 5 * HOUR, by: 'cli' });
    else if (what < 0.85) {
      const at = new Date(play.now).toISOString();
      const noData = {
        rule: 'AL4',
        target: 'app',
        level: 'critical',
        since: at,
        at,
        reason: 'timeout',
      } as const;
      play.give({ kind: 'noData', noData });
    } else if (what < 0.95) {
      const channel = pick('sms', 'email', 'webhook');
      if (!play.down.delete(channel)) play.down.add(channel);
    } else play.state = JSON.parse(JSON.stringify(play.state)) as typeof play.state; // continue-as-new

    const { episode } = play.state;
    const acknowledged = episode?.acknowledged !== undefined && episode.phase === 'open';
    const closed = episode?.phase === 'closed' || episode?.phase === 'lingering';
    if (acknowledged) sawAcknowledged += 1;
    if (acknowledged && !episode.recovering && play.wakeAt !== undefined)
      problems.push('acknowledged, and a timer');
    if (closed && play.wakeAt !== undefined) problems.push('closed, and a timer');
    const before = play.sent.length;
    // What is under way when somebody acknowledges may still leave: it was sent before.
    const underWay = new Set(play.state.outbox.map(({ notice }) => notice.key));
    play.pass(pick(SECOND, 20 * SECOND, 5 * MINUTE, HOUR) * (0.5 + next()));
    for (const { event, key } of play.sent.slice(before)) {
      const ending = event === 'resolved' || event === 'data-again';
      if (acknowledged && !ending && !underWay.has(key)) problems.push(`${event} after an acknowledgement`);
      if (closed && !underWay.has(key) && !ending) problems.push(`${event} after the end`);
    }
  }
  // Everything ends, and each channel hears of the end of each episode once at the most.
  play.down.clear();
  play
    .give(play.cleared())
    .give({ kind: 'resolve', by: 'cli' })
    .give({ kind: 'resolve', by: 'cli' })
    .pass(24 * HOUR);
  if (!isOver(play.state)) problems.push('never over');
  const keys = play.sent.map(({ key, channel }) => `${key} ${channel}`);
  if (new Set(keys).size !== keys.length) problems.push('the same notice twice');
  const ends = play.sent.filter(({ event }) => event === 'resolved' || event === 'data-again');
  const endings = ends.map(({ key, channel }) => `${key.split('/').at(-2)} ${channel}`);
  if (new Set(endings).size !== endings.length) problems.push('two ends of one episode');
  for (const { channel, key, at, data } of ends) {
    const episode = key.split('/').at(-2);
    const begun = play.sent.some(
      (one) =>
        one.channel === channel && one.key.split('/').at(-2) === episode && one.at <= at && one.key !== key,
    );
    if (!begun && data.event === 'resolved' && !data.resolved?.late)
      problems.push('an end without a beginning that is not called late');
    if (begun && data.resolved?.late) problems.push('late, although the beginning was told');
  }
  if (sawAcknowledged === 0 && seed % 50 === 0) problems.push('the schedule never acknowledges');
  return problems.map((problem) => `seed ${seed}: ${problem}`);
}

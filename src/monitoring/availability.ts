/** One look at everything that should be up. */
import { log } from '@temporalio/activity';
import { OWN_NETWORK, type Evidence, type Sample } from '../alerts/index.ts';
import type { Phases, Probe } from '../clients/probe.ts';
import { unseen } from './own-network.ts';
import type { WatchState } from './state.ts';
import type { Target } from './targets.ts';
import type { Look } from './watch.ts';

/** A program that says for so long that it starts does not. */
const STARTING_MS = 10 * 60_000;

const inWords = (phases: Phases): string =>
  (['dns', 'tcp', 'tls', 'ttfb', 'total'] as const)
    .flatMap((phase) => (phases[phase] === undefined ? [] : [`${phase} ${phases[phase].toFixed(0)} ms`]))
    .join(', ');

function sampleOf(name: string, at: number, { state, reason, detail, phases }: Probe): Sample {
  const base = { metric: 'up', target: name, at };
  if (state === 'unknown') return { ...base, unknown: reason ?? 'unknown' };
  const evidence: Evidence[] = [
    ...(detail === undefined ? [] : [{ name: 'detail', value: detail }]),
    { name: 'phase', value: inWords(phases) },
  ];
  return state === 'up' ? { ...base, value: 1, evidence } : { ...base, value: 0, reason, evidence };
}

/** A fault of the probe itself must not end the watch of the others. */
const broken =
  (signal: AbortSignal) =>
  (error: unknown): Probe => {
    signal.throwIfAborted();
    log.error('a probe failed by itself', { error: String(error) });
    return { state: 'unknown', reason: 'probe failed', phases: { total: 0 } };
  };

/** Probes all targets side by side: one that hangs holds back no other's probe, and the look as long as its deadline. */
export const availabilityLook =
  (targets: readonly Target[], controls: readonly string[]): Look =>
  async (state, at, signal) => {
    const probes = await Promise.all(
      targets.map(async (target) => ({ target, probe: await target.probe(signal).catch(broken(signal)) })),
    );
    const isUnseen = await unseen(
      probes.map(({ target, probe }) => ({ loopback: target.loopback, up: probe.state === 'up' })),
      controls,
      signal,
    );
    const times: Record<string, number> = {};
    let startingSince: WatchState['startingSince'];
    const samples = probes.flatMap(({ target, probe }): Sample[] => {
      if (isUnseen(target)) return [{ metric: 'up', target: target.name, at, unknown: OWN_NETWORK }];
      times[target.name] = probe.phases.total;
      let found = probe;
      if (probe.reason === 'starting') {
        startingSince = state.startingSince ?? at;
        if (at - startingSince >= STARTING_MS) found = { ...probe, state: 'down' };
      }
      const { certificateDays } = probe;
      return [
        sampleOf(target.name, at, found),
        ...(certificateDays === undefined
          ? []
          : [{ metric: 'certificate_days', target: target.name, at, value: certificateDays }]),
      ];
    });
    return { samples, times, state: { startingSince } };
  };

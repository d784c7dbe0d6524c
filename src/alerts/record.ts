/** An incident as its row in `ops.alerts` has it. Pure. */
import type { AlertData, Level } from '../notifications/notice.ts';
import type { AlertState, Deed, Episode } from './state.ts';
import { dataOf, iso } from './telling.ts';

export interface AlertRecord {
  workflowId: string;
  runId: string;
  episode: number;
  /** Of what the workflow knew. */
  revision: number;
  rule: string;
  target: string;
  level: Level;
  test: boolean;
  /** ISO instants. */
  since: string;
  openedAt: string;
  acknowledged?: Deed;
  silenced?: Deed & { until: number };
  recoveringSince?: string;
  resolved?: Deed;
  flaps: number;
  /** What was told of the beginning, or would have been. */
  data: AlertData;
}

export function recordOf(state: AlertState, episode: Episode): AlertRecord {
  const { workflowId, runId, rule, target } = state;
  const { acknowledged, silenced, recovering, resolved, facts } = episode;
  const at = Date.parse(facts.at);
  const event = episode.about === 'no-data' ? 'no-data' : 'firing';
  return {
    ...{ workflowId, runId, rule, target },
    episode: episode.number,
    revision: episode.revision,
    level: episode.level,
    test: facts.test === true,
    since: facts.since,
    openedAt: iso(episode.openedAt),
    ...(acknowledged && { acknowledged }),
    ...(silenced && { silenced }),
    ...(recovering && { recoveringSince: recovering.at }),
    ...(resolved && { resolved: { at: resolved.at, by: episode.resolvedBy ?? resolved.by } }),
    flaps: episode.flaps,
    data: dataOf({ state, now: Number.isNaN(at) ? episode.openedAt : at }, episode, event),
  };
}

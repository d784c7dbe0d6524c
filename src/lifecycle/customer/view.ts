/** The lifecycle as the query `state` answers it, and in words for the Web UI. Pure. */
import { nextActionAt, type LifecycleState } from '../state.ts';

export type LifecycleView = Omit<LifecycleState, 'revision' | 'searchable' | 'replan'> & {
  /** When something happens that a person would notice; absent while it is held. */
  nextActionAt?: string;
};

export function viewOf(state: LifecycleState): LifecycleView {
  const shown: LifecycleView & Partial<LifecycleState> = { ...state, nextActionAt: nextActionAt(state) };
  delete shown.revision;
  delete shown.searchable;
  delete shown.replan;
  return shown;
}

const day = (instant: string | undefined): string => (instant ?? '').slice(0, 16).replace('T', ' ');

const WHERE: Readonly<Record<LifecycleState['phase'], (state: LifecycleState) => string>> = {
  asking: () => 'The question « Voulez-vous réactiver ? » is about to leave.',
  asked: ({ askedAt, deadline, remindedAt }) =>
    `Asked on ${day(askedAt)} UTC${remindedAt === undefined ? '' : `, reminded on ${day(remindedAt)} UTC`}. ` +
    `Without an answer the account is archived on ${day(deadline)} UTC.`,
  archived: ({ archivedAt, deadline }) =>
    `Archived on ${day(archivedAt)} UTC. A reactivation brings everything back; without one the customer is anonymised, for good, on ${day(deadline)} UTC.`,
  erasing: ({ erased }) =>
    erased
      ? 'Anonymised in the database; files, messages and the archive are being erased elsewhere.'
      : 'Anonymisation is under way.',
  anonymized: () => 'Anonymised, for good.',
  reactivated: ({ endedBy }) => `Back (${endedBy ?? 'unknown'}).`,
  ended: ({ endedBy }) => `Ended (${endedBy ?? 'unknown'}).`,
};

export function detailsOf(state: LifecycleState): string {
  const { phase, held, blocked, trouble, retryAt, reactivationBy, inactiveSince } = state;
  return [
    `**${phase}**. ${WHERE[phase](state)}`,
    '',
    `- nobody seen since ${day(inactiveSince)} UTC`,
    ...(held ? [`- held since ${day(held.since)} UTC (${held.by}): nothing happens until \`release\``] : []),
    ...(reactivationBy && phase !== 'reactivated' ? [`- reactivation asked for (${reactivationBy})`] : []),
    ...(blocked && blocked.length > 0 ? [`- not allowed now: ${blocked.join(', ')}`] : []),
    ...(trouble ? [`- failed: ${trouble}`] : []),
    ...(retryAt ? [`- tried again on ${day(retryAt)} UTC`] : []),
  ].join('\n');
}

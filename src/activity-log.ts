import type { Context } from '@temporalio/activity';
import type { ActivityInterceptors } from '@temporalio/worker';

/** What takes longer is worth a line; a line for each of the thousands of quick ones a day is not. */
const SLOW_MS = 1_000;

/** One place for what is said of every activity: how long it took, under the ids of its run. Failures the SDK tells. */
export const logSlowActivities = ({ log }: Context): ActivityInterceptors => ({
  inbound: {
    async execute(input, next) {
      const begun = performance.now();
      const result: unknown = await next(input);
      const ms = Math.round(performance.now() - begun);
      if (ms >= SLOW_MS) log.info('activity done', { ms });
      return result;
    },
  },
});

import type { Queryable } from '../../clients/postgres.ts';
import { deterministicId, unexpected } from '../channel.ts';
import type { Channel } from '../channel.ts';
import { renderPlain } from '../emails/render.ts';
import type { RenderOptions } from '../emails/render.ts';
import type { Level } from '../notice.ts';

const MINUTE_MS = 60_000;

/**
 * For how long the application's database is waited for: a notice inside it is of little use where the other
 * channels have told, and a job must not wait for hours to say that all went well.
 */
const PATIENCE_MS: Readonly<Record<Level, number>> = {
  info: 10 * MINUTE_MS,
  important: 10 * MINUTE_MS,
  critical: 60 * MINUTE_MS,
};

const ANSWER_MS = 10_000;

/** No such schema, function or right; a value the function refuses: a retry changes nothing. */
const PERMANENT = /^(3F000|42\w{3}|22\w{3}|23\w{3})$/;

/** A notice inside the application, through the adapter: once per key whatever is repeated, by the function's contract. */
export function inAppChannel(app: Pick<Queryable, 'query'>, options: RenderOptions): Channel {
  return {
    ready: true,
    messageId: ({ key }) => deterministicId(key, 'in-app'),
    givesUpAfterMs: ({ level }) => PATIENCE_MS[level],
    async prepare(notice) {
      const { title, body } = renderPlain(notice, options);
      return async () => {
        await inTime(
          app.query('select saas.insert_notification($1, $2, $3, $4)', [
            notice.level,
            title,
            body,
            notice.key,
          ]),
        );
        return {};
      };
    },
    explain(error) {
      const { code } = (error ?? {}) as { code?: unknown };
      if (typeof code !== 'string') return { ...unexpected, code: 'no answer' };
      const message = `The application's database did not take the notice (${code})`;
      return { code, permanent: PERMANENT.test(code), message };
    },
  };
}

async function inTime<Result>(work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('late')), ANSWER_MS);
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}

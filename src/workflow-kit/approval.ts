/** What a braked run waits for: the Updates `approve` and `reject`. Sandboxed. */
import { ApplicationFailure, condition, defineUpdate, setHandler } from '@temporalio/workflow';

export const approve = defineUpdate<string>('approve');
export const reject = defineUpdate<string>('reject');

/** `no answer` counts as rejected, and is told as what it is. */
export type Answer = 'approved' | 'rejected' | 'no answer';

const WAIT = '72 hours';

/**
 * Takes answers from the beginning on, so that one that comes before the question is refused instead of kept for it.
 * The function returned asks, and waits for three days at most.
 */
export function openGate(): () => Promise<Answer> {
  let asked = false;
  let answer: Answer | undefined;
  const validator = () => {
    if (!asked) throw ApplicationFailure.create({ message: 'nothing waits for an answer here' });
    if (answer !== undefined) throw ApplicationFailure.create({ message: `already answered: ${answer}` });
  };
  const take = (given: Answer) => () => (answer = given);
  setHandler(approve, take('approved'), { validator, description: 'Go on with what the brake holds' });
  setHandler(reject, take('rejected'), { validator, description: 'Leave what the brake holds as it is' });
  return async () => {
    asked = true;
    await condition(() => answer !== undefined, WAIT);
    // Whoever is late hears so.
    return (answer ??= 'no answer');
  };
}

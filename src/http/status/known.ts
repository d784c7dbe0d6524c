/** What a source says, or that it says nothing: a page about outages must not need all to be well. */
export type Known<Value> = { known: true; value: Value } | { known: false };

/** A person waits, and the other sources have answered. */
const ANSWER_MS = 2_000;

export async function ask<Value>(
  work: () => Promise<Value>,
  onSilence: (error: unknown) => void,
  ms: number = ANSWER_MS,
): Promise<Known<Value>> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${String(ms)} ms`)), ms);
  });
  try {
    return { known: true, value: await Promise.race([work(), late]) };
  } catch (error) {
    onSilence(error);
    return { known: false };
  } finally {
    clearTimeout(timer);
  }
}

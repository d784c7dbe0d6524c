/** `npm start` passes on the signal the terminal has already given us: so soon, a second one is the same one. */
const SAME_SIGNAL_MS = 500;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
const FORCED_EXIT_CODE = 130;

export interface StopRequest {
  /** Resolves when the user, or the system, asks us to stop. */
  promise: Promise<void>;
  readonly yet: boolean;
  release(): void;
}

/** Ctrl-C asks to stop; a second one ends at once (children are killed by the exit handler of `dev/process.ts`). */
export function stopRequest(write: (line: string) => void): StopRequest {
  let askedAt: number | undefined;
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  const onSignal = () => {
    if (askedAt === undefined) {
      askedAt = Date.now();
      write('stopping; Ctrl-C again ends at once');
      resolve();
    } else if (Date.now() - askedAt > SAME_SIGNAL_MS) {
      process.exit(FORCED_EXIT_CODE);
    }
  };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  return {
    promise,
    get yet() {
      return askedAt !== undefined;
    },
    release() {
      for (const signal of SIGNALS) process.off(signal, onSignal);
    },
  };
}

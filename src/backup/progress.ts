/** What a person sees of a running backup: heartbeat details, `talos run --wait`, the Web UI's pending activity. */
export interface BackupProgress {
  phase: string;
  seconds: number;
  /** Bytes stored (dumping) or read back (proving) so far. */
  bytes: number;
  bytesPerSecond: number;
  table?: string;
  /** Tables digested, of all. */
  digested?: string;
}

export interface Progress {
  enter(phase: string): void;
  table(name: string): void;
  bytes(total: number): void;
  digests(done: number, of: number): void;
  current(): BackupProgress;
}

/** Keeps the state that heartbeats carry; each phase counts its bytes and its time anew. */
export function createProgress(now: () => number = () => performance.now()): Progress {
  let begun = now();
  let state: Omit<BackupProgress, 'seconds' | 'bytesPerSecond'> = { phase: 'starting', bytes: 0 };
  return {
    enter: (phase) => {
      begun = now();
      state = { phase, bytes: 0 };
    },
    table: (table) => (state = { ...state, table }),
    bytes: (bytes) => (state = { ...state, bytes }),
    digests: (done, of) => (state = { ...state, digested: `${String(done)}/${String(of)}` }),
    current: () => {
      const seconds = (now() - begun) / 1000;
      return {
        ...state,
        seconds: Math.round(seconds * 10) / 10,
        bytesPerSecond: seconds > 0 ? Math.round(state.bytes / seconds) : 0,
      };
    },
  };
}

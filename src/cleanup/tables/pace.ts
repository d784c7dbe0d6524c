/** A batch should hold its locks no longer than this: what a reader or writer beside it may feel (ms). */
const TARGET_MS = 60;

export interface Pace {
  /** How much the next batch takes. */
  size: number;
  /** A batch took so long. */
  took(ms: number): void;
  /** Somebody else holds what it wanted. */
  busy(): void;
}

/** Sizes batches by how long the ones before took: grows slowly, shrinks at once. */
export function createPace(first: number, most: number): Pace {
  const within = (size: number) => Math.min(most, Math.max(1, Math.round(size)));
  return {
    size: within(first),
    took(ms) {
      this.size = within(this.size * Math.min(1.5, Math.max(0.25, TARGET_MS / Math.max(1, ms))));
    },
    busy() {
      this.size = within(this.size / 4);
    },
  };
}

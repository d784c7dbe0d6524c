const round = (value) => Number(value.toPrecision(4));

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** One figure: the median of what each round gave. Without a bar it is for information. */
export const figure = (id, unit, raw, { bar = null, better = 'lower' } = {}) => ({
  id,
  value: round(median(raw)),
  unit,
  bar,
  better,
  raw: raw.map(round),
});

/**
 * Runs every step once a round, in another order each round, so that what disturbs the machine for a while does not
 * meet one step only. Returns what each step gave and its CPU seconds, by its name, in the order of the rounds.
 */
export async function interleave(steps, { rounds, cpu, signal, onProgress }) {
  const names = Object.keys(steps);
  const results = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    const order = names.map((_, index) => names[(index + round * 2) % names.length]);
    for (const name of order) {
      signal.throwIfAborted();
      const before = cpu();
      const result = await steps[name]();
      const used = before === null ? null : cpu() - before;
      results[name].push({ ...result, cpu: used });
      const shown = used === null ? '' : `, CPU ${used.toFixed(2)} s`;
      onProgress(`round ${round + 1} of ${rounds}: ${name} ${result.seconds.toFixed(2)} s${shown}`);
    }
  }
  return results;
}

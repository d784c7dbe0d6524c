/** One thing that is wrong with the configuration. Never holds a value: settings may be secrets. */
export interface Mistake {
  /** The variable, or `maintenance.yaml:line:column key`. */
  setting: string;
  problem: string;
  /** What to do about it, in one sentence. */
  mend: string;
}

const paragraph = ({ setting, problem, mend }: Mistake): string => `  ${setting} ${problem}\n    → ${mend}`;

/** Everything that is wrong with the configuration, listed at once. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly mistakes: Mistake[];

  constructor(mistakes: Mistake[]) {
    const count = mistakes.length === 1 ? 'one mistake' : `${mistakes.length} mistakes`;
    super(`The configuration has ${count}:\n${mistakes.map(paragraph).join('\n')}`);
    this.mistakes = mistakes;
  }
}

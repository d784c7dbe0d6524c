/** What a cron or a Temporal calendar means, in one canonical spelling, so that the two can be compared. */

interface Field {
  name: string;
  min: number;
  max: number;
  names: readonly string[];
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];

const MINUTE: Field = { name: 'minute', min: 0, max: 59, names: [] };
const HOUR: Field = { name: 'hour', min: 0, max: 23, names: [] };
const DAY_OF_MONTH: Field = { name: 'day of month', min: 1, max: 31, names: [] };
const MONTH: Field = { name: 'month', min: 1, max: 12, names: MONTHS };
const DAY_OF_WEEK: Field = { name: 'day of week', min: 0, max: 6, names: DAYS };

/** The values each field allows, ascending. Day of month and day of week must both match, as Temporal has it. */
export interface CronTimes {
  minute: number[];
  hour: number[];
  dayOfMonth: number[];
  month: number[];
  dayOfWeek: number[];
}

export function parseCron(cron: string): CronTimes {
  const [minute, hour, dayOfMonth, month, dayOfWeek, ...rest] = cron.trim().split(/\s+/);
  if (dayOfWeek === undefined || rest.length > 0) {
    throw new Error(`cron '${cron}' must have five fields: minute, hour, day of month, month, day of week`);
  }
  const read = (text: string | undefined, field: Field) => valuesOf(text ?? '', field, cron);
  return {
    minute: read(minute, MINUTE),
    hour: read(hour, HOUR),
    dayOfMonth: read(dayOfMonth, DAY_OF_MONTH),
    month: read(month, MONTH),
    // 7 is Sunday too.
    dayOfWeek: unique(read(dayOfWeek, { ...DAY_OF_WEEK, max: 7 }).map((day) => day % 7)),
  };
}

/** The shortest plain spelling: the same times always give the same text. */
export const formatCron = (times: CronTimes): string =>
  [
    spell(times.minute, MINUTE),
    spell(times.hour, HOUR),
    spell(times.dayOfMonth, DAY_OF_MONTH),
    spell(times.month, MONTH),
    spell(times.dayOfWeek, DAY_OF_WEEK),
  ].join(' ');

export const unique = (values: number[]): number[] => [...new Set(values)].sort((a, b) => a - b);

export const range = (start: number, end: number, step = 1): number[] =>
  Array.from({ length: Math.floor((end - start) / step) + 1 }, (_, index) => start + index * step);

function valuesOf(text: string, field: Field, cron: string): number[] {
  const refuse = () =>
    new Error(`cron '${cron}': '${text}' is not a ${field.name} (${field.min} to ${field.max})`);
  const numberOf = (word: string): number => {
    const named = field.names.indexOf(word.toLowerCase());
    const value = named >= 0 ? named + field.min : /^\d+$/.test(word) ? Number(word) : NaN;
    if (!(value >= field.min && value <= field.max)) throw refuse();
    return value;
  };
  const parts = text.split(',').map((part) => {
    const [, from, to, step] = /^([^-/]+)(?:-([^-/]+))?(?:\/([1-9]\d*))?$/.exec(part) ?? [];
    if (from === undefined) throw refuse();
    const whole = from === '*';
    // As cron has it, `5/15` runs on to the end of the field.
    const start = whole ? field.min : numberOf(from);
    const end = to !== undefined ? numberOf(to) : whole || step !== undefined ? field.max : start;
    if (end < start || (whole && to !== undefined)) throw refuse();
    return range(start, end, Number(step ?? 1));
  });
  return unique(parts.flat());
}

function spell(values: readonly number[], { min, max }: Field): string {
  const [first = min, second = first] = values;
  if (values.length === max - min + 1) return '*';
  const step = second - first;
  if (first === min && step > 1 && String(range(min, max, step)) === String(values)) return `*/${step}`;
  const runs: [number, number][] = [];
  for (const value of values) {
    const last = runs.at(-1);
    if (last?.[1] === value - 1) last[1] = value;
    else runs.push([value, value]);
  }
  return runs.map(([from, to]) => (from === to ? `${from}` : `${from}-${to}`)).join(',');
}

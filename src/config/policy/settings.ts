import { z } from 'zod';

/** A whole number with its default: every policy number has a lower bound, so that a slip cannot delete everything. */
export const whole = (value: number, meaning: string, smallest = 1) =>
  z.int().min(smallest).default(value).describe(meaning);

export const percent = (value: number, meaning: string) =>
  z.number().min(0).max(100).default(value).describe(meaning);

/** A section: unknown keys are mistakes, and a section left out has all its defaults. */
export const section = <Shape extends z.ZodRawShape>(meaning: string, shape: Shape) =>
  z
    .strictObject(shape)
    .prefault({} as never)
    .describe(meaning);

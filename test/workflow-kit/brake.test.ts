import { expect, test } from 'vitest';
import { brakeReasons } from '../../src/workflow-kit/brake.ts';

const runs = (...counts: number[]) => counts.map((rows) => ({ rows }));
const held = (planned: number, history: Parameters<typeof brakeReasons>[1], minimum = 0) =>
  brakeReasons({ rows: planned }, history, minimum).map(({ limit, against }) => [limit, against]);

test('over three times the mean of the last runs, of which there are four at least', () => {
  expect(held(300, { recent: runs(100, 100, 100, 100) })).toEqual([]);
  expect(held(301, { recent: runs(100, 100, 100, 100) })).toEqual([[300, 'mean']]);
  expect(held(9_000, { recent: runs(100, 100, 100) })).toEqual([]);
});

test('on the first armed run over a fifth more than the preview; a source that the preview did not have counts 0', () => {
  expect(held(120, { recent: [], preview: { rows: 100 } })).toEqual([]);
  expect(held(121, { recent: [], preview: { rows: 100 } })).toEqual([[120, 'preview']]);
  expect(held(1, { recent: [], preview: { files: 7 } })).toEqual([[0, 'preview']]);
  expect(held(1_000_000, { recent: [] })).toEqual([]);
});

test('never up to the minimum, and each source by itself', () => {
  expect(held(100, { recent: runs(0, 0, 0, 0) }, 100)).toEqual([]);
  expect(held(101, { recent: runs(0, 0, 0, 0) }, 100)).toEqual([[100, 'mean']]);
  const recent = Array.from({ length: 5 }, () => ({ a: 10, b: 10 }));
  expect(brakeReasons({ a: 10, b: 31 }, { recent }, 0).map(({ what }) => what)).toEqual(['b']);
});

import { expect, test } from 'vitest';
import { previewOf } from '../../src/cleanup/preview.ts';
import type { CleanResult } from '../../src/cleanup/result.ts';

const result: CleanResult = {
  ...{ mode: 'dry-run', count: 14_204, bytes: 86_400_000, amounts: {} },
  sources: [
    {
      ...{ name: 'public.app_logs', kind: 'table' },
      found: {
        ...{ count: 14_202, important: 1_420, bytes: 86_399_000 },
        ...{ oldest: '2026-05-01T00:00:00.000Z', newest: '2026-08-30T03:59:59.000Z' },
        ...{ samples: ['1', '2'], warnings: [{ code: 'TimeNotIndexed', detail: 'create index …' }] },
      },
    },
    {
      ...{ name: 'files:/tmp/app', kind: 'folder' },
      found: { count: 2, bytes: 1_000, samples: ['-rf', 'a\nb\u001b[2J'], left: { open: 3 }, warnings: [] },
    },
    {
      name: 'public.nowhere',
      kind: 'table',
      failure: { type: 'TableMissing', message: 'there is no table' },
    },
  ],
};

test('a preview is a table: what would go, what is archived first, of when, for example, and what stands in the way', () => {
  const lines = previewOf(result) ?? [];
  expect(lines).toEqual([
    'source           would go  archived first     size  oldest            newest',
    '-'.repeat(86),
    'public.app_logs    14,202           1,420  86.4 MB  2026-05-01 00:00  2026-08-30 03:59',
    '    for example 1, 2',
    '    warning, TimeNotIndexed: create index …',
    'files:/tmp/app          2                   0.0 MB',
    String.raw`    for example -rf, "a\nb\u001b[2J"`,
    '    3 left as they are: open',
    'public.nowhere     failed',
    '    TableMissing: there is no table',
    '-'.repeat(86),
    'all                14,204           1,420  86.4 MB',
    'Nothing was changed.',
  ]);
});

test('what an armed run did, and other jobs, are no preview', () => {
  expect(previewOf({ ...result, mode: 'armed' })).toBeUndefined();
  expect(previewOf({ mode: 'dry-run', ended: [] })).toBeUndefined();
  expect(previewOf(undefined)).toBeUndefined();
});

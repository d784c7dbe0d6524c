/** Where a bucket is never cleaned, and which files never go, whatever the settings and their age say. */
import type { StoredFile } from '../../clients/supabase-storage.ts';
import { refused } from '../files/refused.ts';

const segmentsOf = (path: string): string[] => path.split('/');

/** Some stores of Storage are file systems, where such a part of a name leads out of its folder. */
const leadsOut = (segment: string): boolean => segment === '.' || segment === '..';

/** A folder within the bucket, never the bucket: throws what names the setting. */
export function assertFolder(bucket: string, prefix: string, setting: string): void {
  const folder = `${bucket}/${prefix}`;
  if (bucket === '' || bucket.includes('/') || leadsOut(bucket))
    throw refused(folder, setting, 'write the name of a bucket');
  if (prefix === '' || prefix === '/')
    throw refused(folder, setting, 'it is the whole bucket; name the folder in it that is meant');
  if (!prefix.endsWith('/'))
    throw refused(folder, setting, 'write a / at its end, or names that only begin so would go as well');
  const segments = segmentsOf(prefix.slice(0, -1));
  if (segments.some((segment) => segment === '' || leadsOut(segment)))
    throw refused(folder, setting, 'write its path without ".", ".." and doubled slashes');
  // eslint-disable-next-line no-control-regex -- that they are control characters is the point
  if (/[\u0000-\u001f\u007f]/.test(folder))
    throw refused(folder, setting, 'no upload can have such a name; write it without line breaks');
}

export type Verdict = 'expired' | 'kept' | 'outside' | 'undated';

export function judge({ name, changedAt }: StoredFile, prefix: string, before: Date): Verdict {
  const segments = segmentsOf(name);
  // Asked for `my_tmp/`, some versions of Storage answer with `my-tmp/` as well.
  if (!name.startsWith(prefix) || segments.some(leadsOut)) return 'outside';
  // It keeps an empty folder in the dashboard, and is nobody's file.
  if (segments.at(-1) === '.emptyFolderPlaceholder') return 'kept';
  if (changedAt === undefined) return 'undated';
  return changedAt < before ? 'expired' : 'kept';
}

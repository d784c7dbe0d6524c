import type { Manifest } from './manifest.ts';
import type { TocEntry } from './toc.ts';

/** Schemas that the platform makes and keeps in every project; the user's own things in them are policies and triggers. */
const PLATFORM_SCHEMAS = new Set([
  ...['auth', 'storage', 'realtime', '_realtime', 'extensions', 'graphql', 'graphql_public', 'vault'],
  ...['pgbouncer', 'pgsodium', 'pgsodium_masks', 'pgtle', 'supabase_functions', '_analytics', '_supavisor'],
  ...['cron', 'net', 'pgmq', 'repack', 'tiger', 'tiger_data', 'topology'],
]);
/** Of these the rows are the customers': accounts, sessions, files' entries. */
const CUSTOMER_SCHEMAS = new Set(['auth', 'storage']);
/** The new project's own record of the platform's version. */
const BOOK_KEEPING = new Set(['auth schema_migrations', 'storage migrations']);
const PLATFORM_OWNER = /^(supabase_.+|pgsodium_.+|pgbouncer|dashboard_user)$/;
const PLATFORM_PUBLICATION = 'supabase_realtime';

export const isSupabase = ({ source, catalogue }: Pick<Manifest, 'source' | 'catalogue'>): boolean =>
  source.roles.includes('supabase_admin') && (catalogue['schemas'] ?? []).includes('auth');

/** Whether `restore.list` lies beside the dump. */
export const hasProjectList = (manifest: Pick<Manifest, 'source' | 'catalogue' | 'restoreList'>): boolean =>
  isSupabase(manifest) && manifest.restoreList !== false;

function belongsInAProject({ desc, namespace, tag, owner }: TocEntry): boolean {
  switch (desc) {
    case 'EVENT TRIGGER':
    case 'DEFAULT ACL':
    case 'FOREIGN DATA WRAPPER':
    case 'FOREIGN SERVER':
    case 'USER MAPPING':
      return !PLATFORM_OWNER.test(owner);
    case 'SCHEMA':
      return !PLATFORM_SCHEMAS.has(tag) && tag !== 'public';
    case 'PUBLICATION':
      return tag !== PLATFORM_PUBLICATION && !PLATFORM_OWNER.test(owner);
    case 'COMMENT':
    case 'ACL':
    case 'SECURITY LABEL':
      // Of extensions, platform schemas and `public`: their owner is the platform.
      if (/^(EXTENSION|EVENT TRIGGER|PUBLICATION|SCHEMA public$)/.test(tag)) return false;
      if (tag.startsWith('SCHEMA ')) return !PLATFORM_SCHEMAS.has(tag.slice('SCHEMA '.length));
      break;
  }
  if (!PLATFORM_SCHEMAS.has(namespace)) return true;
  if (!CUSTOMER_SCHEMAS.has(namespace)) return false;
  if (desc === 'TABLE DATA' || desc === 'SEQUENCE SET') return !BOOK_KEEPING.has(`${namespace} ${tag}`);
  // The application's own: policies on files, triggers that follow new accounts (the platform's triggers are in storage).
  return (desc === 'POLICY' && namespace === 'storage') || (desc === 'TRIGGER' && namespace === 'auth');
}

/**
 * What of a Supabase dump a new, empty project takes: everything of the application, the rows of `auth` and `storage`,
 * and none of what the platform has made there itself. Lines for `pg_restore --use-list`. Pure.
 */
export const projectList = (toc: readonly TocEntry[]): string =>
  toc
    .filter(belongsInAProject)
    .map(({ line }) => `${line}\n`)
    .join('');

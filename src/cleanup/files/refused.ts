/** Which folders are never cleaned, whatever the settings say. */
import { ApplicationFailure } from '@temporalio/common';

/** The system's, with all that lies below: nothing there is temporary, and a wrong deletion cannot be mended. */
const TREES = [
  ...[
    '/bin',
    '/boot',
    '/dev',
    '/etc',
    '/lib',
    '/lib32',
    '/lib64',
    '/libx32',
    '/proc',
    '/sbin',
    '/snap',
    '/sys',
  ],
  ...['/usr', '/var/backups', '/var/lib', '/var/mail'],
];

/** Where others keep theirs: too wide themselves, while a folder below can be right. */
const TOPS = [
  ...['/', '/data', '/home', '/media', '/mnt', '/opt', '/root', '/run', '/srv', '/var', '/var/cache'],
  ...['/var/local', '/var/log/journal', '/var/run', '/var/spool', '/var/www'],
];

export const refused = (folder: string, setting: string, why: string): ApplicationFailure =>
  ApplicationFailure.nonRetryable(`${shown(folder)} in ${setting} is never cleaned: ${why}`, 'FolderRefused');

const isBelow = (path: string, folder: string): boolean => path.startsWith(`${folder}/`);

/** As it is compared and given to programs: without slashes at the end. */
export const trimmed = (folder: string): string => folder.replace(/(?<=.)\/+$/, '');

/** Throws for a folder that must not be cleaned; what only the host knows, its script finds out. */
export function assertAllowed(folder: string, setting: string, appFolders: readonly string[]): void {
  const path = trimmed(folder);
  if (!path.startsWith('/') || path.includes('\0')) throw refused(path, setting, 'write an absolute path');
  // Never resolved here: what it would lead to is for the host to say.
  if (
    path !== '/' &&
    path
      .slice(1)
      .split('/')
      .some((part) => ['', '.', '..'].includes(part))
  )
    throw refused(path, setting, 'write its path without ".", ".." and doubled slashes');
  const tree = TREES.find((system) => path === system || isBelow(path, system));
  if (tree !== undefined) throw refused(path, setting, `${tree} belongs to the system; take it out`);
  if (TOPS.includes(path) || /^\/home\/[^/]+$/.test(path))
    throw refused(
      path,
      setting,
      'it holds more than temporary files; name the folder below it that is meant',
    );
  if (path.split('/').some((part) => part === 'node_modules' || part === '.git'))
    throw refused(path, setting, 'it is part of an application; take it out');
  if (appFolders.map(trimmed).some((app) => app === path || isBelow(app, path)))
    throw refused(path, setting, 'an application lies in it; name the folder in it that is meant');
}

/** A path as text that is safe in JSON, logs and mails: bytes that are no text, and control characters, escaped. */
export const shown = (path: string): string =>
  // eslint-disable-next-line no-control-regex -- that they are control characters is the point
  path.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\ufffd\\]/g, (character) =>
    character === '\\' ? '\\\\' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

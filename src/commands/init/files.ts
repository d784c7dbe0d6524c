import { randomBytes } from 'node:crypto';
import { access, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Look } from './look.ts';

export const ADAPTER_FILE = 'adapter.sql';
export const MAP_FILE = 'privacy-map.yaml';

/** A file `talos init` writes. */
export interface Draft {
  path: string;
  text: string;
  mode: number;
}

/** The same text between the quotes that `.env` readers take literally. */
const quoted = (value: string): string => {
  if (/^[^\s#'"`\\$]*$/.test(value)) return value;
  const quote = ["'", '"', '`'].find((mark) => !value.includes(mark));
  if (quote === undefined)
    throw new Error('A value with three kinds of quotes cannot stand in .env: use NAME_FILE.');
  return `${quote}${value}${quote}`;
};

const generated = (): string => randomBytes(32).toString('base64url');

export function drafts(
  folder: string,
  answers: Record<string, string | undefined>,
  { locale, seen }: { locale: string; seen: Look },
): Draft[] {
  const lines = Object.entries(answers).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${quoted(value)}`],
  );
  const env = [
    '# Written by `talos init`. Every other variable is explained in .env.example.',
    ...lines,
    '',
    '# Generated: the password of the status page, the bearer token of the webhooks, the key that signs links in e-mails.',
    `STATUS_TOKEN=${generated()}`,
    `WEBHOOK_TOKEN=${generated()}`,
    `LINK_SIGNING_KEY=${generated()}`,
    '',
  ];
  const policy = [
    '# yaml-language-server: $schema=./maintenance.schema.json',
    '# Written by `talos init`. Every key, with its default, is explained in maintenance.example.yaml.',
    `locale: ${locale}`,
    'timeZone: Europe/Paris',
    ...(seen.kind === 'other' && seen.map ? ['privacy:', `  maps: [supabase, ./${MAP_FILE}]`] : []),
    '',
  ];
  const own =
    seen.kind === 'other'
      ? [
          { path: join(folder, ADAPTER_FILE), text: seen.adapter.text, mode: 0o644 },
          ...(seen.map ? [{ path: join(folder, MAP_FILE), text: seen.map.text, mode: 0o644 }] : []),
        ]
      : [];
  return [
    { path: join(folder, '.env'), text: env.join('\n'), mode: 0o600 },
    { path: join(folder, 'maintenance.yaml'), text: policy.join('\n'), mode: 0o644 },
    ...own,
  ];
}

export async function existing(paths: readonly string[]): Promise<string[]> {
  const found = await Promise.all(
    paths.map((path) =>
      access(path).then(
        () => true,
        () => false,
      ),
    ),
  );
  return paths.filter((_, index) => found[index]);
}

/** Writes the files whole or not at all; without `force` an existing one is an error, even one made meanwhile. */
export async function write(files: readonly Draft[], force: boolean): Promise<void> {
  for (const { path, text, mode } of files) {
    if (!force) {
      await writeFile(path, text, { mode, flag: 'wx' });
      continue;
    }
    // A new file in place of the old one: its mode is ours, whatever the old one's was.
    const draft = `${path}.${process.pid}.new`;
    await writeFile(draft, text, { mode, flag: 'wx' });
    await rename(draft, path);
  }
}

/** BS3: the month's business report, in the bucket beside the monthly backups. */
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { finished } from 'node:stream/promises';
import { ApplicationFailure } from '@temporalio/common';
import type { ObjectStore } from '../clients/object-store.ts';
import type { PeriodReportData } from '../notifications/index.ts';
import { createEphemeralKey, readSealed, seal } from '../vault/index.ts';

export interface ReportArchive {
  store: ObjectStore;
  /** age public keys of the operator. */
  recipients: readonly string[];
  /** Path of the `zstd` program. */
  zstd: string;
  /** How many months are kept. */
  months: number;
}

export const BUSINESS_REPORTS = 'monthly/business-reports/';
const HTML = 'report.html.zst.age';
/** Written last: a month that has it is whole. */
const JSON_ = 'report.json.zst.age';
const OWN_KEY = new RegExp(
  `^${BUSINESS_REPORTS}(\\d{4}-\\d\\d)/(?:${HTML}|${JSON_})$`.replaceAll('.', '\\.'),
);
const LEVEL = 3;

const keysOf = (month: string): string[] =>
  [HTML, JSON_].map((name) => `${BUSINESS_REPORTS}${month}/${name}`);

/** Months with a whole report, the newest first, and all months of which anything of ours is there. */
async function monthsIn(store: ObjectStore): Promise<{ whole: string[]; any: string[] }> {
  const keys: string[] = [];
  for await (const { key } of store.list(BUSINESS_REPORTS)) if (OWN_KEY.test(key)) keys.push(key);
  const named = (some: readonly string[]) =>
    [...new Set(some.flatMap((key) => OWN_KEY.exec(key)?.[1] ?? []))].sort().reverse();
  return { whole: named(keys.filter((key) => key.endsWith(JSON_))), any: named(keys) };
}

/** Whether a month still has to be stored: not there yet, and not older than all that are kept. */
export async function isWanted({ store, months }: ReportArchive, month: string): Promise<boolean> {
  const { whole } = await monthsIn(store);
  if (whole.includes(month)) return false;
  return whole.filter((one) => one > month).length < months;
}

/**
 * Stores a month and lets go of those that so many newer ones follow. Safe to repeat and to run twice at once: the keys
 * and the contents are those of the month alone, and one is written over by its like.
 */
export async function storeMonth(
  archive: ReportArchive,
  { data, html }: { data: PeriodReportData; html: string },
  signal: AbortSignal,
): Promise<{ objects: string[]; removed: string[] }> {
  const { store, months } = archive;
  const [page = '', figures = ''] = keysOf(data.period);
  await storeText(archive, page, html, signal);
  await storeText(archive, figures, `${JSON.stringify({ format: 1, ...data }, undefined, 2)}\n`, signal);
  const { whole, any } = await monthsIn(store);
  const oldest = whole[months - 1];
  const removed = oldest === undefined ? [] : any.filter((month) => month < oldest);
  for (const month of removed) for (const key of keysOf(month).reverse()) await store.remove(key);
  return { objects: [page, figures], removed };
}

/** Runs at once overwrite each other's: whoever writes last finds its own, whatever the order. */
const WRITES_AT_MOST = 20;

async function storeText(
  archive: ReportArchive,
  key: string,
  content: string,
  signal: AbortSignal,
): Promise<void> {
  for (let write = 1; write <= WRITES_AT_MOST; write += 1) {
    const found = await writeAndReadBack(archive, key, content, signal);
    if (found === content) return;
    if (found !== undefined)
      throw ApplicationFailure.retryable(
        `${archive.store.url(key)} does not read back as it was written`,
        'ObjectDamaged',
      );
  }
  throw ApplicationFailure.retryable(
    `${archive.store.url(key)} is written again and again`,
    'ObjectReplaced',
  );
}

/** With a key that lives only here. Undefined: another run has written over it since. */
async function writeAndReadBack(
  { store, recipients, zstd }: ReportArchive,
  key: string,
  content: string,
  signal: AbortSignal,
): Promise<string | undefined> {
  const ephemeral = await createEphemeralKey();
  const stream = Readable.from([content]);
  await seal(
    { stream, done: finished(stream) },
    {
      ...{ store, key, zstd, signal, level: LEVEL, overwrite: true },
      recipients: [...recipients, ephemeral.recipient],
    },
  );
  try {
    const { result } = await readSealed({ store, key, identities: [ephemeral.identity], zstd, signal }, text);
    return result;
  } catch (error) {
    if (error instanceof ApplicationFailure && error.type === 'WrongKey') return undefined;
    throw error;
  }
}

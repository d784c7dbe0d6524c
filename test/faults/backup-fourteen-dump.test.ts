import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { cloneDatabase, type ClonedDatabase } from '../support/postgres.ts';
import { report } from './backup-run.ts';
import { backupId, startBench, type Bench } from './bench.ts';

const shell = promisify(execFile);
const TODAY = backupId('23');

describe('the dump', () => {
  let bench: Bench;
  let source: ClonedDatabase;
  let role: string;
  const file = (): string => path.join(bench.workDir, 'source.dump');
  beforeAll(async () => {
    bench = await startBench();
    source = await cloneDatabase('empty');
    role = `limited_${path.basename(bench.workDir).slice(-6).toLowerCase()}`;
    await source.db.query(`create role ${role} login password 'of-test'; grant pg_read_all_data to ${role}`);
    await source.db.query(await readFile(path.join(import.meta.dirname, 'backup-fourteen.sql'), 'utf8'));
    await shell(inject('tools').pg_dump, ['-Fc', '-Z0', '-f', file(), source.url]);
  });
  afterAll(async () => {
    await source.db.query(`drop owned by ${role}; drop role ${role}`);
    await source.drop();
    await bench.close();
  });

  /** Takes a backup whose dump is of a clone with some damage, under the manifest of the whole source. */
  async function takeDamaged(damage: string) {
    const clone = await cloneDatabase('empty');
    try {
      await shell(inject('tools').pg_restore, ['-d', clone.url, file()]);
      await clone.db.query(damage);
      const pgDump = await bench.script(
        'of-clone',
        `for arg; do shift; case "$arg" in --snapshot=*) ;; *) set -- "$@" "$arg";; esac; done
PGDATABASE='${new URL(clone.url).pathname.slice(1)}' exec "$real" "$@"`,
      );
      return (await bench.take(source.url, TODAY, { pgDump })).proof;
    } finally {
      await clone.drop();
    }
  }

  it('of an equal clone is proven: what follows is caught by its loss alone', async () => {
    expect(await takeDamaged('select 1')).toMatchObject({ result: 'proven', differences: [] });
  });

  it.each([
    ['a table missing', 'drop table notes', 'table public.notes is missing'],
    [
      '1 % of rows lost',
      'delete from invoices where id % 100 = 1',
      'table public.invoices has 4950 rows instead of 5000',
    ],
    [
      'one value changed',
      'update customers set balance = balance + 0.01 where id = 1234',
      'table public.customers: the content differs (same number of rows)',
    ],
    ['an index missing', 'drop index customers_company', 'valid indexes missing: public.customers_company'],
    [
      'a policy missing',
      'drop policy own_company on customers',
      'policies missing: own_company on public.customers',
    ],
    [
      'a stale sequence',
      `select setval('public.tickets', 4000)`,
      'sequence public.tickets stands at 4000, outside its readings 4711 to 4711',
    ],
    [
      'a stale sequence of a column',
      `select setval('public.customers_id_seq', 1990)`,
      'sequence public.customers_id_seq stands at 1990',
    ],
  ])('%s: the proof names it', async (what, damage, words) => {
    const proof = await takeDamaged(damage);
    report(`${what}: ${proof.differences.slice(0, 3).join('; ')}`);
    expect(proof.result).toBe('not proven');
    expect(proof.differences.join('\n')).toContain(words);
  });

  it('a table left out of it by an option: the proof names it', async () => {
    const pgDump = await bench.script('excluding', `exec "$real" "$@" --exclude-table=public.invoices`);
    const { proof } = await bench.take(source.url, TODAY, { pgDump });
    report(`a table left out: ${proof.differences.slice(0, 3).join('; ')}`);
    expect(proof.differences).toContain('table public.invoices is missing');
  });

  it('cut, though pg_dump says that all is well: the proof names what is lost', async () => {
    const pgDump = await bench.script('cut', `"$real" "$@" | head -c 200000; exit 0`);
    const { proof } = await bench.take(source.url, TODAY, { pgDump });
    report(`cut with exit code 0: ${proof.reason ?? proof.differences.slice(0, 3).join('; ')}`);
    expect(proof.result).toBe('not proven');
  });

  it('filtered by row security: the role is refused, and a dump that went around is not proven', async () => {
    const url = new URL(source.url);
    [url.username, url.password] = [role, 'of-test'];
    await expect(bench.take(url.href, TODAY)).rejects.toMatchObject({
      type: 'MissingBypassRls',
      nonRetryable: true,
      message: expect.stringContaining(`alter role ${role} bypassrls`) as unknown,
    });
    const pgDump = await bench.script(
      'filtered',
      `PGUSER='${role}' PGPASSWORD=of-test exec "$real" "$@" --enable-row-security`,
    );
    const { proof } = await bench.take(source.url, TODAY, { pgDump });
    report(
      `filtered by row security: MissingBypassRls; around it: ${proof.differences.slice(0, 3).join('; ')}`,
    );
    expect(proof.differences.join()).toMatch(/table public\.customers has \d+ rows instead of 2000/);
  });
});

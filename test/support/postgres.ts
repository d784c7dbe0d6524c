import { randomBytes } from 'node:crypto';
import { inject } from 'vitest';
import { createPostgres, openPostgresSession } from '../../src/clients/postgres.ts';
import type { Postgres, Queryable } from '../../src/clients/postgres.ts';
import { applyDatabase } from '../../src/database/index.ts';
import { seedDemo } from '../../src/dev/demo-database.ts';

export type Template = 'app' | 'ops' | 'empty';

/** The instant at which the demo's year ends in the tests: a Monday evening, in winter time. */
export const DEMO_NOW = new Date('2026-11-23T19:00:00Z');

const TEMPLATES = { app: 'talos_template_app', ops: 'talos_template_ops', empty: 'template0' } as const;

const urlOf = (adminUrl: string, database: string): string => {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  return url.href;
};

async function asAdmin<Result>(url: string, work: (db: Queryable) => Promise<Result>): Promise<Result> {
  const session = await openPostgresSession({ url, applicationName: 'talos-test' });
  return work(session).finally(() => session.close());
}

/** Builds, once for a cluster, what every file clones: the demo with our schemas, and the operations database. */
export async function prepareTemplates(adminUrl: string): Promise<void> {
  await asAdmin(adminUrl, async (admin) => {
    for (const name of [TEMPLATES.app, TEMPLATES.ops]) await admin.query(`create database ${name}`);
  });
  const [appUrl, opsUrl] = [urlOf(adminUrl, TEMPLATES.app), urlOf(adminUrl, TEMPLATES.ops)];
  await seedDemo({ url: appUrl, now: DEMO_NOW });
  await applyDatabase({ appUrl, opsUrl });
  await asAdmin(adminUrl, async (admin) => {
    // A template somebody is connected to cannot be cloned.
    for (const name of [TEMPLATES.app, TEMPLATES.ops])
      await admin.query(`alter database ${name} with allow_connections false is_template true`);
  });
}

export interface ClonedDatabase {
  /** The superuser's URL. */
  url: string;
  db: Postgres;
  drop(): Promise<void>;
}

/** A database of one's own: `app` is the seeded demo with our schemas, `ops` the operations database. */
export async function cloneDatabase(template: Template): Promise<ClonedDatabase> {
  const adminUrl = inject('postgresUrl');
  const name = `test_${template}_${randomBytes(6).toString('hex')}`;
  await asAdmin(adminUrl, (admin) => admin.query(`create database ${name} template ${TEMPLATES[template]}`));
  const url = urlOf(adminUrl, name);
  const db = createPostgres({ url, applicationName: 'talos-test' });
  return {
    url,
    db,
    async drop() {
      await db.close();
      await asAdmin(adminUrl, (admin) => admin.query(`drop database if exists ${name} with (force)`));
    },
  };
}

/** Runs `work` with the rights of a role, in one transaction that is rolled back. */
export async function asRole(
  db: Postgres,
  role: string,
  work: (tx: Queryable) => Promise<void>,
): Promise<void> {
  const undo = new Error('rolled back');
  await db
    .transaction(async (tx) => {
      await tx.query(`set local role ${role}`);
      await work(tx);
      throw undo;
    })
    .catch((error: unknown) => {
      if (error !== undo) throw error;
    });
}

/** The database's URL for a role that is there only while `work` runs. */
export async function withLogin(
  { db, url }: ClonedDatabase,
  clause: string,
  work: (url: string) => Promise<unknown>,
): Promise<void> {
  const role = `test_${randomBytes(6).toString('hex')}`;
  await db.query(`create role ${role} login password 'test' ${clause}`);
  try {
    await work(Object.assign(new URL(url), { username: role, password: 'test' }).href);
  } finally {
    await db.query(`drop role ${role}`);
  }
}

import { describe, expect, it } from 'vitest';
import { renderEmail, samples } from '../../src/notifications/index.ts';
import type { BackupStoredData, Locale, Notice } from '../../src/notifications/index.ts';

const NBSP = '\u00A0';
const render = (notice: Notice, locale: Locale) => renderEmail(notice, { locale });
const sample = (state: string) => samples['backup-stored'][state] as Notice;
const stored = (data: Partial<BackupStoredData>): Notice => {
  const notice = sample('proven');
  return { ...notice, data: { ...notice.data, ...data } } as Notice;
};
/** The text part says what the HTML says (`emails.test.ts`), and is easier to look into: spaces and breaks apart. */
const flat = (text: string): string => text.replace(/[\s`]+/g, ' ');
const said = async (notice: Notice, locale: Locale) => flat((await render(notice, locale)).text);
const heading = (html: string): string =>
  (/<h1.*?<\/h1>/s.exec(html)?.[0] ?? '').replace(/<[^>]*>/g, '').replaceAll('&#x27;', "'");
const tone = (html: string): string | undefined => /class="(good|warn|bad)"/.exec(html)?.[1];

describe.each([
  ['fr', 'proven', 'good', '✓ Prouvée', 'Sauvegarde prouvée\u00A0:'],
  ['en', 'proven', 'good', '✓ Proven', 'Backup proven:'],
  ['fr', 'older', 'good', '✓ Prouvée', 'Sauvegarde prouvée\u00A0:'],
  ['fr', 'counted', 'good', '✓ Prouvée', 'Sauvegarde prouvée\u00A0:'],
  ['fr', 'proven-except', 'good', '✓ Prouvée, avec exceptions', 'Sauvegarde prouvée, avec exceptions'],
  ['en', 'proven-except', 'good', '✓ Proven, with exceptions', 'Backup proven, with exceptions'],
  ['fr', 'database-shrunk', 'warn', '! Prouvée, mais la base a rétréci', 'prouvée, mais la base a rétréci'],
  ['en', 'database-shrunk', 'warn', '! Proven, but the database shrank', 'proven, but the database shrank'],
  ['fr', 'table-shrunk', 'warn', '! Prouvée, mais une table a rétréci', 'mais une table a rétréci'],
  ['fr', 'part-failed', 'warn', '! Prouvée, mais un point à régler', 'mais un point à régler'],
  ['en', 'part-failed', 'warn', '! Proven, but one thing to settle', 'but one thing to settle'],
  ['fr', 'retention-refused', 'warn', '! Prouvée, mais 2 points à régler', 'mais 2 points à régler'],
  ['fr', 'key-unchecked', 'good', '✓ Prouvée', 'Sauvegarde prouvée\u00A0:'],
  ['fr', 'not-proven', 'warn', '! Non prouvée', 'Sauvegarde stockée, non prouvée\u00A0:'],
  ['en', 'not-proven', 'warn', '! Not proven', 'Backup stored, not proven:'],
  ['fr', 'different', 'bad', '✕ Non prouvée', 'Sauvegarde différente de l’original\u00A0:'],
  ['en', 'different', 'bad', '✕ Not proven', 'Backup differs from the original:'],
] as const)('in %s, %s', (locale, state, colour, word, inSubject) => {
  it('says so in colour, heading, subject and first line', async () => {
    const { subject, html, text } = await render(sample(state), locale);
    expect(tone(html)).toBe(colour);
    expect(flat(heading(html))).toBe(word);
    expect(subject).toContain(inSubject);
    expect(text.split('\n')[0]).toContain(`${word.toUpperCase()}.`);
  });
});

describe('a stored backup', () => {
  it('shows the figures of its data', async () => {
    const { text } = await render(sample('proven'), 'fr');
    for (const figure of ['312 Mo', '1,31 Go', '1 min 12 s', '18,1 Mo/s', '48 s'])
      expect(text).toContain(figure.replaceAll(' ', NBSP));
    expect(text).toContain('1\u202F234\u202F567');
    expect(flat(text)).toContain('lundi 23 novembre 2026 à 03 h 00');
  });

  it('of an older version shows nothing of what that did not know', async () => {
    const text = await said(sample('older'), 'fr');
    expect(text).not.toMatch(/depuis le|stocké avec|ce qui est gardé|clé privée|copie locale/i);
    expect(text).not.toContain(' — ');
  });

  it('offers no command to restore a copy that differs', async () => {
    expect((await render(sample('different'), 'en')).html).not.toContain('talos backup restore');
  });

  // Far below the 102 kB at which Gmail cuts a mail off; every real state stays under 30 (`emails.test.ts`).
  it('stays small with everything that can be said of it, however long', async () => {
    const name = (index: number) => `public."<b>${'long_'.repeat(11)}${String(index)}</b>"`;
    const many = <T>(count: number, make: (index: number) => T): T[] =>
      Array.from({ length: count }, (_, index) => make(index));
    const tables = many(10, (index) => ({ name: name(index), rows: 10, before: 1_000_000 }));
    const { changes, parts, retention } = sample('proven').data as Required<BackupStoredData>;
    const notice = stored({
      database: '<script>alert(1)</script>',
      proof: {
        result: 'not proven',
        differences: many(40, (index) => `table ${name(index)} is missing`),
        exceptions: many(
          40,
          (index) => `extension e${String(index)} cannot be created there: ${name(index)}`,
        ),
      },
      changes: { ...changes, tables, shrunk: many(60, (index) => ({ ...tables[0]!, name: name(index) })) },
      parts: parts.map((part) => ({ ...part, result: 'failed', warnings: many(9, name) })),
      retention: {
        ...retention,
        refused: 'r'.repeat(150),
        deleted: many(30, () => retention.deleted[0]!),
      },
      localCopy: { folder: '/f', failure: 'f'.repeat(150) },
      keyCheckedAt: null,
    });
    for (const locale of ['fr', 'en'] as const) {
      const { html, text } = await render(notice, locale);
      expect(html).not.toContain('<script>');
      expect(html).not.toContain('<b>');
      expect(text).toContain(locale === 'fr' ? '… et 28 autres' : '… and 28 more');
      expect(text).not.toContain('long_59');
      expect(Buffer.byteLength(html)).toBeLessThanOrEqual(40_000);
    }
  });
});

describe('what could not be restored here', () => {
  it('is named, with what it means', async () => {
    const [french, english] = [
      await said(sample('proven-except'), 'fr'),
      await said(sample('proven-except'), 'en'),
    ];
    for (const text of [french, english])
      expect(text).toContain('extension pg_graphql cannot be created there');
    expect(french).toContain('CE QUI N’A PAS PU ÊTRE RESTAURÉ ICI Ces données sont dans la sauvegarde');
    expect(english).toContain('WHAT COULD NOT BE RESTORED HERE This data is in the backup');
  });

  it('is not said to be in the backup where a table was left out of it', async () => {
    const text = await said(sample('proven-except-left-out'), 'fr');
    expect(text).not.toContain('Ces données sont dans la sauvegarde');
    expect(text).toContain('Seul ce qui est dit « not in the dump » n’y est pas');
  });
});

describe('what changed', () => {
  it('is told a table a line, with the sum', async () => {
    const french = await said(sample('proven'), 'fr');
    expect(french).toContain('DEPUIS LE 22 NOVEMBRE 2026');
    expect(french).toContain('public.sessions 4 310 −220');
    expect(french).toContain('Toutes les tables 1 234 567 +4 455');
    expect(french).toContain('1,31 Go (+4,00 Mo)');
    expect(await said(sample('proven'), 'en')).toContain('public.sessions 4,310 −220');
  });

  it('warns of a shrink, and says what to do', async () => {
    const french = await said(sample('database-shrunk'), 'fr');
    expect(french).toContain(
      '! LA BASE A RÉTRÉCI Données lues : 214 Mo, contre 1,31 Go le 22 novembre 2026.',
    );
    expect(french).toContain('public.audit_log 808 960 → 1 204 (−99 %)');
    expect(french).toContain('npx talos backup list');
    expect(french.indexOf('LA BASE A RÉTRÉCI')).toBeLessThan(french.indexOf('Taille stockée'));
    expect(await said(sample('table-shrunk'), 'en')).toContain('! A TABLE SHRANK Rows, since the backup of');
  });

  it('tells a shrink also of a backup without proof', async () => {
    const { changes } = sample('database-shrunk').data as Required<BackupStoredData>;
    const notice = stored({ changes, proof: { result: 'not proven', differences: [], reason: 'DiskFull' } });
    expect((await render(notice, 'fr')).subject).toContain('non prouvée, et la base a rétréci');
  });
});

describe('what lies beside the database', () => {
  it('has its result, its size and its warnings', async () => {
    const french = await said(sample('proven'), 'fr');
    expect(french).toContain('Rôles et droits 1,42 ko ✓ Prouvé');
    expect(french).toContain('Fichiers 84,2 Mo ✓ Relu 1 204 fichiers');
    expect(french).toContain('N8N_ENCRYPTION_KEY');
    expect(await said(sample('proven'), 'en')).toContain('Operations database 2.31 MB ✓ Proven');
  });

  it('is at the top when it failed, and its reason once', async () => {
    const french = await said(sample('part-failed'), 'fr');
    expect(french).toContain('! NON SAUVEGARDÉ : FICHIERS files: ssh: no answer');
    expect(french).toContain('Fichiers — ✕ Échec');
    expect(french.match(/no answer/g)).toHaveLength(1);
    const parts: BackupStoredData['parts'] = [{ part: 'temporal', result: 'not proven', warnings: ['why'] }];
    expect(await said(stored({ parts }), 'en')).toContain('! STORED, BUT NOT PROVEN: TEMPORAL temporal: why');
  });
});

describe('what is kept', () => {
  it('has its next deletion, and what happened today', async () => {
    const french = await said(sample('proven'), 'fr');
    expect(french).toContain('Mois 12 1er décembre 2026');
    expect(french).toContain(
      'Aujourd’hui : copiée vers les hebdomadaires (2026-W47), 1 quotidienne effacée, 1 hebdomadaire effacée.',
    );
    expect(french).toContain('Effacées daily/2026-11-16T020002Z-019a8eb1-0c4de913, weekly/');
    expect(await said(sample('first'), 'en')).toContain('Today: nothing to copy or delete.');
  });

  it('is said when retention was refused, with the reason and what to do', async () => {
    const french = await said(sample('retention-refused'), 'fr');
    expect(french).toContain('! RÉTENTION SUSPENDUE : RIEN N’A ÉTÉ COPIÉ NI EFFACÉ daily/2026-12-24');
    expect(french).not.toContain('Aujourd’hui');
  });
});

describe('the private key', () => {
  it.each([
    ['2026-07-26T02:00:04Z', 'essayée le 26 juillet 2026, il y a 120 jours', false],
    ['2026-07-25T02:00:03Z', 'essayée le 25 juillet 2026, il y a 121 jours', true],
  ])('tried at %s: %s', async (keyCheckedAt, words, warns) => {
    const french = await said(stored({ keyCheckedAt }), 'fr');
    expect(french).toContain(words);
    expect(french.includes('npx talos backup check-key --identity cle-age.txt')).toBe(warns);
  });

  it('never tried is a warning; not looked up is none', async () => {
    expect(await said(stored({ keyCheckedAt: null }), 'en')).toContain('! THE PRIVATE KEY WAS NEVER TRIED');
    expect(await said(stored({ keyCheckedAt: undefined }), 'en')).not.toMatch(/private key/i);
  });
});

it('says where the local copy is, or why there is none', async () => {
  expect(await said(sample('proven'), 'fr')).toContain('Copie locale /srv/backups/');
  expect(await said(sample('retention-refused'), 'fr')).toContain(
    '! PAS DE COPIE LOCALE AUJOURD’HUI Le disque est',
  );
});

it('says of a big database that it was counted', async () => {
  expect(await said(sample('counted'), 'fr')).toContain(
    'comptée : aucune ligne ne manque. Contenu non comparé aujourd’hui (base volumineuse).',
  );
  expect(await said(sample('counted'), 'en')).toContain('Contents not compared today (big database).');
});

import { describe, expect, it } from 'vitest';
import { renderEmail, samples, TEMPLATES } from '../../src/notifications/index.ts';
import type { BackupFailedData, BackupStoredData, Locale, Notice } from '../../src/notifications/index.ts';

const LOCALES = ['fr', 'en'] as const;
const WEB_UI = 'https://temporal.example/ui/';
const render = (notice: Notice, locale: Locale) => renderEmail(notice, { locale, webUiUrl: WEB_UI });
const sample = (template: Notice['template'], state: string) => samples[template][state] as Notice;

const stored = (data: Partial<BackupStoredData>): Notice => {
  const notice = sample('backup-stored', 'proven');
  return { ...notice, data: { ...notice.data, ...data } } as Notice;
};
const failed = (data: Partial<BackupFailedData>): Notice => {
  const notice = sample('backup-failed', 'unreachable');
  return { ...notice, data: { ...notice.data, ...data } } as Notice;
};

/** What a reader sees of the HTML, in order. */
const visible = (html: string): string =>
  html
    .replace(/<head>.*?<\/head>/s, '')
    .replace(/<!--\[if mso\]>.*?<!\[endif\]-->/gs, '')
    .replace(/<[^>]*>/g, '\n')
    .replaceAll('&#x27;', "'")
    .replaceAll('&quot;', '"')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');

const every = TEMPLATES.flatMap((template) =>
  Object.entries(samples[template]).flatMap(([state, notice]) =>
    LOCALES.map((locale) => ({ name: `${template}, ${state}, ${locale}`, notice, locale })),
  ),
);

describe.each(every)('$name', ({ notice, locale }) => {
  it('is small, in its language, made for both colour schemes, and without marks of the renderer', async () => {
    const { html, subject } = await render(notice, locale);
    expect(Buffer.byteLength(html)).toBeLessThanOrEqual(30_000);
    expect(html).toContain(`lang="${locale}"`);
    expect(html).toContain(`lang="${locale === 'fr' ? 'en' : 'fr'}"`);
    expect(html).toContain('name="color-scheme"');
    expect(html).toContain('prefers-color-scheme: dark');
    expect(html).not.toMatch(/<!--(?!\[if|<!\[endif)/);
    expect(html).not.toMatch(/undefined|NaN|\[object/);
    expect(subject).not.toMatch(/[\r\n]/);
  });

  it('has every layout table marked as one, and text of 14 px or more', async () => {
    const { html } = await render(notice, locale);
    const tables = html.match(/<table[^>]*>/g) ?? [];
    expect(tables.filter((table) => !table.includes('role="presentation"'))).toHaveLength(1);
    expect(html.match(/<caption/g)).toHaveLength(1);
    const sizes = [...html.matchAll(/font-size:(\d+)px/g)].map(([, size]) => Number(size));
    expect(Math.min(...sizes)).toBeGreaterThanOrEqual(14);
  });

  it('has a preheader of 40 to 90 characters', async () => {
    const { html } = await render(notice, locale);
    const preheader = /<div[^>]*data-skip-in-text[^>]*>([^<]*)/.exec(html)?.[1] ?? '';
    expect(preheader.length).toBeGreaterThanOrEqual(40);
    expect(preheader.length).toBeLessThanOrEqual(90);
  });

  it('says in its text part what the HTML says', async () => {
    const { html, text } = await render(notice, locale);
    const flat = (part: string) => part.replace(/[ \n`]+/g, ' ').toLowerCase();
    const spoken = flat(text);
    const lines = visible(html.slice(html.indexOf('<h1')))
      .split('\n')
      .map((line) => flat(line).trim())
      .filter((line) => line.length > 2);
    expect(lines.length).toBeGreaterThan(8);
    for (const line of lines) expect(spoken).toContain(line);
  });

  it('has the same bytes each time', async () => {
    expect(await render(notice, locale)).toEqual(await render(notice, locale));
  });
});

describe('a stored backup', () => {
  it.each([
    ['fr', 'proven', 'Prouvée', 'Sauvegarde prouvée'],
    ['en', 'proven', 'Proven', 'Backup proven'],
    ['fr', 'not-proven', 'Non prouvée', 'non prouvée'],
    ['en', 'not-proven', 'Not proven', 'not proven'],
    ['fr', 'different', 'Non prouvée', 'différente de l’original'],
    ['en', 'different', 'Not proven', 'differs from the original'],
  ] as const)(
    'in %s, %s: says so in subject, heading and first line',
    async (locale, state, word, inSubject) => {
      const { subject, html, text } = await render(sample('backup-stored', state), locale);
      expect(subject).toContain(inSubject);
      const heading = visible(/<h1.*?<\/h1>/s.exec(html)?.[0] ?? '');
      expect(heading.trim()).toMatch(new RegExp(`^[✓!✕]\\s+${word}$`));
      expect(text.split('\n')[0]).toContain(word.toUpperCase());
    },
  );

  it('shows the figures of its data', async () => {
    const { html, text } = await render(stored({}), 'fr');
    for (const figure of [
      '312\u00A0Mo',
      '1,31\u00A0Go',
      '1\u00A0min\u00A012\u00A0s',
      '18,1\u00A0Mo/s',
      '48\u00A0s',
      '1\u202F234\u202F567',
      'lundi 23 novembre 2026 à 03\u00A0h\u00A000',
    ]) {
      expect(visible(html)).toContain(figure);
      expect(text).toContain(figure);
    }
  });

  it('escapes names, and shows a bounded list of what differs', async () => {
    const differences = Array.from(
      { length: 40 },
      (_, index) => `table public."<b>x${index}</b>" is missing`,
    );
    const notice = stored({
      database: '<script>alert(1)</script>',
      proof: { result: 'not proven', differences },
    });
    const { html, text } = await render(notice, 'en');
    expect(html).not.toContain('<script>');
    expect(html).not.toContain('<b>x0');
    expect(visible(html)).toContain('<b>x0</b>');
    expect(text).toContain('… and 28 more');
    expect(Buffer.byteLength(html)).toBeLessThanOrEqual(30_000);
  });

  it('offers no command to restore a copy that differs', async () => {
    const { html } = await render(sample('backup-stored', 'different'), 'en');
    expect(html).not.toContain('talos backup restore');
  });
});

describe('a failed backup', () => {
  it('names the cause in words, what to do, and what can be restored', async () => {
    const { subject, html, text } = await render(failed({}), 'fr');
    expect(subject).toContain('la base de données ne répond pas');
    for (const part of [visible(html), text]) {
      expect(part).toContain('pooler de session');
      expect(part).toContain('talos backup restore daily/2026-11-22T020003Z-019aad9e');
    }
    expect(html).toContain(
      'href="https://temporal.example/ui/namespaces/default/workflows/backup-database-2026-11-23T02%3A00%3A00Z/',
    );
  });

  it('says that no proof exists when that is known, and nothing when nobody looked', async () => {
    expect((await render(failed({ lastProven: null }), 'fr')).text).toContain('Aucune sauvegarde prouvée');
    const unknown = (await render(failed({ lastProven: undefined }), 'fr')).text;
    expect(unknown).not.toMatch(/aucune sauvegarde prouvée|dernière preuve/i);
  });

  it('has words for a failure nobody foresaw, and other names of a known one', async () => {
    const cause = { type: 'TypeError', message: 'x is not a function' };
    expect((await render(failed({ cause }), 'fr')).text).toContain('x is not a function');
    const refused = { type: 'ObjectStoreRefused', message: 'AccessDenied' };
    expect((await render(failed({ cause: refused }), 'fr')).subject).toContain('le stockage refuse');
  });
});

it('marks a test as one, in subject and text', async () => {
  for (const locale of LOCALES) {
    const { subject, text } = await render(sample('test', 'test'), locale);
    expect(subject).toMatch(/^\[TEST\]/);
    expect(text).toContain('[TEST]');
  }
});

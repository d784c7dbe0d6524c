import { describe, expect, it } from 'vitest';
import { renderEmail, samples, TEMPLATES } from '../../src/notifications/index.ts';
import type { BackupFailedData, Locale, Notice } from '../../src/notifications/index.ts';

const LOCALES = ['fr', 'en'] as const;
const WEB_UI = 'https://temporal.example/ui/';
const render = (notice: Notice, locale: Locale) => renderEmail(notice, { locale, webUiUrl: WEB_UI });
const sample = (template: Notice['template'], state: string) => samples[template][state] as Notice;

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

  it('has every layout table marked as one, a caption on every other, and text of 14 px or more', async () => {
    const { html } = await render(notice, locale);
    const tables = html.match(/<table[^>]*>/g) ?? [];
    const withData = tables.filter((table) => !table.includes('role="presentation"'));
    expect(withData.length).toBeGreaterThanOrEqual(1);
    expect(html.match(/<caption/g)).toHaveLength(withData.length);
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

  it('shows each picture that it carries, with its values in words', async () => {
    const { html, text, pictures } = await render(notice, locale);
    const images = [...html.matchAll(/<img[^>]*>/g)].map(([tag]) => tag);
    expect(images.map((tag) => /src="cid:([^"]*)"/.exec(tag)?.[1])).toEqual(pictures.map(({ name }) => name));
    for (const tag of images) {
      const alt = visible(/alt="([^"]*)"/.exec(tag)?.[1] ?? '');
      expect(alt).toMatch(/\d/);
      expect(text.replace(/\s+/g, ' ')).toContain(alt.replace(/\s+/g, ' '));
    }
    for (const { png } of pictures) {
      expect(Buffer.from(png).subarray(1, 4).toString()).toBe('PNG');
      // Without its font resvg draws no text, and says nothing.
      expect(png.length).toBeGreaterThan(9_000);
    }
  });

  it.runIf(locale === 'fr')(
    'has French spaces: none that breaks before ; : ! ? € or inside « »',
    async () => {
      const { html, text, subject } = await render(notice, locale);
      // What is typed into a terminal is no sentence.
      const words = html.replace(/<code.*?<\/code>|<p lang="en".*?<\/p>|<div class="code".*?<\/div>/gs, '');
      for (const part of [subject, visible(words.slice(words.indexOf('<h1')))])
        expect(part.match(/.{0,30}(?: [;!?€»]| :(?! *\n)|« ).{0,10}/g) ?? []).toEqual([]);
      expect(text).not.toMatch(/ [;!?](?:\s|$)/);
    },
  );

  it('has the same bytes each time', async () => {
    expect(await render(notice, locale)).toEqual(await render(notice, locale));
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

  it.each([
    ...['ObjectExists', 'ObjectLocked', 'SshHostKeyChanged', 'SshHostKeyUnknown', 'SshRefused'],
    ...['SshUnreachable', 'DiskFull', 'ManifestUnreadable', 'PartFailed', 'LocalDiskFull'],
  ])('has words and advice of its own for %s, in both languages', async (type) => {
    for (const locale of LOCALES) {
      const known = await render(failed({ cause: { type, message: 'm' } }), locale);
      const unknown = await render(failed({ cause: { type: 'Nobody', message: 'm' } }), locale);
      expect(known.subject).not.toBe(unknown.subject);
      expect(known.text).toMatch(/\n1\. .+\n/);
    }
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

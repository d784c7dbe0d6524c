import { describe, expect, it } from 'vitest';
import { samples, smsText, TEMPLATES } from '../../src/notifications/index.ts';
import type { Notice } from '../../src/notifications/index.ts';
import { RULES_EN } from '../../src/notifications/alert-words/en.ts';
import { RULES_FR } from '../../src/notifications/alert-words/fr.ts';
import { gsm7Length, oneSegment, SEGMENT, toGsm7 } from '../../src/notifications/sms/gsm7.ts';

const LINK = 'https://maintenance.talosprimes.example.com/a/';
const alertLink = (alertId: number): string => `${LINK}${alertId}.AbCdEfGhIjKlMnOpQrSt-_`;
const every = TEMPLATES.flatMap((template) =>
  Object.entries(samples[template]).flatMap(([state, notice]) =>
    (['fr', 'en'] as const).map((locale) => ({ name: `${template}, ${state}, ${locale}`, notice, locale })),
  ),
);

describe('the text of an SMS', () => {
  it.each(every)('is one segment: $name', ({ notice, locale }) => {
    const text = smsText(notice, { locale, alertLink });
    const length = gsm7Length(text);
    expect(length, text).toBeDefined();
    expect(length).toBeLessThanOrEqual(SEGMENT);
    expect(text.length).toBeGreaterThan(20);
    expect(text).not.toMatch(/undefined|NaN|\[object|@/);
    expect(smsText(notice, { locale, alertLink })).toBe(text);
    if (notice.template !== 'alert') return;
    const { alertId, event, test } = notice.data;
    if (alertId > 0) expect(text).toContain(`A${alertId} `);
    else expect(text).not.toContain(LINK);
    if (test) expect(text).toMatch(/^\[TEST\] /);
    const over = event === 'resolved' || event === 'data-again';
    if (alertId > 0 && !over) expect(text.endsWith(alertLink(alertId))).toBe(true);
  });

  it('says what is down, since when and why, before anything else', () => {
    const text = (state: string) => smsText(samples.alert[state] as Notice, { locale: 'fr', alertLink });
    expect(text('firing')).toBe(
      `A17 Application injoignable depuis 15:03, connexion refusée. Vu: ${alertLink(17)}`,
    );
    expect(text('resolved-late')).toBe(
      "A17 Terminé: application injoignable 15:03-15:09 (5 min 55 s). N'a pu être annoncé plus tôt".replaceAll(
        /[êô]/g,
        (character) => ({ ê: 'e', ô: 'o' })[character] ?? '',
      ),
    );
  });

  it('names what is down with a host before the reason, which gives way', () => {
    const host = smsText(samples.alert['AL4-vps'] as Notice, { locale: 'fr', alertLink });
    expect(host).toMatch(
      /^A17 Serveur injoignable depuis 15:03, touche app n8n supabase database redis docs/,
    );
    expect(smsText(samples.alert['AL4-vps'] as Notice, { locale: 'en' })).toMatch(
      /affects app .*, no answer/,
    );
  });

  it('does not invent a link that nobody signed', () => {
    expect(smsText(samples.alert['firing'] as Notice, { locale: 'fr' })).not.toContain('http');
  });
});

describe('GSM-7', () => {
  it('keeps its own letters and spells the others', () => {
    expect(toGsm7('Éché à ù ì ò ç ê ë â î ï ô û œ À È « ok » l’été – — … → 😀🔴 5 %')).toBe(
      'Éché à ù ì ò c e e a i i o u oe A E " ok " l\'été - - ... -> 5 %',
    );
  });
  it('counts what takes two places, and nothing that is not in it', () => {
    expect(gsm7Length('a[b]€')).toBe(8);
    expect(gsm7Length('ç')).toBeUndefined();
  });
  it('cuts the middle and never the end, at every length', () => {
    for (let length = 0; length < 400; length += 1) {
      const text = oneSegment('A17', '[é'.repeat(length), 'OK: https://x.example/a/17.AbC');
      expect(gsm7Length(text)).toBeLessThanOrEqual(SEGMENT);
      expect(text.startsWith('A17')).toBe(true);
      expect(text.endsWith('OK: https://x.example/a/17.AbC')).toBe(true);
    }
  });
  it('leaves out an end that cannot be there whole', () => {
    const text = oneSegment('A17', 'Application injoignable', `OK: https://${'x'.repeat(170)}`);
    expect(text).toBe('A17 Application injoignable');
  });
});

it('what is between backquotes is typed as it stands: no typographic quote, no other space', () => {
  const steps = [RULES_FR, RULES_EN].flatMap((rules) => Object.values(rules).flatMap((words) => words.steps));
  const commands = steps.flatMap((step) => step.match(/`[^`]+`/g) ?? []);
  expect(commands.length).toBeGreaterThan(60);
  for (const command of commands) expect(command).toMatch(/^[\x20-\x7Eà-ÿ]+$/);
});

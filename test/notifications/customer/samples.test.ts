import { describe, expect, it } from 'vitest';
import { CUSTOMER_TEMPLATES, customerPreviews } from '../../../src/notifications/index.ts';
import { gsm7Length, SEGMENT } from '../../../src/notifications/sms/gsm7.ts';

/** Every message to a customer, in every state and both languages. */

const every = (
  await Promise.all(
    CUSTOMER_TEMPLATES.flatMap((template) =>
      (['fr', 'en'] as const).map(async (locale) =>
        (await customerPreviews(template, locale)).map((preview) => ({ template, locale, ...preview })),
      ),
    ),
  )
).flat();

describe.each(every)('$template, $state, $locale', ({ template, state, locale, email, sms }) => {
  it('is small, in its language, for both colour schemes, and says nothing unmeant', () => {
    const { subject, html, text } = email;
    expect(Buffer.byteLength(html)).toBeLessThanOrEqual(30_000);
    expect(html).toContain(`lang="${locale}"`);
    expect(html).toContain('prefers-color-scheme: dark');
    expect(subject.length).toBeLessThanOrEqual(78);
    for (const part of [subject, html, text])
      expect(part).not.toMatch(/undefined|NaN|\[object|<!--(?!\[if|<!\[endif)/);
    for (const line of text.split('\n').filter((one) => !one.includes('://')))
      expect(line.length).toBeLessThanOrEqual(80);
  });

  it('links to pages that are the same for everybody; only the way out is of this person', () => {
    const links = [...email.html.matchAll(/href="([^"]*)"/g)].map(([, href]) => href);
    for (const href of links) expect(href).toMatch(/^https:\/\/[a-z.]+(\/[a-z0-9/-]*)?$/);
  });

  it('sets French signs as French readers expect them', () => {
    if (locale === 'fr')
      expect(`${email.subject}\n${email.text.replace(/^.* :$/gm, '')}`).not.toMatch(/[ a-zé][!?;]/u);
  });

  it('has an SMS of one segment with the way out in it, or none', () => {
    if (sms === undefined) return expect(template).not.toBe('trial-help');
    expect(gsm7Length(sms), sms).toBeLessThanOrEqual(SEGMENT);
    expect(sms).toMatch(/STOP/);
    if (state === 'long') expect(sms).toContain('https://calendly.com/talosprimes-demonstration/30min');
  });
});

import { describe, expect, it } from 'vitest';
import { pageUrl, readLink, signLink, type SignedLink } from '../../src/links/index.ts';

const KEY = 'a-signing-key-of-the-tests-0123456789';
const NOW = Date.parse('2026-11-23T19:00:00Z');
const LINK: SignedLink = {
  purpose: 'reactivate',
  subject: '17',
  expiresAt: new Date('2026-12-23T19:00:00Z'),
};

describe('a signed link', () => {
  it('opens what it was made for', () => {
    const text = signLink(KEY, LINK);
    expect(text).toMatch(/^17\.[0-9a-z]+\.[\w-]{22}$/);
    expect(readLink(KEY, 'reactivate', text, NOW)).toEqual({ subject: '17', expired: false });
  });

  it('says that it has expired, so that the page can be kind', () => {
    const text = signLink(KEY, LINK);
    const expiry = LINK.expiresAt.getTime();
    expect(readLink(KEY, 'reactivate', text, expiry - 1)).toEqual({ subject: '17', expired: false });
    expect(readLink(KEY, 'reactivate', text, expiry)).toEqual({ subject: '17', expired: true });
  });

  it('opens nothing else: another purpose, subject, expiry or key', () => {
    const text = signLink(KEY, LINK);
    const later = signLink(KEY, { ...LINK, expiresAt: new Date('2030-01-01T00:00:00Z') });
    const [subject, , token] = text.split('.');
    for (const [key, purpose, wrong] of [
      [KEY, 'unsubscribe', text],
      [`${KEY}x`, 'reactivate', text],
      [KEY, 'reactivate', text.replace(/^17/, '18')],
      [KEY, 'reactivate', [subject, later.split('.')[1], token].join('.')],
      [KEY, 'reactivate', `${text}A`],
      [KEY, 'reactivate', text.slice(0, -1)],
      [KEY, 'reactivate', ''],
      [KEY, 'reactivate', '17.abc.éééééééééééééééééééééé'],
    ] as const)
      expect(readLink(key, purpose, wrong, NOW), wrong).toBeUndefined();
  });

  it('takes ids only: an address would stand in the open', () => {
    expect(() => signLink(KEY, { ...LINK, subject: 'anne@example.com' })).toThrow(/id/);
  });

  it('stands below PUBLIC_URL, which may have a folder', () => {
    expect(pageUrl('https://a.test', 'r/x')).toBe('https://a.test/r/x');
    expect(pageUrl('https://a.test/talos', 'r/x')).toBe('https://a.test/talos/r/x');
  });
});

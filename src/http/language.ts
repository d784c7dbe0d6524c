import type { Context } from 'hono';
import type { Locale } from '../notifications/index.ts';

/** The language of whoever opens a page: a link alone says nothing of the person. */
export const localeOf = (context: Context, fallback: Locale): Locale => {
  const [first] = (context.req.header('accept-language') ?? '').toLowerCase().split(',');
  return first?.startsWith('en') ? 'en' : first?.startsWith('fr') ? 'fr' : fallback;
};

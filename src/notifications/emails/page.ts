import type { Notice } from '../notice.ts';
import { renderEmail, type RenderedEmail, type RenderOptions } from './render.ts';

/** The HTML as a file of its own, with its pictures inside: a file has no parts beside it. */
export const pageOf = ({ html, pictures }: Pick<RenderedEmail, 'html' | 'pictures'>): string =>
  pictures.reduce(
    (page, { name, png }) =>
      page.replace(`cid:${name}`, `data:image/png;base64,${Buffer.from(png).toString('base64')}`),
    html,
  );

/** A notice as a page to be kept. The same notice and options give the same bytes. */
export const standalonePage = async (notice: Notice, options: RenderOptions): Promise<string> =>
  pageOf(await renderEmail(notice, options));

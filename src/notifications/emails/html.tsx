import { render } from '@react-email/render';
import type { Locale } from '../format.ts';
import { LetterMail } from './letter-mail.tsx';
import type { Letter } from './letter.ts';

/** Marks of React's renderer, which mean nothing in a mail; Outlook's conditional comments stay. */
export const REACT_COMMENT = /<!--(?:\/?\$[!?]?|html|head|body|\s*)-->/g;

export async function letterHtml(letter: Letter, locale: Locale): Promise<string> {
  const html = await render(<LetterMail letter={letter} locale={locale} />);
  return html.replace(REACT_COMMENT, '');
}

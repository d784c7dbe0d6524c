import { wrap } from '../emails/text.ts';
import type { CustomerLetter } from './letter.ts';

/** The text part, from the same letter as the HTML. */
export function customerText(letter: CustomerLetter): string {
  const { greeting, paragraphs, action, offer, after = [], signature, reason, unsubscribe } = letter;
  const pressed = ({ label, href }: { label: string; href: string }): string[] => [`${label} :`, `  ${href}`];
  const blocks: string[][] = [
    wrap(greeting),
    ...paragraphs.map((paragraph) => wrap(paragraph)),
    ...(action ? [[...pressed(action), ...(action.note === undefined ? [] : wrap(action.note))]] : []),
    ...(offer
      ? [
          [
            offer.title.toUpperCase(),
            ...wrap(offer.text),
            `${offer.codeLabel} : ${offer.code}`,
            ...wrap(offer.until),
          ],
        ]
      : []),
    ...after.map((paragraph) => wrap(paragraph)),
    [signature],
    ['-- ', ...wrap(reason), ...(unsubscribe ? pressed(unsubscribe) : [])],
  ];
  return `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`;
}

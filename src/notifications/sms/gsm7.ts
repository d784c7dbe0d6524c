/** The alphabet of SMS: one character outside of it makes the whole text UCS-2, 70 a segment instead of 160. Pure. */

const BASIC = new Set(
  '@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
/** Sent as two characters. */
const EXTENDED = new Set('^{}\\[~]|€\f');

export const SEGMENT = 160;

const SPELLED: Readonly<Record<string, string>> = {
  ...{ '\u2019': "'", '\u2018': "'", '\u201C': '"', '\u201D': '"', '«': '"', '»': '"', '…': '...' },
  ...{ '\u2013': '-', '\u2014': '-', '\u2212': '-', '\u2010': '-', '\u2011': '-', '·': '-', '•': '-' },
  ...{ '→': '->', '←': '<-', '≥': '>=', '≤': '<=', '×': 'x', '≠': '<>', '±': '+-' },
  ...{ œ: 'oe', Œ: 'OE', '°': 'o', '²': '2', '³': '3', '`': "'", '\t': ' ' },
};

const isGsm = (character: string): boolean => BASIC.has(character) || EXTENDED.has(character);

/** The same text in the alphabet of SMS: ç→c, ê→e, ’→', dashes →-; emoji and what has no likeness are left out. */
export function toGsm7(text: string): string {
  let out = '';
  for (const character of text.normalize('NFC')) {
    if (isGsm(character)) {
      out += character;
      continue;
    }
    const spelled = SPELLED[character] ?? (/\p{Zs}/u.test(character) ? ' ' : character.normalize('NFD'));
    for (const part of spelled) if (isGsm(part)) out += part;
  }
  return out.replace(/\s+/g, ' ').trim();
}

/** Length in the units a segment has 160 of; undefined when the text is not GSM-7. */
export function gsm7Length(text: string): number | undefined {
  let length = 0;
  for (const character of text) {
    if (!isGsm(character)) return undefined;
    length += EXTENDED.has(character) ? 2 : 1;
  }
  return length;
}

/** One segment: begin and end are kept, the middle gives way. An end that leaves no room is left out. */
export function oneSegment(begin: string, middle: string, end = ''): string {
  const [first, last] = [toGsm7(begin), toGsm7(end)];
  const gap = (left: string, right: string) => (left === '' || right === '' ? '' : ' ');
  const whole = (text: string, tail: string) => `${text}${gap(text, tail)}${tail}`;
  const full = toGsm7(`${first} ${toGsm7(middle)}`);
  if ((gsm7Length(whole(full, last)) ?? 0) <= SEGMENT) return whole(full, last);
  const room = SEGMENT - (gsm7Length(last) ?? 0) - (last === '' ? 0 : 1);
  const needed = (gsm7Length(first) ?? 0) + ELLIPSIS.length;
  return room >= needed ? whole(cut(full, room), last) : cut(full, SEGMENT);
}

const ELLIPSIS = '...';

function cut(text: string, room: number): string {
  if ((gsm7Length(text) ?? 0) <= room) return text;
  let kept = '';
  for (const character of text) {
    if ((gsm7Length(kept + character) ?? 0) > room - ELLIPSIS.length) break;
    kept += character;
  }
  return `${kept.trimEnd()}${ELLIPSIS}`;
}

/** Spaces and marks by code point: what Intl gives depends on the ICU of the machine. Pure. */

/** Before ; ! ? and between thousands. */
export const NARROW = '\u202F';
/** Before : and %, inside guillemets, between a number and its unit. */
export const NBSP = '\u00A0';
export const MINUS = '\u2212';
/** For a value that does not exist: never 0, never an empty cell. */
export const NOTHING = '\u2014';
const APOSTROPHE = '\u2019';

const frenchSpacing = (text: string): string =>
  text
    .replace(/ ([;!?])/g, `${NARROW}$1`)
    .replace(/ ([:%€])/g, `${NBSP}$1`)
    .replace(/« /g, `«${NBSP}`)
    .replace(/ »/g, `${NBSP}»`)
    .replaceAll("'", APOSTROPHE);

const englishMarks = (text: string): string => text.replaceAll("'", APOSTROPHE);

/**
 * A tag that sets our own words, and leaves as it is what is inserted (names, addresses) and what stands between
 * backquotes: a command is copied, and must work.
 */
const tagged =
  (set: (text: string) => string) =>
  (words: TemplateStringsArray, ...values: readonly (string | number)[]): string => {
    let typed = false;
    const setOutside = (part: string): string =>
      part
        .split('`')
        .map((text, index) => {
          if (index > 0) typed = !typed;
          return typed ? text : set(text);
        })
        .join('`');
    return words.reduce((text, part, index) => `${text}${setOutside(part)}${values[index] ?? ''}`, '');
  };

/** French: « fr`Échec : ${cause} !` ». */
export const fr = tagged(frenchSpacing);
export const en = tagged(englishMarks);

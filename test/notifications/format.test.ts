import { describe, expect, it } from 'vitest';
import { createFormatter } from '../../src/notifications/format.ts';
import { en, fr } from '../../src/notifications/typography.ts';

const f = createFormatter('fr');
const e = createFormatter('en');

describe('French words', () => {
  it('get their spaces and apostrophes, by code point', () => {
    expect(fr`Quoi ? Ici ; là ! Or : « oui » 5 %`).toBe(
      'Quoi\u202F? Ici\u202F; là\u202F! Or\u00A0: «\u00A0oui\u00A0» 5\u00A0%',
    );
    expect(fr`l'original`).toBe('l\u2019original');
    expect(en`the server's answer: yes`).toBe('the server\u2019s answer: yes');
  });

  it('leave what is inserted as it is', () => {
    const name = `a : "b" ! l'x`;
    expect(fr`table ${name} : lue`).toBe(`table ${name}\u00A0: lue`);
    expect(fr`« ${name} »`).toBe(`«\u00A0${name}\u00A0»`);
  });
});

describe('numbers', () => {
  it.each([
    [0, '0', '0'],
    [999, '999', '999'],
    [1_000, '1\u202F000', '1,000'],
    [1_234_567, '1\u202F234\u202F567', '1,234,567'],
    [-1_200, '\u22121\u202F200', '\u22121,200'],
    [undefined, '\u2014', '\u2014'],
    [Number.NaN, '\u2014', '\u2014'],
  ])('%s', (value, french, english) => {
    expect(f.number(value)).toBe(french);
    expect(e.number(value)).toBe(english);
  });

  it('round to the decimals asked for, and never to −0', () => {
    expect(f.number(1234.5, 2)).toBe('1\u202F234,50');
    expect(e.number(1234.5, 2)).toBe('1,234.50');
    expect(f.number(-0.001, 2)).toBe('0,00');
  });
});

describe('sizes and rates', () => {
  it.each([
    [0, '0\u00A0o', '0\u00A0B'],
    [999, '999\u00A0o', '999\u00A0B'],
    [1_000, '1,00\u00A0ko', '1.00\u00A0kB'],
    [86_400_000, '86,4\u00A0Mo', '86.4\u00A0MB'],
    [99_960_000, '100\u00A0Mo', '100\u00A0MB'],
    [999_600_000, '1,00\u00A0Go', '1.00\u00A0GB'],
    [1_312_000_000, '1,31\u00A0Go', '1.31\u00A0GB'],
    [5e15, '5\u202F000\u00A0To', '5,000\u00A0TB'],
    [undefined, '\u2014', '\u2014'],
  ])('%s bytes', (value, french, english) => {
    expect(f.bytes(value)).toBe(french);
    expect(e.bytes(value)).toBe(english);
  });

  it('make a rate, and none out of no time', () => {
    expect(f.rate(860_000_000, 10)).toBe('86,0\u00A0Mo/s');
    expect(f.rate(1, 0)).toBe('\u2014');
    expect(f.rate(1, undefined)).toBe('\u2014');
  });
});

describe('changes', () => {
  it.each([
    [1_204, '+1\u202F204', '+1,204'],
    [-35, '\u221235', '\u221235'],
    [0, '0', '0'],
  ])('%s have a sign', (change, french, english) => {
    expect(f.signed(change)).toBe(french);
    expect(e.signed(change)).toBe(english);
  });

  it('may be sizes, and parts of a hundred', () => {
    expect(f.signed(-4_000_000, (bytes) => f.bytes(bytes))).toBe('\u22124,00\u00A0Mo');
    expect(f.percent(-0.852)).toBe('\u221285\u00A0%');
    expect(e.percent(-0.852)).toBe('\u221285%');
    expect(e.percent(-0.9999)).toBe('\u221299%');
  });
});

describe('durations', () => {
  it.each([
    [0.42, '0,4 s'],
    [9.96, '10 s'],
    [48.1, '48 s'],
    [59.6, '1 min'],
    [72.4, '1 min 12 s'],
    [3_599.7, '1 h'],
    [7_500, '2 h 05 min'],
    [86_400, '24 h'],
    [275_000, '3 j 4 h'],
    [undefined, '—'],
    [-1, '—'],
  ])('%s s', (seconds, expected) => {
    expect(f.duration(seconds)).toBe(expected.replaceAll(' ', '\u00A0'));
  });
});

describe('instants', () => {
  it('are told in Paris, in winter and in summer', () => {
    expect(f.dateTime('2026-11-23T02:00:00Z')).toBe('lundi 23 novembre 2026 à 03\u00A0h\u00A000');
    expect(f.dateTime('2026-07-01T22:30:00Z')).toBe('jeudi 2 juillet 2026 à 00\u00A0h\u00A030');
    expect(e.dateTime('2026-11-23T02:00:00Z')).toBe('Monday 23 November 2026 at 03:00');
    expect(f.date('2026-11-30T23:30:00Z')).toBe('mardi 1er décembre 2026');
    expect(createFormatter('en', 'America/New_York').date('2026-11-23T02:00:00Z')).toBe(
      'Sunday 22 November 2026',
    );
  });
});

it('days are told short; one without an hour is the same day everywhere', () => {
  expect(f.day('2026-11-30T23:30:00Z')).toBe('1er décembre 2026');
  expect(e.day('2026-11-30')).toBe('30 November 2026');
  expect(createFormatter('fr', 'America/New_York').day('2026-11-30')).toBe('30 novembre 2026');
});

it('counts: one of nothing in French, many in English', () => {
  expect(f.count(0, 'table', 'tables')).toBe('0\u00A0table');
  expect(e.count(0, 'table', 'tables')).toBe('0\u00A0tables');
  expect(f.count(2_000, 'ligne', 'lignes')).toBe('2\u202F000\u00A0lignes');
});

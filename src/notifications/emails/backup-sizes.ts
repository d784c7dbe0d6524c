import type { Formatter } from '../format.ts';
import type { BackupStoredData } from '../notice.ts';
import { en, fr } from '../typography.ts';
import type { Picture } from './letter.ts';

const BLUE = '#3b6fd4';
const AMBER = '#c47f17';

/** How large the last backups were: a slow leak shows in a month, not from one day to the next. */
export function sizesPicture({ changes }: BackupStoredData, format: Formatter): Picture[] {
  const sizes = changes?.sizes ?? [];
  if (sizes.length < 2) return [];
  const t = WORDS[format.locale];
  const labels = sizes.map(({ at }) => format.shortDay(at));
  const bytes = sizes.map(({ storedBytes }) => storedBytes);
  const isProven = (at: number): boolean => sizes[at]?.proven ?? false;
  const of = (proven: boolean): number[] => bytes.map((size, at) => (isProven(at) === proven ? size : 0));
  const listed = bytes.map((size, at) => `${labels[at] ?? ''} ${format.bytes(size)}`);
  const allProven = sizes.every(({ proven }) => proven);
  return [
    {
      name: 'sizes',
      title: t.title(sizes.length),
      alt: t.alt(
        format.bytes(bytes.at(-1)),
        format.bytes(Math.min(...bytes)),
        format.bytes(Math.max(...bytes)),
        listed.join(', '),
      ),
      chart: {
        labels,
        series: [
          { name: t.proven, values: of(true), colour: BLUE },
          ...(allProven ? [] : [{ name: t.unproven, values: of(false), colour: AMBER }]),
        ],
        show: (value) => format.bytes(value),
      },
    },
  ];
}

const FR = {
  title: (count: number) => fr`Taille des ${count} dernières sauvegardes`,
  alt: (last: string, low: string, high: string, all: string) =>
    fr`Dernière ${last}, de ${low} à ${high}. ${all}`,
  proven: fr`prouvée`,
  unproven: fr`non prouvée`,
};
const EN: typeof FR = {
  title: (count) => en`Size of the last ${count} backups`,
  alt: (last, low, high, all) => en`Last ${last}, between ${low} and ${high}. ${all}`,
  proven: 'proven',
  unproven: 'not proven',
};
const WORDS = { fr: FR, en: EN };

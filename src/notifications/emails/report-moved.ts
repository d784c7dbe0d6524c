import type { Formatter } from '../format.ts';
import type { MovedFigure } from '../notice.ts';
import { en, fr } from '../typography.ts';
import type { Warning } from './letter.ts';
import { showValue } from './report-figures.ts';
import { labelOf } from './report-labels.ts';

const SHOWN = 12;

/** What a correction says first: which figures are no longer what they were. */
export function movedWarning(
  { revision, moved }: { revision: number; moved?: MovedFigure[] },
  format: Formatter,
): Warning[] {
  if (revision < 2) return [];
  const t = WORDS[format.locale];
  const changed = moved ?? [];
  return [
    {
      title: t.title(revision),
      text: t.text,
      todo:
        changed.length === 0
          ? [t.compared]
          : changed
              .slice(0, SHOWN)
              .map(({ metric, before, after }) =>
                t.moved(
                  labelOf(metric, format.locale),
                  showValue(metric, before, format),
                  showValue(metric, after, format),
                ),
              ),
    },
  ];
}

const FR = {
  title: (revision: number) => fr`Rectificatif : révision ${revision}`,
  text: fr`Les données ont changé depuis la révision précédente. Ce qui a bougé :`,
  compared: fr`Seulement ce à quoi les chiffres sont comparés.`,
  moved: (label: string, before: string, after: string) => fr`${label} : ${before} → ${after}`,
};
const EN: typeof FR = {
  title: (revision) => en`Correction: revision ${revision}`,
  text: en`The data has changed since the revision before. What moved:`,
  compared: en`Only what the figures are compared with.`,
  moved: (label, before, after) => en`${label}: ${before} → ${after}`,
};
const WORDS = { fr: FR, en: EN };

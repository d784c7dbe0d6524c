/** What a chart shows, before it is a picture. Names and values stand in a table below it too. */
export type Chart = BarChart | LineChart;

interface Axis {
  /** Under the chart, one each; the values of each series have the same order. */
  labels: string[];
  /** An axis value in words: « 12 400 », « 86 Mo ». */
  show: (value: number) => string;
}

export interface BarChart extends Axis {
  kind?: 'bars';
  /** Stacked, the first at the bottom; or one beside the other. */
  series: { name: string; values: number[]; colour: string }[];
  beside?: boolean;
}

export interface LineChart extends Axis {
  kind: 'lines';
  /** `null` is a gap. Dashed: what was wanted. */
  series: { name: string; values: (number | null)[]; colour: string; dashed?: boolean }[];
}

/** What a chart shows, before it is a picture. Names and values stand in a table below it too. */
export interface Chart {
  /** Under the bars, one each; the values of each series have the same order. */
  labels: string[];
  /** Stacked, the first at the bottom. */
  series: { name: string; values: number[]; colour: string }[];
  /** An axis value in words: « 12 400 », « 86 Mo ». */
  show: (value: number) => string;
}

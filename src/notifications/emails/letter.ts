import type { Chart } from '../charts/chart.ts';
import type { Formatter, Locale } from '../format.ts';

/**
 * What an operator's mail says, before it has a form: the HTML and the text part are both made from this, so that
 * they cannot disagree.
 */
export interface Letter {
  subject: string;
  /** 40–90 characters beside the subject in the inbox: the figures, not a greeting. */
  preheader: string;
  /** The first line: sign and word stand beside the colour; where nothing is judged there is no sign. */
  verdict: { tone: Tone; sign: string; word: string; line: string };
  paragraphs: string[];
  /** The one thing to press, under the first sentences. */
  action?: { label: string; href: string; note?: string };
  /** What a person must look at although the mail's main thing is done: before the figures. */
  warnings?: Warning[];
  figures: Figure[];
  findings?: Findings;
  /** What is known to be missing and is no fault. */
  exceptions?: Findings;
  steps?: { title: string; items: string[] };
  /** Above the tables, one of which says the same in numbers. */
  pictures?: Picture[];
  /** Few rows each: the whole lists are in the run's result. */
  tables?: DataTable[];
  /** One line to copy into a terminal. */
  command?: { title: string; line: string; note?: string };
  /** Where a person looks next. */
  link?: { label: string; href: string };
  facts: { title: string; rows: Fact[] };
  /** The gist in the other language. */
  other: { locale: Locale; text: string };
  footer: string;
}

export type Tone = 'good' | 'warn' | 'bad' | 'plain';

export interface Warning {
  title: string;
  text?: string;
  /** What a program says, as it is. */
  items?: string[];
  /** What to do about it, one sentence each; backquotes as in steps. */
  todo: string[];
}

/** Lines of a program, with what they mean in one sentence. */
export interface Findings {
  title: string;
  items: string[];
  note?: string;
}

export interface DataTable {
  title: string;
  head: string[];
  rows: TableRow[];
  note?: string;
}

export interface Picture {
  /** Its Content-ID within the mail. */
  name: string;
  title: string;
  /** What it shows, in words and with its values. */
  alt: string;
  chart: Chart;
}

export interface TableRow {
  /** The first names the row; the others are short and stand at the right. */
  cells: string[];
  /** The name is set in a fixed-width font. */
  code?: boolean;
  /** Under the row, over its whole width. */
  notes?: string[];
}

export interface Figure {
  label: string;
  value: string;
  note?: string;
  /** A line each, under the note. */
  more?: string[];
}

export interface Fact {
  label: string;
  value: string;
  /** Set in a fixed-width font: names and ids. */
  code?: boolean;
}

/** What the words of a template may use besides its data. */
export interface Context {
  format: Formatter;
  /** The same instants and sizes in the other language. */
  otherFormat: Formatter;
  /** Address of a run in Temporal's Web UI, where one is configured. */
  runUrl?: (run: { workflowId: string; runId: string }) => string;
  /** Address of the page that acknowledges an alert. */
  acknowledge?: (alertId: number) => string;
  /** Text of a log message by its MD5. */
  messageText?: (hash: string) => string | undefined;
  /** Whom an id of the application stands for: looked up while sending, kept nowhere. */
  personOf?: (id: string) => Person | undefined;
}

export interface Person {
  name: string | null;
  phone?: string | null;
  /** When it came, ISO instant. */
  at?: string;
}

import type { Formatter, Locale } from '../format.ts';

/**
 * What an operator's mail says, before it has a form: the HTML and the text part are both made from this, so that
 * they cannot disagree.
 */
export interface Letter {
  subject: string;
  /** 40–90 characters beside the subject in the inbox: the figures, not a greeting. */
  preheader: string;
  /** The first line: sign and word stand beside the colour. */
  verdict: { tone: Tone; sign: string; word: string; line: string };
  paragraphs: string[];
  figures: Figure[];
  findings?: { title: string; items: string[] };
  steps?: { title: string; items: string[] };
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

export interface Figure {
  label: string;
  value: string;
  note?: string;
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
}

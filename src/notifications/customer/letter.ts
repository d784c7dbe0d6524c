import type { Formatter } from '../format.ts';

/** What a customer's mail says, before it has a form: HTML and text are both made from it. */
export interface CustomerLetter {
  subject: string;
  preheader: string;
  greeting: string;
  title: string;
  paragraphs: string[];
  action?: { label: string; href: string; note?: string };
  /** A block of its own: prospecting inside a service message. */
  offer?: CustomerOffer;
  after?: string[];
  signature: string;
  /** Why this person gets it. */
  reason: string;
  unsubscribe?: { label: string; href: string };
}

export interface CustomerOffer {
  title: string;
  text: string;
  codeLabel: string;
  code: string;
  until: string;
}

/** What the words of a template may use besides its data. */
export interface CustomerContext {
  format: Formatter;
  /** The person's; empty where none is known. */
  name: string;
  /** How customers know the service. */
  brand: string;
  urls: CustomerUrls;
  /** Only where the person may be offered something. */
  unsubscribe?: string;
  /** The page on which one comes back, or is forgotten. */
  reactivate?: string;
}

/** Pages of the application; without one its button is left out. */
export interface CustomerUrls {
  /** Where one signs in. */
  app?: string;
  /** Where one becomes a customer. */
  subscribe?: string;
  /** Where a demo is booked. The same for everybody: nothing of the person stands in it. */
  booking?: string;
}

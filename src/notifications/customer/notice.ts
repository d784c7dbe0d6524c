/**
 * What can be told to a customer. Ids, dates and codes only: who it is for stands in `saas.accounts`, and is read there
 * at the moment of sending.
 */
import type { Delivery } from '../notice.ts';

export type CustomerChannel = 'email' | 'sms';

/** A price promotion: prospecting (L34-5 CPCE), whatever it stands in. */
export interface OfferData {
  code: string;
  percent: number;
  months: number;
  /** ISO instant: from then on the code is refused. */
  until: string;
}

export interface TrialEndedData {
  trialId: string;
  /** ISO instant. */
  endedAt: string;
  /** Left out where nothing allows it at the moment of sending. */
  offer?: OfferData;
}

export interface TrialHelpData {
  trialId: string;
  /** ISO instant. */
  endsAt: string;
  /** Nobody of the account ever came. */
  neverSeen: boolean;
}

/** « Voulez-vous réactiver ? », and its reminder. The link is made while sending. */
export interface ReactivateData {
  /** How often this customer was asked: the link opens this time only. */
  episode: number;
  /** ISO instants. The account is archived at `deadline`: its last day is the one before. */
  inactiveSince: string;
  deadline: string;
  anonymiseAfterMonths: number;
}

/** One entry a template: its name, and the data it shows. */
export interface CustomerNoticeData {
  'trial-ended': TrialEndedData;
  'trial-help': TrialHelpData;
  'reactivate-ask': ReactivateData;
  'reactivate-reminder': ReactivateData;
}

export type CustomerTemplate = keyof CustomerNoticeData;

/**
 * `service`: about a contract that exists, for everybody it concerns. `prospecting`: only where the person agreed or
 * the law lets us write first, and with a way out in each message.
 */
export const CLASS_OF: Readonly<Record<CustomerTemplate, 'service' | 'prospecting'>> = {
  'trial-ended': 'service',
  // It carries a demo, which sells.
  'trial-help': 'prospecting',
  // What happens to a person's data is told to everybody.
  'reactivate-ask': 'service',
  'reactivate-reminder': 'service',
};

export type CustomerNoticeOf<Template extends CustomerTemplate> = {
  /** Unique for the message, not for the run: the same key never leaves twice on one channel. */
  key: string;
  accountId: string;
  channel: CustomerChannel;
  template: Template;
  data: CustomerNoticeData[Template];
};

export type CustomerNotice = {
  [Template in CustomerTemplate]: CustomerNoticeOf<Template>;
}[CustomerTemplate];

/** `unknown`: handed over without an answer, and for that reason not sent again. */
export type CustomerDelivery = Pick<Delivery, 'status' | 'code'>;

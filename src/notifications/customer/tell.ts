import { ApplicationFailure } from '@temporalio/common';
import type { Mailer } from '../../clients/mail.ts';
import type { Queryable } from '../../clients/postgres.ts';
import type { SmsSender } from '../../clients/twilio.ts';
import { beginAttempt } from '../attempt.ts';
import type { Channel } from '../channel.ts';
import { deliver, WAITS } from '../deliver.ts';
import { createLedger, type Claim, type Entry } from '../ledger.ts';
import { customerEmailChannel, customerSmsChannel, NotWanted } from './channels.ts';
import { CLASS_OF, type CustomerChannel, type CustomerDelivery, type CustomerNotice } from './notice.ts';
import { mayProspect, type ProspectingPolicy } from './permission.ts';
import { CustomersUnavailable, readRecipient, type Recipient } from './recipient.ts';
import { reactivateLink } from './reactivate-link.ts';
import { customerSms, renderCustomerEmail, type CustomerRenderOptions } from './render.ts';
import { refuseContact, unsubscribeLink } from './unsubscribe.ts';

export interface CustomerDeps extends CustomerRenderOptions {
  app: Queryable;
  ops: Queryable;
  mailer: Mailer;
  /** Absent: no SMS. `answerable`: a person can reply STOP to its sender. */
  sms?: { sender: SmsSender; answerable: boolean };
  replyTo?: string;
  prospecting: ProspectingPolicy;
  /** Without it nothing is offered to anybody: there would be no way out. */
  links?: { publicUrl: string; linkSigningKey: string };
}

/** Looked at just before the message leaves: undefined, or a code that says why it is not wanted any more. */
export type LastLook = () => Promise<string | undefined>;

/** The offer goes where it may not stand; the rest is a service message. */
function withoutOffer(notice: CustomerNotice): CustomerNotice {
  if (notice.template !== 'trial-ended') return notice;
  return { ...notice, data: { ...notice.data, offer: undefined } };
}

const offersSomething = (notice: CustomerNotice): boolean =>
  CLASS_OF[notice.template] === 'prospecting' ||
  (notice.template === 'trial-ended' && notice.data.offer !== undefined);

export const createCustomerNotices = (deps: CustomerDeps) => {
  const { app, ops, mailer, sms, replyTo, prospecting, links, ...render } = deps;
  const ledger = createLedger(ops);

  const read = (accountId: string, channel: CustomerChannel) =>
    readRecipient({ app, ops }, accountId, channel);
  const allowed = (channel: CustomerChannel, person: Recipient): boolean =>
    links !== undefined && mayProspect(prospecting, channel, person);

  /** The person as they are now, and the notice as it may be told to them; throws `NotWanted`. */
  async function current(notice: CustomerNotice): Promise<{ person: Recipient; told: CustomerNotice }> {
    const person = await read(notice.accountId, notice.channel);
    if (person === undefined) throw new NotWanted('NoRecipient');
    if (!offersSomething(notice) || allowed(notice.channel, person)) return { person, told: notice };
    if (CLASS_OF[notice.template] === 'prospecting') throw new NotWanted('NoPermission');
    return { person, told: withoutOffer(notice) };
  }

  async function lastMoment({ key, channel }: CustomerNotice, { attempts }: Claim, look?: LastLook) {
    const unwanted = await look?.();
    if (unwanted !== undefined) throw new NotWanted(unwanted);
    // Also the fence: an attempt that has lost its claim sends nothing.
    if (!(await ledger.handOver(key, channel, attempts))) throw new Error('another attempt has the claim');
  }

  function emailOf(notice: CustomerNotice, look?: LastLook): Channel<Entry> {
    let offered = false;
    return customerEmailChannel(mailer, {
      ...{ brand: render.brand, replyTo },
      async compose({ createdAt }) {
        const { person, told } = await current(notice);
        offered = offersSomething(told);
        const unsubscribe =
          links && offered ? unsubscribeLink(links, notice.accountId, createdAt) : undefined;
        const reactivate =
          links && 'episode' in told.data ? reactivateLink(links, notice.accountId, told.data) : undefined;
        const { name, locale, to } = person;
        return {
          to,
          unsubscribe,
          ...(await renderCustomerEmail(told, render, { name, locale, unsubscribe, reactivate })),
        };
      },
      async beforeContent(claim) {
        // Whoever refuses while the line is being opened is heard: the next attempt composes anew.
        if (offered && !offersSomething((await current(notice)).told)) throw new Error('refused meanwhile');
        await lastMoment(notice, claim, look);
      },
    });
  }

  async function smsOf(notice: CustomerNotice, look?: LastLook): Promise<Channel<Entry>> {
    if (sms === undefined) throw new NotWanted('NoSms');
    if (!sms.answerable) throw new NotWanted('NoStop');
    const { person } = await current(notice);
    const text = customerSms(notice, render, { name: '', locale: person.locale });
    if (text === undefined) throw new NotWanted('NoSms');
    const { accountId } = notice;
    return customerSmsChannel(sms.sender, {
      ...{ to: person.to, text },
      async beforeSending(claim) {
        await current(notice);
        await lastMoment(notice, claim, look);
      },
      onStopped: async () => {
        await refuseContact({ app, ops }, { accountId, channel: 'sms', at: new Date() });
      },
    });
  }

  return {
    /** Whether this person may be offered something now. */
    mayOffer: async (accountId: string, channel: CustomerChannel): Promise<boolean> => {
      const person = await read(accountId, channel);
      return person !== undefined && allowed(channel, person);
    },

    /**
     * Tells one customer once. A repetition is harmless: the key is claimed before the message leaves and closed
     * after it; what may have been handed over without an answer is left as `unknown`.
     */
    tell: async (notice: CustomerNotice, lastLook?: LastLook): Promise<CustomerDelivery> => {
      const { key, accountId, template, data } = notice;
      const entry: Entry = { key, level: 'info', template, data: { accountId, ...data } };
      const attempt = beginAttempt();
      const delivering = {
        ...{ ledger, attempt, admit: () => Promise.resolve(true) },
        waits: { ...WAITS, possibleDoubleMs: Infinity },
      };
      try {
        const channel =
          notice.channel === 'email' ? emailOf(notice, lastLook) : await smsOf(notice, lastLook);
        const { status, code } = await deliver(delivering, entry, notice.channel, channel);
        return { status, ...(code && { code }) };
      } catch (error) {
        if (error instanceof NotWanted) {
          await ledger.skipped(entry, notice.channel, error.code);
          return { status: 'skipped', code: error.code };
        }
        if (error instanceof CustomersUnavailable)
          throw ApplicationFailure.create({ message: error.message, type: 'DatabaseUnreachable' });
        throw error;
      } finally {
        attempt.end();
      }
    },
  };
};

export type CustomerNotices = ReturnType<typeof createCustomerNotices>;

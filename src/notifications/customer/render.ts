import { createFormatter, type Locale } from '../format.ts';
import { oneSegment } from '../sms/gsm7.ts';
import type { CustomerContext, CustomerLetter } from './letter.ts';
import { customerText } from './letter-text.ts';
import type { CustomerNotice } from './notice.ts';
import { reactivateAsk, reactivateReminder } from './reactivate.ts';
import { trialEnded } from './trial-ended.ts';
import { trialHelp, trialHelpSms } from './trial-help.ts';

/** How customers know the service, and where its pages are. */
export type CustomerRenderOptions = Pick<CustomerContext, 'brand' | 'urls'> & { timeZone?: string };

export interface CustomerEmail {
  subject: string;
  html: string;
  text: string;
}

type Person = { name: string; locale: Locale; unsubscribe?: string; reactivate?: string };

const contextOf = ({ timeZone, ...options }: CustomerRenderOptions, person: Person): CustomerContext => ({
  ...{ ...options, name: person.name },
  ...{ unsubscribe: person.unsubscribe, reactivate: person.reactivate },
  format: createFormatter(person.locale, timeZone),
});

export function customerLetter(
  notice: Pick<CustomerNotice, 'template' | 'data'>,
  context: CustomerContext,
): CustomerLetter {
  const { template, data } = notice as CustomerNotice;
  switch (template) {
    case 'trial-ended':
      return trialEnded(data, context);
    case 'trial-help':
      return trialHelp(data, context);
    case 'reactivate-ask':
      return reactivateAsk(data, context);
    case 'reactivate-reminder':
      return reactivateReminder(data, context);
  }
}

export async function renderCustomerEmail(
  notice: Pick<CustomerNotice, 'template' | 'data'>,
  options: CustomerRenderOptions,
  person: Person,
): Promise<CustomerEmail> {
  const letter = customerLetter(notice, contextOf(options, person));
  const { customerHtml } = await import('./letter-mail.tsx');
  return {
    subject: letter.subject,
    html: await customerHtml(letter, options.brand, person.locale),
    text: customerText(letter),
  };
}

/** One segment; undefined: this is never told by SMS. */
export function customerSms(
  { template }: Pick<CustomerNotice, 'template'>,
  options: CustomerRenderOptions,
  person: Person,
): string | undefined {
  return template === 'trial-help' ? oneSegment(...trialHelpSms(contextOf(options, person))) : undefined;
}

import type { Locale } from '../format.ts';
import type { CustomerNoticeOf, CustomerTemplate } from './notice.ts';
import {
  customerSms,
  renderCustomerEmail,
  type CustomerEmail,
  type CustomerRenderOptions,
} from './render.ts';

type Sample<Template extends CustomerTemplate> = Pick<CustomerNoticeOf<Template>, 'template' | 'data'> &
  Partial<CustomerRenderOptions> & { name?: string };

const trialId = 'trial-1';
const endedAt = '2026-11-23T00:00:00Z';
const endsAt = '2026-11-30T12:00:00Z';
const offer = { code: 'K7QM-2XTD-9VPA', percent: 20, months: 3, until: '2026-12-07T23:00:00Z' };
const ended = { template: 'trial-ended', data: { trialId, endedAt, offer } } as const;
const help = { template: 'trial-help', data: { trialId, endsAt, neverSeen: true } } as const;

/** Invented messages, to look at a template and to test it: every state a template can show. */
export const customerSamples: {
  readonly [Template in CustomerTemplate]?: Readonly<Record<string, Sample<Template>>>;
} = {
  'trial-ended': {
    offer: ended,
    'one-month': { ...ended, data: { ...ended.data, offer: { ...offer, percent: 50, months: 1 } } },
    service: { ...ended, data: { trialId, endedAt } },
    bare: { ...ended, data: { trialId, endedAt }, name: '', urls: {} },
    'long-name': { ...ended, name: 'Boulangerie-pâtisserie Saint-Barthélemy & fils, Châteauneuf-du-Pape' },
  },
  'trial-help': {
    'never-seen': help,
    away: { ...help, data: { ...help.data, neverSeen: false } },
    'no-demo': { ...help, urls: { app: 'https://app.example.com' } },
    bare: { ...help, name: '', urls: {} },
    // The longest name there may be, and an address as booking tools make them: the SMS still is one segment.
    long: {
      ...help,
      brand: 'Plateforme de gestion des Hauts-de-Seine',
      urls: { booking: 'https://calendly.com/talosprimes-demonstration/30min' },
    },
  },
};

export const CUSTOMER_TEMPLATES = Object.keys(customerSamples) as CustomerTemplate[];

const OPTIONS: CustomerRenderOptions = {
  brand: 'TalosPrimes',
  urls: {
    app: 'https://app.example.com',
    subscribe: 'https://app.example.com/abonnement',
    booking: 'https://cal.example.com/demo',
  },
};

/** Of the right length and signed by nobody. */
const link = (page: string): string => `https://talos.example.com/${page}/${'preview-'.repeat(11)}`;

/** A template in every state, as a person would get it. */
export const customerPreviews = (
  template: CustomerTemplate,
  locale: Locale,
): Promise<{ state: string; email: CustomerEmail; sms?: string }[]> =>
  Promise.all(
    Object.entries(customerSamples[template] ?? {}).map(async ([state, sample]) => {
      const { name = 'Claire Dubois', template: of, data, ...changes } = sample as Sample<CustomerTemplate>;
      const options = { ...OPTIONS, ...changes };
      const person = { name, locale, unsubscribe: link('u') };
      const notice = { template: of, data };
      return {
        state,
        email: await renderCustomerEmail(notice, options, person),
        sms: customerSms(notice, options, person),
      };
    }),
  );

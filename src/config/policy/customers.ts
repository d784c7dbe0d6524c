import { z } from 'zod';
import { section } from './settings.ts';

const httpUrl = z.string().regex(/^https?:\/\/[^\s/]+\S*$/, 'is not a URL that begins with https://');

const without = (value: 'opt-out' | 'consent', whom: string) =>
  z
    .enum(['opt-out', 'consent'])
    .default(value)
    .describe(
      `${whom} of whom nothing is recorded: opt-out (offers, with a way out in each message) or consent (no offers).`,
    );

const bases = (value: string[], channel: string) =>
  z
    .array(z.string().min(1))
    .default(value)
    .describe(`Bases in saas.contact_permissions that allow offers by ${channel}.`);

export const customers = section('Messages to your customers.', {
  brand: z
    .string()
    .regex(/^[^\p{Cc}<>"]{1,40}$/u, 'is not a name of at most 40 characters')
    .default('TalosPrimes')
    .describe('How customers know the service.'),
  from: z
    .string()
    .regex(
      /^(?:[^\s@<>]+@[^\s@<>]+|[^<>\r\n]+ <[^\s@<>]+@[^\s@<>]+>)$/,
      'is not a sender: write Talos <hello@example.com>',
    )
    .optional()
    .describe('Sender of messages to customers, as Talos <hello@example.com>. Default: MAIL_FROM.'),
  replyTo: z
    .string()
    .regex(/^[^\s@<>,;]+@[^\s@<>,;]+$/, 'is not one e-mail address')
    .optional()
    .describe('Who reads their answers. Default: the sender.'),
  appUrl: httpUrl.optional().describe('Where customers sign in.'),
  subscribeUrl: httpUrl.optional().describe('Where a trial becomes a subscription. Default: appUrl.'),
  bookingUrl: httpUrl
    .optional()
    .describe('Where a demo is booked; the same address for everybody, with nothing of the person in it.'),
  prospecting: section('Who may be offered something (L34-5 CPCE; confirm it with your DPO).', {
    b2b: without('opt-out', 'Companies'),
    b2c: without('consent', 'Persons'),
    emailBases: bases(['consent', 'similar_services', 'b2b_interest'], 'e-mail'),
    smsBases: bases(['consent'], 'SMS'),
  }),
});

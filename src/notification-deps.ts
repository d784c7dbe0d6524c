import { alertLink } from './alerts/link.ts';
import { readMessages } from './cleanup/index.ts';
import type { Clients } from './clients/index.ts';
import { temporalConnection, type Config } from './config/index.ts';
import type { CustomerDeps, NotificationDeps } from './notifications/index.ts';
import { readAccounts, readLeads } from './reports/index.ts';

/** What the room of notifications needs, for the worker and for `talos notify test`. */
export function notificationDeps(
  { ops, app, mailer, sms, webhook }: Pick<Clients, 'ops' | 'app' | 'mailer' | 'sms' | 'webhook'>,
  config: Config,
): NotificationDeps {
  const { environment, policy } = config;
  const { publicUrl, linkSigningKey, twilio } = environment;
  return {
    ...{ ops, app, mailer, webhook },
    sms: sms && { sender: sms, callbackUrl: callbackUrl(publicUrl, twilio?.apiUrl) },
    admin: { email: environment.adminEmail, sms: environment.adminSms },
    policy: policy.notifications,
    locale: policy.locale,
    timeZone: policy.timeZone,
    webUiUrl: environment.temporalUiUrl,
    namespace: temporalConnection(config).namespace,
    lookUp: {
      messages: (hashes) => readMessages(ops, hashes),
      leads: (ids) => readLeads(app, ids),
      accounts: (ids) => readAccounts(app, ids),
    },
    alertLink:
      publicUrl !== undefined && linkSigningKey !== undefined
        ? (alertId) => alertLink(publicUrl, linkSigningKey, alertId)
        : undefined,
  };
}

/** What messages to customers need. */
export function customerDeps(
  { ops, app, customerMailer, sms }: Pick<Clients, 'ops' | 'app' | 'customerMailer' | 'sms'>,
  { environment, policy }: Config,
): CustomerDeps {
  const { publicUrl, linkSigningKey, twilio } = environment;
  const { brand, replyTo, prospecting, appUrl, subscribeUrl, bookingUrl } = policy.customers;
  return {
    ...{ ops, app, mailer: customerMailer, brand, replyTo, prospecting, timeZone: policy.timeZone },
    urls: { app: appUrl, subscribe: subscribeUrl ?? appUrl, booking: bookingUrl },
    sms: sms && twilio && { sender: sms, answerable: ANSWERABLE.test(twilio.from) },
    links: publicUrl && linkSigningKey ? { publicUrl, linkSigningKey } : undefined,
  };
}

/** A name as sender takes no answer: nobody could write STOP to it. */
const ANSWERABLE = /^(\+\d|MG)/;

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;
const isLoopback = (url: string): boolean => LOOPBACK.test(new URL(url).hostname);

/** Twilio refuses a message whose callback it cannot reach; a stand-in on this machine reaches us here. */
function callbackUrl(publicUrl: string | undefined, apiUrl: string | undefined): string | undefined {
  if (publicUrl === undefined) return undefined;
  const reachable = !isLoopback(publicUrl) || (apiUrl !== undefined && isLoopback(apiUrl));
  return reachable ? `${publicUrl}/twilio/status` : undefined;
}

/** The shapes of Twilio's Messages resource, as its REST API gives and refuses them. */

export interface Sms {
  sid: string;
  to: string;
  from: string | null;
  messagingServiceSid: string | null;
  body: string;
  at: string;
}

const MAX_BODY = 1600;
/** E.164: what Twilio can dial. */
const NUMBER = /^\+[1-9]\d{7,14}$/;
/** Twilio's own test numbers, each with the refusal it stands for. */
const TEST_NUMBERS: Record<string, readonly [number, string]> = {
  '+15005550001': [21211, "The 'To' number +15005550001 is not a valid phone number."],
  '+15005550004': [21610, 'Attempt to send to unsubscribed recipient'],
  '+15005550009': [21614, "'To' number is not a valid mobile number"],
};

export const refuse = (status: number, code: number, message: string) => ({
  code,
  message,
  more_info: `https://www.twilio.com/docs/errors/${code}`,
  status,
});

/** Why Twilio would not take this message, or undefined. */
export function refusalOf(form: URLSearchParams) {
  const to = form.get('To');
  const body = form.get('Body');
  if (!to) return refuse(400, 21604, "A 'To' phone number is required.");
  if (!form.get('From') && !form.get('MessagingServiceSid')) {
    return refuse(400, 21603, "A 'From' phone number is required.");
  }
  if (!body) return refuse(400, 21602, 'Message body is required.');
  if (body.length > MAX_BODY) {
    return refuse(400, 21617, 'The concatenated message body exceeds the 1600 character limit');
  }
  if (!NUMBER.test(to)) return refuse(400, 21211, `The 'To' number ${to} is not a valid phone number.`);
  const test = TEST_NUMBERS[to];
  return test && refuse(400, ...test);
}

export const accountResource = (sid: string) => ({
  ...{ sid, status: 'active', type: 'Full', friendly_name: 'Demo', owner_account_sid: sid },
  ...{ date_created: 'Sat, 01 Nov 2025 08:00:00 +0000', date_updated: 'Sat, 01 Nov 2025 08:00:00 +0000' },
  uri: `/2010-04-01/Accounts/${sid}.json`,
});

export function asResource(sms: Sms, accountSid: string, status: 'queued' | 'delivered') {
  const uri = `/2010-04-01/Accounts/${accountSid}/Messages/${sms.sid}`;
  const date = new Date(sms.at).toUTCString().replace('GMT', '+0000');
  return {
    account_sid: accountSid,
    api_version: '2010-04-01',
    body: sms.body,
    date_created: date,
    date_sent: status === 'queued' ? null : date,
    date_updated: date,
    direction: 'outbound-api',
    error_code: null,
    error_message: null,
    from: sms.from,
    messaging_service_sid: sms.messagingServiceSid,
    num_media: '0',
    num_segments: '1',
    price: null,
    price_unit: 'USD',
    sid: sms.sid,
    status,
    subresource_uris: { media: `${uri}/Media.json` },
    to: sms.to,
    uri: `${uri}.json`,
  };
}

/** `DateSent=`, `DateSent<=` and `DateSent>=`, each a day or an instant, all in UTC. */
export function matchesDate(at: string, query: URLSearchParams): boolean {
  const on = query.get('DateSent');
  const before = query.get('DateSent<');
  const after = query.get('DateSent>');
  const cut = (wanted: string) => new Date(at).toISOString().slice(0, wanted.length === 10 ? 10 : 19);
  const plain = (wanted: string) => wanted.slice(0, wanted.length === 10 ? 10 : 19);
  return (
    (on === null || cut(on) === plain(on)) &&
    (before === null || cut(before) <= plain(before)) &&
    (after === null || cut(after) >= plain(after))
  );
}

export interface Page {
  accountSid: string;
  query: URLSearchParams;
  page: number;
  size: number;
}

export function listPage(all: readonly Sms[], { accountSid, query, page, size }: Page) {
  const uriOf = (number: number) => {
    const parameters = new URLSearchParams(query);
    parameters.set('PageSize', String(size));
    parameters.set('Page', String(number));
    return `/2010-04-01/Accounts/${accountSid}/Messages.json?${parameters.toString()}`;
  };
  const start = page * size;
  const shown = all.slice(start, start + size);
  return {
    messages: shown.map((sms) => asResource(sms, accountSid, 'delivered')),
    first_page_uri: uriOf(0),
    next_page_uri: start + size < all.length ? uriOf(page + 1) : null,
    previous_page_uri: page > 0 ? uriOf(page - 1) : null,
    uri: uriOf(page),
    page,
    page_size: size,
    start,
    end: start + Math.max(shown.length - 1, 0),
  };
}

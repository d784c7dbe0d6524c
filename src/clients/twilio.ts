import type twilio from 'twilio';

/** What the project needs of a provider of SMS. One request a message, no retry: Temporal does the retrying. */
export interface SmsSender {
  /** Loads the library ahead of the first SMS, which must not wait for it. */
  warm(): Promise<void>;
  /** Throws `SmsRejected` (never accepted) or `SmsUnavailable` (worth a retry; `undecided`: it may have left). */
  send(sms: {
    to: string;
    body: string;
    statusCallback?: string;
  }): Promise<{ providerId: string; status: string }>;
  /** Messages to a number whose text contains `body`, made since then: what an earlier attempt may have sent. */
  find(sms: { to: string; body: string; since: Date }): Promise<{ providerId: string; status: string }[]>;
  /** Logs in and says how the account stands (`active`, `suspended`, `closed`); sends nothing. Throws as `send` does. */
  account(): Promise<string>;
  /** Deletes a message at the provider; one that is gone is fine. `SmsUnavailable` while it is still under way. */
  remove(providerId: string): Promise<void>;
  /** Whether a request comes from the provider: `url` is the public address it was told, not what a proxy made of it. */
  isGenuine(signature: string, url: string, parameters: Readonly<Record<string, string>>): Promise<boolean>;
}

export interface SmsSenderOptions {
  accountSid: string;
  authToken: string;
  /** A number, an alphanumeric sender or a messaging service (`MG…`). */
  from: string;
  /** Instead of `https://api.twilio.com`: a region, or a stand-in on this machine. */
  apiUrl?: string;
  /** For tests: how long an answer may take (ms). */
  timeoutMs?: number;
}

/** This message is never accepted. A retry cannot mend it; the code says what to look up, and is not built upon. */
export class SmsRejected extends Error {
  override readonly name = 'SmsRejected';
  readonly code: string;

  constructor(code: string) {
    super(`Twilio refused the SMS (${code})`);
    this.code = code;
  }
}

export class SmsUnavailable extends Error {
  override readonly name = 'SmsUnavailable';
  readonly code: string;
  /** True when the request may have arrived: only a look at Twilio's list can tell. */
  readonly undecided: boolean;

  constructor(code: string, undecided: boolean) {
    super(`Twilio did not take the SMS (${code})`);
    this.code = code;
    this.undecided = undecided;
  }
}

const ANSWER_MS = 10_000;
/** Newest first: some days of SMS to one administrator, under a cap of 20 an hour. */
const LOOKED_THROUGH = 100;
const DAY_MS = 86_400_000;
/** Twilio's clock and ours need not agree. */
const SKEW_MS = 120_000;

/** No byte of the request had left: connecting failed. Everything else may have arrived. */
const NEVER_LEFT = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL'],
  ...['CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN'],
  ...['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'ERR_TLS_CERT_ALTNAME_INVALID'],
]);

export function createSmsSender(options: SmsSenderOptions): SmsSender {
  const { accountSid, authToken, from, apiUrl, timeoutMs = ANSWER_MS } = options;
  let loaded: Promise<twilio.Twilio> | undefined;
  // 29 MB that a command without an SMS does not need.
  const client = () =>
    (loaded ??= import('twilio').then(({ default: load }) => {
      const httpClient = createHttpClient(load, apiUrl, timeoutMs);
      return load(accountSid, authToken, { httpClient });
    }));
  const sender = from.startsWith('MG') ? { messagingServiceSid: from } : { from };
  return {
    warm: async () => void (await client()),
    async send({ to, body, statusCallback }) {
      const { messages } = await client();
      try {
        const { sid, status } = await messages.create({ ...sender, to, body, statusCallback });
        return { providerId: sid, status };
      } catch (error) {
        throw smsFailure(error);
      }
    },
    async find({ to, body, since }) {
      const { messages } = await client();
      try {
        // By number alone first: a message that is still queued has no date of sending to be found by.
        const newest = await messages.list({ to, limit: LOOKED_THROUGH });
        const dateSentAfter = new Date(since.getTime() - DAY_MS);
        const found = matching(newest, body, since);
        const all =
          found.length > 0 || newest.length < LOOKED_THROUGH
            ? found
            : matching(await messages.list({ to, dateSentAfter, limit: 1_000 }), body, since);
        return all.map(({ sid, status }) => ({ providerId: sid, status }));
      } catch (error) {
        throw smsFailure(error);
      }
    },
    async account() {
      const { api } = await client();
      try {
        return (await api.v2010.accounts(accountSid).fetch()).status;
      } catch (error) {
        throw smsFailure(error);
      }
    },
    async remove(providerId) {
      const { messages } = await client();
      try {
        await messages(providerId).remove();
      } catch (error) {
        const { status, code } = (error ?? {}) as { status?: unknown; code?: unknown };
        if (status === 404) return;
        // Refused until the message is complete, which may take days.
        if (status === 409 || code === 20009) throw new SmsUnavailable('not complete', false);
        throw smsFailure(error);
      }
    },
    async isGenuine(signature, url, parameters) {
      const { default: load } = await import('twilio');
      return load.validateRequest(authToken, signature, url, parameters);
    },
  };
}

type Found = Awaited<ReturnType<twilio.Twilio['messages']['list']>>;

/** Contains, not equals: a trial account puts a sentence before each text. */
const matching = (messages: Found, body: string, since: Date): Found =>
  messages.filter(
    (message) => message.body.includes(body) && message.dateCreated.getTime() >= since.getTime() - SKEW_MS,
  );

type Request = Parameters<twilio.RequestClient['request']>[0];

/** Twilio's client has no setting for its host: the request itself is turned. */
function createHttpClient(load: typeof twilio, apiUrl: string | undefined, timeout: number) {
  const base = apiUrl?.replace(/\/+$/, '');
  class TurnedClient extends load.RequestClient {
    override request<Data>(request: Request) {
      const { pathname, search } = new URL(request.uri);
      const uri = base === undefined ? request.uri : `${base}${pathname}${search}`;
      return super.request<Data>({ ...request, uri, timeout } as Request & { data?: Data });
    }
  }
  return new TurnedClient({ timeout, keepAlive: false, autoRetry: false });
}

/** By the HTTP status alone: Twilio splits and renames its codes. Holds nothing of the text, which repeats numbers. */
function smsFailure(error: unknown): SmsRejected | SmsUnavailable {
  const { status, code } = (error ?? {}) as { status?: unknown; code?: unknown };
  if (typeof status === 'number') {
    const name = typeof code === 'number' ? `Twilio ${code}` : `HTTP ${status}`;
    if (status === 429) return new SmsUnavailable(name, false);
    if (status >= 400 && status < 500 && status !== 408) return new SmsRejected(name);
    return new SmsUnavailable(name, true);
  }
  const name = typeof code === 'string' ? code : 'no answer';
  return new SmsUnavailable(name, !NEVER_LEFT.has(name));
}

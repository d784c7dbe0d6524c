/** The requests with which Twilio says what became of a message. */
import { createHmac } from 'node:crypto';
import type { Sms } from './sms-shapes.ts';

export interface Callback {
  url: string;
  sms: Sms;
  accountSid: string;
  authToken: string;
  callbacks: readonly { status: string; errorCode?: string }[];
}

/** As Twilio signs: the address, then every parameter and its value in the order of their names. */
export const signCallback = (
  authToken: string,
  url: string,
  form: Readonly<Record<string, string>>,
): string =>
  createHmac('sha1', authToken)
    .update(
      url +
        Object.keys(form)
          .sort()
          .map((name) => name + form[name])
          .join(''),
    )
    .digest('base64');

/** One after the other. A receiver that is away misses them, as it does at Twilio. */
export async function callBack({ url, sms, accountSid, authToken, callbacks }: Callback): Promise<void> {
  for (const { status, errorCode } of callbacks) {
    const form: Record<string, string> = {
      ...{ AccountSid: accountSid, ApiVersion: '2010-04-01', From: sms.from ?? '', To: sms.to },
      ...{ MessageSid: sms.sid, MessageStatus: status, SmsSid: sms.sid, SmsStatus: status },
      ...(errorCode === undefined ? {} : { ErrorCode: errorCode }),
    };
    await fetch(url, {
      method: 'POST',
      headers: { 'x-twilio-signature': signCallback(authToken, url, form) },
      body: new URLSearchParams(form),
      signal: AbortSignal.timeout(5_000),
    }).then(
      (response) => response.body?.cancel(),
      () => undefined,
    );
  }
}

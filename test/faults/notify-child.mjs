/** Tells one notice from the built program, and kills itself at one boundary of an effect. */
import { createMailer } from '../../dist/clients/mail.js';
import { createPostgres } from '../../dist/clients/postgres.js';
import { createSmsSender } from '../../dist/clients/twilio.js';
import { createNotificationActivities } from '../../dist/notifications/index.js';

const { notice, opsUrl, smtpUrl, twilio, callbackUrl, to, policy, dieAt } = JSON.parse(process.argv[2]);

let boundary = 0;
const die = () => {
  boundary += 1;
  if (boundary === dieAt) process.kill(process.pid, 'SIGKILL');
};
/** Before and after every call. */
const watched =
  (call) =>
  async (...input) => {
    die();
    const result = await call(...input);
    die();
    return result;
  };

const ops = createPostgres({ url: opsUrl, applicationName: 'talos-test' });
const mailer = createMailer({ smtpUrl, from: 'Talos <talos@example.com>' });
const sender = createSmsSender(twilio);
const { notify } = createNotificationActivities({
  ops: { query: watched((text, values) => ops.query(text, values)) },
  mailer: { ...mailer, send: watched((message) => mailer.send(message)) },
  sms: { sender: { ...sender, send: watched((sms) => sender.send(sms)) }, callbackUrl, callbackMs: 300 },
  admin: { email: 'admin@somewhere.example', sms: to },
  policy,
  locale: 'fr',
});
await notify(notice);
process.stdout.write(String(boundary));
await Promise.all([ops.close(), mailer.close()]);

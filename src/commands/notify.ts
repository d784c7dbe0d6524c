import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Argument, Command, Option } from 'commander';
import { createMailer } from '../clients/mail.ts';
import { createPostgres } from '../clients/postgres.ts';
import { createNotificationActivities, renderEmail, samples, TEMPLATES } from '../notifications/index.ts';
import type { Locale, Notice, TemplateName } from '../notifications/index.ts';
import { EXIT, print, printJson, runAction, say } from './output.ts';
import type { ExitCode } from './output.ts';
import { readSettings, withSettings } from './settings.ts';
import type { SettingsOptions } from './settings.ts';

const LOCALES = ['fr', 'en'] as const;

export function notifyCommand(): Command {
  const command = new Command('notify').description('try the channels, look at the messages');
  withSettings(command.command('test'))
    .description('send a message marked [TEST] through the real channel')
    .addArgument(new Argument('<channel>', 'which channel').choices(['email']))
    .option('--json', 'print the result as JSON')
    .action(runAction((_channel: string, options: TestOptions) => testEmail(options)));
  command
    .command('preview')
    .description('write a template in every state, as HTML and text, with invented data')
    .addArgument(new Argument('<template>', 'which template').choices(TEMPLATES))
    .addOption(new Option('--locale <locale>', 'one language only').choices(LOCALES))
    .option('--out <dir>', 'where to write', join('.talos', 'mail'))
    .option('--json', 'print the files as JSON')
    .action(runAction(preview));
  return command;
}

interface TestOptions extends SettingsOptions {
  json?: boolean;
}

async function testEmail({ json, ...where }: TestOptions): Promise<ExitCode> {
  const { environment, policy } = await readSettings(where);
  const ops = createPostgres({ url: environment.opsDatabaseUrl, applicationName: 'talos-notify', max: 1 });
  const mailer = createMailer({ smtpUrl: environment.smtpUrl, from: environment.mailFrom });
  const notice: Notice = {
    key: `test/${randomUUID()}`,
    level: 'info',
    channels: ['email'],
    template: 'test',
    data: { askedAt: new Date().toISOString(), host: hostname() },
  };
  try {
    const { notify } = createNotificationActivities({
      ops,
      mailer,
      admin: { email: environment.adminEmail, sms: environment.adminSms },
      locale: policy.locale,
      timeZone: policy.timeZone,
    });
    const result = await notify(notice);
    const sent = result.deliveries.every(({ status }) => status === 'sent');
    const codes = result.deliveries.map(({ code }) => code).join(', ');
    if (json) printJson(result);
    else if (sent) print('The mail server accepted the test: look for [TEST] in the inbox of ADMIN_EMAIL.');
    else say(`The mail server refused the test (${codes}): check ADMIN_EMAIL, MAIL_FROM and SMTP_URL.`);
    return sent ? EXIT.done : EXIT.failed;
  } finally {
    await Promise.allSettled([mailer.close(), ops.close()]);
  }
}

async function preview(
  template: TemplateName,
  options: { locale?: Locale; out: string; json?: boolean },
): Promise<void> {
  const written: string[] = [];
  await mkdir(options.out, { recursive: true });
  for (const locale of options.locale === undefined ? LOCALES : [options.locale]) {
    for (const [state, notice] of Object.entries(samples[template])) {
      const { html, text } = await renderEmail(notice, { locale, webUiUrl: 'http://127.0.0.1:8233' });
      const path = join(options.out, `${template}.${state}.${locale}`);
      await Promise.all([writeFile(`${path}.html`, html), writeFile(`${path}.txt`, text)]);
      written.push(`${path}.html`, `${path}.txt`);
    }
  }
  if (options.json) printJson({ files: written });
  else written.forEach(print);
}

import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Argument, Command, Option } from 'commander';
import { createClients } from '../clients/index.ts';
import type { Config } from '../config/index.ts';
import { notificationDeps } from '../notification-deps.ts';
import {
  createNotificationActivities,
  CUSTOMER_TEMPLATES,
  customerPreviews,
  renderEmail,
  SAMPLE_MESSAGES,
  SAMPLE_PEOPLE,
  samples,
  smsText,
  TEMPLATES,
} from '../notifications/index.ts';
import type {
  ChannelName,
  CustomerTemplate,
  Delivery,
  Locale,
  Notice,
  TemplateName,
} from '../notifications/index.ts';
import { EXIT, print, printJson, runAction, say, UsageError } from './output.ts';
import type { ExitCode } from './output.ts';
import { readSettings, withSettings } from './settings.ts';
import type { SettingsOptions } from './settings.ts';

const LOCALES = ['fr', 'en'] as const;
const CHANNELS = ['email', 'sms', 'in-app', 'webhook'] as const satisfies readonly ChannelName[];

export function notifyCommand(): Command {
  const command = new Command('notify').description('try the channels, look at the messages');
  withSettings(command.command('test'))
    .description('send a message marked [TEST] through the real channel')
    .addArgument(new Argument('<channel>', 'which channel').choices(CHANNELS))
    .option('--json', 'print the result as JSON')
    .action(runAction(testChannel));
  command
    .command('preview')
    .description('write a template in every state, as HTML, text and SMS, with invented data')
    .addArgument(new Argument('<template>', 'which template').choices([...TEMPLATES, ...CUSTOMER_TEMPLATES]))
    .addOption(new Option('--locale <locale>', 'one language only').choices(LOCALES))
    .option('--out <dir>', 'where to write', join('.talos', 'mail'))
    .option('--json', 'print the files as JSON')
    .action(runAction(preview));
  return command;
}

interface TestOptions extends SettingsOptions {
  json?: boolean;
}

async function testChannel(channel: ChannelName, { json, ...where }: TestOptions): Promise<ExitCode> {
  const config = await readSettings(where);
  const missing = missingFor(channel, config);
  if (missing.length > 0) {
    throw new UsageError(`${channel} is off: set ${missing.join(', ')} in .env`);
  }
  const clients = createClients(config);
  const notice: Notice = {
    key: `test/${randomUUID()}`,
    level: 'info',
    channels: [channel],
    template: 'test',
    data: { askedAt: new Date().toISOString(), host: hostname(), channel },
  };
  try {
    const { notify } = createNotificationActivities(notificationDeps(clients, config));
    const result = await notify(notice);
    const [delivery] = result.deliveries;
    const sent = delivery?.status === 'sent';
    if (json) printJson(result);
    else if (sent) print(ACCEPTED[channel](delivery));
    else say(`${REFUSED[channel]} (${delivery?.code ?? 'no answer'})`);
    return sent ? EXIT.done : EXIT.failed;
  } finally {
    await clients.close();
  }
}

/** What the provider answered, and where to look next. */
const ACCEPTED: Record<ChannelName, (delivery: Delivery) => string> = {
  email: ({ providerId }) =>
    `The mail server accepted the test${providerId ? ` (queued as ${providerId})` : ''}: look for [TEST] in the inbox of ADMIN_EMAIL.`,
  sms: ({ providerId }) =>
    `Twilio accepted the test (${providerId}): look for [TEST] on the phone of ADMIN_SMS.`,
  'in-app': () =>
    'The application stored the test (saas.insert_notification): look for [TEST] among its notices.',
  webhook: ({ providerId }) => `NOTIFY_WEBHOOK_URL took the test (${providerId}): look for [TEST] there.`,
};

const REFUSED: Record<ChannelName, string> = {
  email: 'The mail server refused the test: check ADMIN_EMAIL, MAIL_FROM and SMTP_URL.',
  sms: 'Twilio refused the test: check ADMIN_SMS, TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM.',
  'in-app': 'The application did not store the test: run `talos database apply` with its adapter.',
  webhook: 'NOTIFY_WEBHOOK_URL refused the test: check it and NOTIFY_WEBHOOK_SECRET.',
};

function missingFor(channel: ChannelName, { environment }: Config): string[] {
  if (channel === 'webhook') {
    return environment.webhook ? [] : ['NOTIFY_WEBHOOK_URL', 'NOTIFY_WEBHOOK_SECRET'];
  }
  if (channel !== 'sms') return [];
  return [
    ...(environment.twilio ? [] : ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_FROM']),
    ...(environment.adminSms ? [] : ['ADMIN_SMS']),
  ];
}

interface PreviewOptions {
  locale?: Locale;
  out: string;
  json?: boolean;
}

async function preview(template: TemplateName | CustomerTemplate, options: PreviewOptions): Promise<void> {
  const written: string[] = [];
  await mkdir(options.out, { recursive: true });
  for (const locale of options.locale === undefined ? LOCALES : [options.locale]) {
    const states = isForCustomers(template)
      ? await customerStates(template, locale)
      : await operatorStates(template, locale);
    for (const [state, contents] of Object.entries(states)) {
      const path = join(options.out, `${template}.${state}.${locale}`);
      for (const [ending, content] of Object.entries(contents)) {
        await writeFile(`${path}.${ending}`, content);
        written.push(`${path}.${ending}`);
      }
    }
  }
  if (options.json) printJson({ files: written });
  else written.forEach(print);
}

/** By state: contents by the ending of their file. */
type States = Record<string, Record<string, string>>;

const isForCustomers = (template: string): template is CustomerTemplate =>
  (CUSTOMER_TEMPLATES as string[]).includes(template);

async function customerStates(template: CustomerTemplate, locale: Locale): Promise<States> {
  const previews = await customerPreviews(template, locale);
  return Object.fromEntries(
    previews.map(({ state, email, sms }) => [
      state,
      { html: email.html, txt: email.text, ...(sms === undefined ? {} : { 'sms.txt': `${sms}\n` }) },
    ]),
  );
}

async function operatorStates(template: TemplateName, locale: Locale): Promise<States> {
  const states: States = {};
  for (const [state, notice] of Object.entries(samples[template])) {
    const render = {
      locale,
      webUiUrl: 'http://127.0.0.1:8233',
      alertLink: previewLink,
      messageText,
      personOf,
    };
    const { html: mail, text, pictures } = await renderEmail(notice, render);
    // A file has no parts beside it.
    const html = pictures.reduce(
      (page, { name, png }) =>
        page.replace(`cid:${name}`, `data:image/png;base64,${Buffer.from(png).toString('base64')}`),
      mail,
    );
    states[state] = { html, txt: text, 'sms.txt': `${smsText(notice, render)}\n` };
  }
  return states;
}

const messageText = (hash: string): string | undefined => SAMPLE_MESSAGES[hash];

const personOf = (id: string) => SAMPLE_PEOPLE[id];

/** Of the right length and signed by nobody. */
const previewLink = (alertId: number): string =>
  `https://talos.example.com/a/${alertId}.preview-preview-previ`;

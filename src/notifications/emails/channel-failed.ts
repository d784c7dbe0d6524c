import type { ChannelName, ChannelFailedData } from '../notice.ts';
import type { Locale } from '../format.ts';
import { en, fr } from '../typography.ts';
import type { Context, Letter } from './letter.ts';

/** One channel is dead and nobody would notice: told by the others. */
export function channelFailed(data: ChannelFailedData, { format, otherFormat }: Context): Letter {
  const t = WORDS[format.locale];
  const other = WORDS[otherFormat.locale];
  return {
    subject: t.subject(t.names[data.channel]),
    preheader: t.preheader,
    verdict: { tone: 'bad', sign: '✕', word: t.word, line: t.line(t.names[data.channel]) },
    paragraphs: [t.meaning],
    figures: [],
    steps: { title: t.stepsTitle, items: [...t.steps[data.channel], t.tryIt(data.channel)] },
    facts: {
      title: t.factsTitle,
      rows: [
        { label: t.found, value: format.dateTime(data.at) },
        { label: t.answer, value: data.code, code: true },
      ],
    },
    other: { locale: otherFormat.locale, text: other.line(other.names[data.channel]) },
    footer: t.footer(format.timeZone),
  };
}

const TWILIO = 'https://www.twilio.com/docs/api/errors';

const FR = {
  names: { sms: 'SMS', email: 'e-mail', 'in-app': fr`l'application`, webhook: 'webhook' } as Record<
    ChannelName,
    string
  >,
  subject: (name: string) => fr`Les notifications par ${name} ne passent plus`,
  preheader: fr`Un message a été refusé pour de bon. Vous lisez celui-ci par un autre canal.`,
  word: fr`Canal en panne`,
  line: (name: string) => fr`Un message par ${name} a été refusé définitivement, ou accepté et jamais remis.`,
  meaning: fr`Les autres canaux ont pris le relais. Tant que la cause demeure, il manque une voie pour vous joindre : à corriger aujourd'hui.`,
  stepsTitle: fr`Que faire`,
  steps: {
    sms: [
      fr`Chercher le code ci-dessous : ${TWILIO}`,
      fr`Vérifier \`TWILIO_ACCOUNT_SID\`, \`TWILIO_AUTH_TOKEN\`, \`TWILIO_FROM\` et \`ADMIN_SMS\`. En France l'expéditeur doit être alphanumérique (11 caractères au plus) ou un numéro court.`,
      fr`Vérifier dans la console Twilio le solde, et que le pays est autorisé.`,
    ],
    email: [
      fr`Vérifier \`ADMIN_EMAIL\`, \`MAIL_FROM\` et \`SMTP_URL\` : le serveur refuse l'adresse, l'expéditeur ou le contenu.`,
    ],
    'in-app': [fr`Réinstaller l'adaptateur : \`npx talos database apply\``],
    webhook: [
      fr`Vérifier \`NOTIFY_WEBHOOK_URL\` et \`NOTIFY_WEBHOOK_SECRET\` : le destinataire refuse la requête.`,
    ],
  } as Record<ChannelName, string[]>,
  tryIt: (channel: string) => fr`Essayer ensuite : \`npx talos notify test ${channel}\``,
  factsTitle: fr`Détails`,
  found: fr`Constaté`,
  answer: fr`Réponse`,
  footer: (zone: string) => fr`TalosPrimes Maintenance · heures : ${zone}`,
};

const EN: typeof FR = {
  names: { sms: 'SMS', email: 'e-mail', 'in-app': 'the application', webhook: 'webhook' },
  subject: (name) => en`Notifications by ${name} no longer get through`,
  preheader: en`A message was refused for good. You read this one by another channel.`,
  word: en`Channel down`,
  line: (name) => en`A message by ${name} was refused for good, or accepted and never delivered.`,
  meaning: en`The other channels took over. As long as the cause remains, one way to reach you is missing: mend it today.`,
  stepsTitle: 'What to do',
  steps: {
    sms: [
      en`Look up the code below: ${TWILIO}`,
      en`Check \`TWILIO_ACCOUNT_SID\`, \`TWILIO_AUTH_TOKEN\`, \`TWILIO_FROM\` and \`ADMIN_SMS\`. In France the sender must be alphanumeric (11 characters at most) or a short code.`,
      en`Check in the Twilio console the balance, and that the country is allowed.`,
    ],
    email: [
      en`Check \`ADMIN_EMAIL\`, \`MAIL_FROM\` and \`SMTP_URL\`: the server refuses the address, the sender or the content.`,
    ],
    'in-app': [en`Install the adapter again: \`npx talos database apply\``],
    webhook: [
      en`Check \`NOTIFY_WEBHOOK_URL\` and \`NOTIFY_WEBHOOK_SECRET\`: the receiver refuses the request.`,
    ],
  },
  tryIt: (channel) => en`Then try it: \`npx talos notify test ${channel}\``,
  factsTitle: 'Details',
  found: 'Found',
  answer: 'Answer',
  footer: (zone) => en`TalosPrimes Maintenance · times: ${zone}`,
};

const WORDS: Readonly<Record<Locale, typeof FR>> = { fr: FR, en: EN };

import type { ChannelName, TestData } from '../notice.ts';
import type { Locale } from '../format.ts';
import { en, fr } from '../typography.ts';
import type { Context, Letter } from './letter.ts';

/** What `talos notify test` sends: marked, so that nobody takes it for an alert. */
export function testNotice(data: TestData, { format, otherFormat }: Context): Letter {
  const t = WORDS[format.locale];
  const at = format.dateTime(data.askedAt);
  return {
    subject: t.subject(t.names[data.channel]),
    preheader: t.preheader(data.channel),
    verdict: { tone: 'plain', sign: '✓', word: '[TEST]', line: t.line(t.names[data.channel]) },
    paragraphs: [t.meaning, ...(data.channel === 'email' ? [t.spam] : [])],
    figures: [],
    facts: {
      title: t.factsTitle,
      rows: [
        { label: t.askedAt, value: at },
        { label: t.host, value: data.host, code: true },
      ],
    },
    other: {
      locale: otherFormat.locale,
      text: WORDS[otherFormat.locale].summary(WORDS[otherFormat.locale].names[data.channel]),
    },
    footer: t.footer(format.timeZone),
  };
}

const FR = {
  names: { sms: 'SMS', email: 'e-mail', 'in-app': 'application', webhook: 'webhook' } as Record<
    ChannelName,
    string
  >,
  subject: (name: string) => fr`[TEST] TalosPrimes Maintenance vous joint par ${name}`,
  preheader: (channel: string) =>
    fr`Rien n'est arrivé : un essai du canal, demandé par « talos notify test ${channel} ».`,
  line: (name: string) =>
    fr`Les notifications par ${name} arrivent. Rien n'est en panne, rien n'est à faire.`,
  meaning: fr`Cet essai a suivi le chemin d'une vraie alerte : registre, envoi, réception.`,
  spam: fr`S'il est arrivé dans les indésirables, y remédier maintenant.`,
  factsTitle: fr`Détails`,
  askedAt: fr`Demandé`,
  host: 'Machine',
  summary: (name: string) => fr`[TEST] Les notifications par ${name} arrivent. Rien n'est à faire.`,
  footer: (zone: string) => fr`TalosPrimes Maintenance · heures : ${zone}`,
};

const EN: typeof FR = {
  names: { sms: 'SMS', email: 'e-mail', 'in-app': 'the application', webhook: 'webhook' },
  subject: (name) => en`[TEST] TalosPrimes Maintenance can reach you by ${name}`,
  preheader: (channel) =>
    en`Nothing happened: a test of the channel, asked for by “talos notify test ${channel}”.`,
  line: (name) => en`Notifications by ${name} arrive. Nothing is down, and there is nothing to do.`,
  meaning: en`This test took the way of a real alert: ledger, sending, receiving.`,
  spam: en`If it landed in the spam folder, mend that now.`,
  factsTitle: 'Details',
  askedAt: 'Asked for',
  host: 'Machine',
  summary: (name) => en`[TEST] Notifications by ${name} arrive. There is nothing to do.`,
  footer: (zone) => en`TalosPrimes Maintenance · times: ${zone}`,
};

const WORDS: Readonly<Record<Locale, typeof FR>> = { fr: FR, en: EN };

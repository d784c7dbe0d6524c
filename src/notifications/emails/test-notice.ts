import type { TestData } from '../notice.ts';
import type { Locale } from '../format.ts';
import { en, fr } from '../typography.ts';
import type { Context, Letter } from './letter.ts';

/** What `talos notify test` sends: marked, so that nobody takes it for an alert. */
export function testNotice(data: TestData, { format, otherFormat }: Context): Letter {
  const t = WORDS[format.locale];
  const at = format.dateTime(data.askedAt);
  return {
    subject: t.subject,
    preheader: t.preheader,
    verdict: { tone: 'plain', sign: '✓', word: '[TEST]', line: t.line },
    paragraphs: [t.meaning],
    figures: [],
    facts: {
      title: t.factsTitle,
      rows: [
        { label: t.askedAt, value: at },
        { label: t.host, value: data.host, code: true },
      ],
    },
    other: { locale: otherFormat.locale, text: WORDS[otherFormat.locale].summary },
    footer: t.footer(format.timeZone),
  };
}

const FR = {
  subject: fr`[TEST] TalosPrimes Maintenance vous joint par e-mail`,
  preheader: fr`Rien n'est arrivé : un essai du canal, demandé par « talos notify test email ».`,
  line: fr`Les notifications par e-mail arrivent. Rien n'est en panne, rien n'est à faire.`,
  meaning: fr`Cet essai a suivi le chemin d'une vraie alerte : registre, serveur d'envoi, boîte de réception. S'il est arrivé dans les indésirables, y remédier maintenant.`,
  factsTitle: fr`Détails`,
  askedAt: fr`Demandé`,
  host: 'Machine',
  summary: fr`[TEST] Les notifications par e-mail arrivent. Rien n'est à faire.`,
  footer: (zone: string) => fr`TalosPrimes Maintenance · heures : ${zone}`,
};

const EN: typeof FR = {
  subject: en`[TEST] TalosPrimes Maintenance can reach you by e-mail`,
  preheader: en`Nothing happened: a test of the channel, asked for by “talos notify test email”.`,
  line: en`Notifications by e-mail arrive. Nothing is down, and there is nothing to do.`,
  meaning: en`This test took the way of a real alert: ledger, mail server, inbox. If it landed in the spam folder, mend that now.`,
  factsTitle: 'Details',
  askedAt: 'Asked for',
  host: 'Machine',
  summary: en`[TEST] Notifications by e-mail arrive. There is nothing to do.`,
  footer: (zone) => en`TalosPrimes Maintenance · times: ${zone}`,
};

const WORDS: Readonly<Record<Locale, typeof FR>> = { fr: FR, en: EN };

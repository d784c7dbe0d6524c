import type { Formatter, Locale } from '../notifications/index.ts';
import { en, fr } from '../notifications/typography.ts';

export interface PageWords {
  open: string;
  acknowledged: string;
  recovering: string;
  silenced: string;
  over: string;
  wrong: string;
  away: string;
  /** Under the button. */
  meaning: string;
  button: string;
  acknowledgedAt: (at: string) => string;
  justAcknowledged: string;
  silencedUntil: (until: string) => string;
  recoveringLine: string;
  overLine: (at: string, duration: string) => string;
  overMore: string;
  wrongLine: string;
  awayLine: string;
  since: string;
  lasting: string;
  figure: string;
  limit: (limit: string) => string;
  reason: string;
  affected: string;
  cause: string;
  flaps: string;
  times: (count: string) => string;
  steps: string;
  test: string;
  error: string;
  footer: (zone: string) => string;
}

const FR: PageWords = {
  open: fr`Alerte en cours`,
  acknowledged: fr`Prise en charge`,
  recovering: fr`Retour à la normale`,
  silenced: fr`En silence`,
  over: fr`Alerte terminée`,
  wrong: fr`Lien inconnu`,
  away: fr`Pas de réponse`,
  meaning: fr`Les rappels s'arrêtent. La fin de l'incident vous sera annoncée. Rien n'est réparé pour autant.`,
  button: fr`Je m'en occupe`,
  acknowledgedAt: (at) => fr`Prise en charge ${at}. Les rappels sont arrêtés ; la fin vous sera annoncée.`,
  justAcknowledged: fr`C'est noté. Les rappels sont arrêtés ; la fin vous sera annoncée.`,
  silencedUntil: (until) => fr`Aucun message jusqu'au ${until}.`,
  recoveringLine: fr`Le problème n'est plus constaté. L'alerte sera close s'il ne revient pas dans les minutes qui viennent.`,
  overLine: (at, duration) => fr`Terminée ${at}, après ${duration}.`,
  overMore: fr`Il n'y a plus rien à faire ici, et ce lien ne sert plus.`,
  wrongLine: fr`Ce lien n'ouvre aucune alerte. Il a peut-être été coupé en le copiant : ouvrez-le depuis le message d'origine.`,
  awayLine: fr`La base d'exploitation ou Temporal ne répond pas. Rien n'a été changé ; réessayez dans une minute.`,
  since: fr`Depuis`,
  lasting: fr`Durée`,
  figure: fr`Mesure`,
  limit: (limit) => fr`(seuil ${limit})`,
  reason: fr`Constat`,
  affected: fr`Touchés avec`,
  cause: fr`Cause connue`,
  flaps: fr`Va-et-vient`,
  times: (count) => fr`${count} fois`,
  steps: fr`Que faire`,
  test: 'TEST',
  error: 'Erreur',
  footer: (zone) => fr`TalosPrimes Maintenance · heures : ${zone}`,
};

const EN: PageWords = {
  open: 'Alert open',
  acknowledged: 'Acknowledged',
  recovering: 'Recovering',
  silenced: 'Silenced',
  over: 'Alert over',
  wrong: 'Unknown link',
  away: 'No answer',
  meaning: en`Reminders stop. You will be told of the end. Nothing is mended by this.`,
  button: en`I'm on it`,
  acknowledgedAt: (at) => en`Acknowledged ${at}. Reminders have stopped; you will be told of the end.`,
  justAcknowledged: en`Noted. Reminders have stopped; you will be told of the end.`,
  silencedUntil: (until) => en`No message until ${until}.`,
  recoveringLine: en`The problem is no longer seen. The alert closes if it does not come back within minutes.`,
  overLine: (at, duration) => en`It ended ${at}, after ${duration}.`,
  overMore: en`There is nothing left to do here, and this link is dead.`,
  wrongLine: en`This link opens no alert. It may have been cut while copying: open it from the message itself.`,
  awayLine: en`The operations database or Temporal does not answer. Nothing was changed; try again in a minute.`,
  since: 'Since',
  lasting: 'Lasting',
  figure: 'Reading',
  limit: (limit) => en`(limit ${limit})`,
  reason: 'Finding',
  affected: 'Down with it',
  cause: 'Known cause',
  flaps: 'Came back',
  times: (count) => en`${count} times`,
  steps: 'What to do',
  test: 'TEST',
  error: 'Error',
  footer: (zone) => en`TalosPrimes Maintenance · times: ${zone}`,
};

export const PAGE_WORDS: Readonly<Record<Locale, PageWords>> = { fr: FR, en: EN };

/** « lundi 23 novembre 2026 à 15 h 04 » with « le » before it in French. */
export const onDay = (format: Formatter, at: string): string =>
  format.locale === 'fr' ? `le ${format.dateTime(at)}` : `on ${format.dateTime(at)}`;

import type { Locale } from '../notifications/index.ts';
import { en, fr } from '../notifications/typography.ts';

const FR = {
  state: fr`Offres et conseils par e-mail`,
  title: fr`Ne plus recevoir ces messages ?`,
  line: (brand: string) => fr`${brand} ne vous enverra plus d'offres ni de conseils par e-mail.`,
  button: fr`Me désinscrire`,
  note: fr`Les messages nécessaires à votre compte (fin d'essai, factures) continuent. Rien d'autre ne change.`,
  done: fr`C'est fait`,
  doneTitle: fr`Votre désinscription est enregistrée`,
  doneLine: fr`Vous ne recevrez plus d'offres ni de conseils par e-mail, dès maintenant.`,
  doneMore: fr`Vous pouvez fermer cette page. Les messages nécessaires à votre compte continuent.`,
  wrong: fr`Lien inconnu`,
  wrongLine: fr`Il a peut-être été coupé en le copiant : ouvrez-le depuis le message d'origine.`,
  old: fr`Ce lien a expiré`,
  oldLine: fr`Utilisez celui d'un message plus récent, ou répondez « STOP » à ce message : une personne vous lira.`,
  away: fr`Pas de réponse`,
  awayLine: fr`Votre demande n'a pas pu être enregistrée. Réessayez dans une minute.`,
  error: 'Erreur',
  footer: (brand: string) => fr`${brand} · cette page n'utilise ni cookie ni traceur`,
};

export type UnsubscribeWords = typeof FR;

const EN: UnsubscribeWords = {
  state: en`Offers and advice by e-mail`,
  title: 'No more of these messages?',
  line: (brand) => en`${brand} will send you no more offers or advice by e-mail.`,
  button: 'Unsubscribe',
  note: en`Messages that your account needs (end of trial, invoices) continue. Nothing else changes.`,
  done: 'Done',
  doneTitle: 'You are unsubscribed',
  doneLine: en`You will receive no more offers or advice by e-mail, from now on.`,
  doneMore: en`You may close this page. Messages that your account needs continue.`,
  wrong: 'Unknown link',
  wrongLine: en`It may have been cut while copying: open it from the message itself.`,
  old: 'This link has expired',
  oldLine: en`Use the one of a newer message, or reply STOP to this message: a person will read it.`,
  away: 'No answer',
  awayLine: en`Your request could not be recorded. Try again in a minute.`,
  error: 'Error',
  footer: (brand) => en`${brand} · this page uses no cookie and no tracker`,
};

export const UNSUBSCRIBE_WORDS: Readonly<Record<Locale, UnsubscribeWords>> = { fr: FR, en: EN };

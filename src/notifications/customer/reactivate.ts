import type { Formatter } from '../format.ts';
import { en, fr } from '../typography.ts';
import type { CustomerContext, CustomerLetter } from './letter.ts';
import type { ReactivateData } from './notice.ts';

/** « Voulez-vous réactiver ? »: what happens without an answer and when, and one button. Nothing is offered. */
export const reactivateAsk = (data: ReactivateData, context: CustomerContext): CustomerLetter =>
  letter(data, context, false);

export const reactivateReminder = (data: ReactivateData, context: CustomerContext): CustomerLetter =>
  letter(data, context, true);

function letter(data: ReactivateData, context: CustomerContext, again: boolean): CustomerLetter {
  const { format, name, brand, reactivate } = context;
  const t = WORDS[format.locale];
  const last = lastDay(data.deadline, format);
  return {
    subject: again ? t.subjectAgain(brand, last) : t.subject(brand),
    preheader: t.preheader(last),
    greeting: t.greeting(name),
    title: t.title,
    paragraphs: [
      again ? t.askedBefore(brand, last) : t.unused(brand, format.date(data.inactiveSince)),
      t.back,
    ],
    action: reactivate === undefined ? undefined : { label: t.button, href: reactivate, note: t.buttonNote },
    after: [
      t.otherwise(last),
      t.later(data.anonymiseAfterMonths),
      ...(reactivate === undefined ? [] : [t.erase]),
    ],
    signature: t.signature(brand),
    reason: t.reason(brand),
  };
}

/** The whole of that day is the customer's. */
const lastDay = (deadline: string, format: Formatter): string =>
  format.date(new Date(Date.parse(deadline) - 1).toISOString());

const FR = {
  subject: (brand: string) => fr`Voulez-vous réactiver votre compte ${brand} ?`,
  subjectAgain: (brand: string, last: string) => fr`Votre compte ${brand} sera archivé après le ${last}`,
  preheader: (last: string) => fr`Un clic suffit, jusqu'au ${last} inclus. Sans réponse, il sera archivé.`,
  greeting: (name: string) => (name === '' ? 'Bonjour,' : fr`Bonjour ${name},`),
  title: fr`Voulez-vous réactiver votre compte ?`,
  unused: (brand: string, since: string) =>
    fr`Personne n'a utilisé votre compte ${brand} depuis le ${since}. Nous ne gardons pas sans raison des données qui ne servent plus.`,
  askedBefore: (brand: string, last: string) =>
    fr`Nous vous avons demandé si vous vouliez garder votre compte ${brand}. Sans réponse de votre part, il sera archivé après le ${last}.`,
  back: fr`Si vous voulez le garder, réactivez-le : vous retrouvez tout comme vous l'avez laissé. C'est gratuit, et cela n'engage à rien.`,
  button: fr`Réactiver mon compte`,
  buttonNote: fr`Le bouton ouvre une page qui vous demande confirmation.`,
  otherwise: (last: string) =>
    fr`Sans réponse d'ici le ${last} inclus, vos données sont archivées : retirées du service, chiffrées et mises de côté. Vous n'avez rien à faire.`,
  later: (months: number) =>
    months === 1
      ? fr`Pendant 1 mois encore, le même lien les fait revenir. Ensuite elles sont anonymisées, pour toujours ; seules restent les factures que la loi nous oblige à conserver.`
      : fr`Pendant ${months} mois encore, le même lien les fait revenir. Ensuite elles sont anonymisées, pour toujours ; seules restent les factures que la loi nous oblige à conserver.`,
  erase: fr`Vous préférez que tout soit supprimé dès maintenant ? La même page le permet.`,
  signature: (brand: string) => fr`L'équipe ${brand}`,
  reason: (brand: string) =>
    fr`Vous recevez ce message parce que vous avez un compte ${brand} : il vous dit ce que deviennent vos données. Ce n'est pas une publicité.`,
};

const EN: typeof FR = {
  subject: (brand) => en`Do you want to reactivate your ${brand} account?`,
  subjectAgain: (brand, last) => en`Your ${brand} account will be archived after ${last}`,
  preheader: (last) =>
    en`One click is enough, up to and including ${last}. Without an answer it is archived.`,
  greeting: (name) => (name === '' ? 'Hello,' : en`Hello ${name},`),
  title: 'Do you want to reactivate your account?',
  unused: (brand, since) =>
    en`Nobody has used your ${brand} account since ${since}. We do not keep data that serves nobody without a reason.`,
  askedBefore: (brand, last) =>
    en`We asked whether you want to keep your ${brand} account. Without an answer from you it is archived after ${last}.`,
  back: en`If you want to keep it, reactivate it: you find everything as you left it. It is free, and commits you to nothing.`,
  button: 'Reactivate my account',
  buttonNote: en`The button opens a page that asks you to confirm.`,
  otherwise: (last) =>
    en`Without an answer up to and including ${last}, your data is archived: taken out of the service, encrypted and put aside. There is nothing to do.`,
  later: (months) =>
    months === 1
      ? en`For 1 more month the same link brings it back. After that it is made anonymous, for good; only the invoices that the law obliges us to keep remain.`
      : en`For ${months} more months the same link brings it back. After that it is made anonymous, for good; only the invoices that the law obliges us to keep remain.`,
  erase: en`You would rather have everything deleted now? The same page lets you.`,
  signature: (brand) => en`The ${brand} team`,
  reason: (brand) =>
    en`You receive this message because you have an account with ${brand}: it tells you what becomes of your data. It is no advertisement.`,
};

const WORDS = { fr: FR, en: EN };

import { en, fr } from '../typography.ts';
import type { CustomerContext, CustomerLetter } from './letter.ts';
import type { TrialHelpData } from './notice.ts';

/** « Besoin d'aide ? »: nobody has used the trial for some days. */
export function trialHelp(data: TrialHelpData, context: CustomerContext): CustomerLetter {
  const { format, name, brand, urls, unsubscribe } = context;
  const t = WORDS[format.locale];
  const end = format.date(data.endsAt);
  const signIn = urls.app === undefined ? undefined : { label: t.signIn(brand), href: urls.app };
  const demo =
    urls.booking === undefined ? undefined : { label: t.book, href: urls.booking, note: t.demoNote };
  return {
    subject: t.subject(brand),
    preheader: t.preheader(end),
    greeting: t.greeting(name),
    title: t.title,
    paragraphs: [
      data.neverSeen ? t.neverSeen(brand, end) : t.away(brand, end),
      ...(demo === undefined ? [t.reply] : [t.demo]),
    ],
    action: demo ?? signIn,
    after: demo === undefined || signIn === undefined ? [] : [t.alone(signIn.href)],
    signature: t.signature(brand),
    reason: t.reason(brand),
    unsubscribe: unsubscribe === undefined ? undefined : { label: t.unsubscribe, href: unsubscribe },
  };
}

/** Before it is cut to one segment: what to do stands at the end, and is kept. */
export function trialHelpSms({
  format,
  brand,
  urls,
}: CustomerContext): [begin: string, middle: string, end: string] {
  const t = WORDS[format.locale];
  const href = urls.booking ?? urls.app;
  return [`${brand}:`, t.sms, [...(href === undefined ? [] : [href]), t.stop].join(' ')];
}

const FR = {
  subject: (brand: string) => fr`Besoin d'aide pour votre essai ${brand} ?`,
  preheader: (end: string) => fr`Votre essai court jusqu'au ${end}. Une démonstration, à votre rythme ?`,
  greeting: (name: string) => (name === '' ? 'Bonjour,' : fr`Bonjour ${name},`),
  title: fr`Besoin d'aide ?`,
  neverSeen: (brand: string, end: string) =>
    fr`Vous avez ouvert un essai de ${brand}, et personne ne s'y est encore connecté. Il court jusqu'au ${end}.`,
  away: (brand: string, end: string) =>
    fr`Vous n'avez pas utilisé ${brand} ces derniers jours. Votre essai court jusqu'au ${end}.`,
  demo: fr`Nous vous proposons une démonstration faite pour vous : vous montrez ce que vous avez à faire, nous montrons comment.`,
  demoNote: fr`Vous choisissez l'heure. C'est gratuit, et cela n'engage à rien.`,
  reply: fr`Une question, un point qui bloque ? Répondez à ce message : une personne vous lira.`,
  book: fr`Choisir un créneau`,
  signIn: (brand: string) => fr`Ouvrir ${brand}`,
  alone: (href: string) => fr`Vous préférez essayer par vous-même ? Votre compte vous attend : ${href}`,
  signature: (brand: string) => fr`L'équipe ${brand}`,
  reason: (brand: string) =>
    fr`Vous recevez ce message parce que votre essai de ${brand} est en cours, au plus une fois par semaine. Il s'arrête dès que vous vous connectez.`,
  unsubscribe: fr`Ne plus recevoir ces messages`,
  sms: fr`votre essai vous attend, personne ne s'y est encore connecté. Besoin d'aide?`,
  stop: 'STOP pour ne plus en recevoir',
};

const EN: typeof FR = {
  subject: (brand) => en`Need help with your ${brand} trial?`,
  preheader: (end) => en`Your trial runs until ${end}. A demo, at your own pace?`,
  greeting: (name) => (name === '' ? 'Hello,' : en`Hello ${name},`),
  title: 'Need help?',
  neverSeen: (brand, end) =>
    en`You opened a trial of ${brand} and nobody has signed in yet. It runs until ${end}.`,
  away: (brand, end) => en`You have not used ${brand} these last days. Your trial runs until ${end}.`,
  demo: en`We offer you a demo made for you: you show what you have to do, we show how.`,
  demoNote: en`You choose the time. It is free, and commits you to nothing.`,
  reply: en`A question, something in the way? Reply to this message: a person will read it.`,
  book: 'Choose a time',
  signIn: (brand) => en`Open ${brand}`,
  alone: (href) => en`You would rather try by yourself? Your account is waiting: ${href}`,
  signature: (brand) => en`The ${brand} team`,
  reason: (brand) =>
    en`You receive this message because your trial of ${brand} is running, once a week at most. It stops as soon as you sign in.`,
  unsubscribe: 'No more of these messages',
  sms: en`your trial is waiting, nobody has signed in yet. Need help?`,
  stop: 'Reply STOP to stop',
};

const WORDS = { fr: FR, en: EN };

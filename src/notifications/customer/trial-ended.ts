import type { Formatter } from '../format.ts';
import { en, fr } from '../typography.ts';
import type { CustomerContext, CustomerLetter, CustomerOffer } from './letter.ts';
import type { OfferData, TrialEndedData } from './notice.ts';

/** The trial is over: what that means, and how to go on. A promotion stands in its own block only. */
export function trialEnded(data: TrialEndedData, context: CustomerContext): CustomerLetter {
  const { format, name, brand, urls, unsubscribe } = context;
  const t = WORDS[format.locale];
  const day = format.day(data.endedAt);
  return {
    subject: t.subject(brand),
    preheader: t.preheader(day),
    greeting: t.greeting(name),
    title: t.title,
    paragraphs: [t.ended(brand, day), t.kept],
    action: urls.subscribe === undefined ? undefined : { label: t.goOn, href: urls.subscribe },
    offer: data.offer && offerOf(data.offer, format),
    after: [t.nothing],
    signature: t.signature(brand),
    reason: t.reason(brand),
    unsubscribe:
      data.offer && unsubscribe !== undefined ? { label: t.unsubscribe, href: unsubscribe } : undefined,
  };
}

function offerOf(offer: OfferData, format: Formatter): CustomerOffer {
  const t = WORDS[format.locale];
  // The last day on which the code is taken: the offer ends at the midnight after it.
  const lastDay = format.date(new Date(Date.parse(offer.until) - 1).toISOString());
  const percent = format.percent(offer.percent / 100);
  return {
    title: t.offerTitle,
    text: t.offerText(percent, offer.months),
    codeLabel: t.code,
    code: offer.code,
    until: t.until(lastDay),
  };
}

const FR = {
  subject: (brand: string) => fr`Votre essai ${brand} est terminé`,
  preheader: (day: string) => fr`Terminé le ${day}. Vos données sont conservées ; rien n'est débité.`,
  greeting: (name: string) => (name === '' ? 'Bonjour,' : fr`Bonjour ${name},`),
  title: fr`Votre essai est terminé`,
  ended: (brand: string, day: string) =>
    fr`Votre période d'essai de ${brand} s'est terminée le ${day}. L'accès au compte est suspendu ; rien n'a été et ne sera débité.`,
  kept: fr`Ce que vous avez créé est conservé. En vous abonnant, vous le retrouvez tel que vous l'avez laissé.`,
  goOn: `Continuer avec un abonnement`,
  nothing: fr`Si vous ne souhaitez pas continuer, vous n'avez rien à faire.`,
  signature: (brand: string) => fr`L'équipe ${brand}`,
  reason: (brand: string) =>
    fr`Vous recevez ce message parce que vous avez ouvert un essai de ${brand} : il vous informe de sa fin.`,
  offerTitle: `Une offre pour continuer`,
  offerText: (percent: string, months: number) =>
    months === 1
      ? fr`${percent} de remise sur votre premier mois d'abonnement.`
      : fr`${percent} de remise sur vos ${months} premiers mois d'abonnement.`,
  code: `Votre code personnel`,
  until: (day: string) => fr`Valable une fois, jusqu'au ${day} inclus.`,
  unsubscribe: fr`Ne plus recevoir d'offres`,
};

const EN: typeof FR = {
  subject: (brand) => en`Your ${brand} trial has ended`,
  preheader: (day) => en`It ended on ${day}. Your data is kept; nothing is charged.`,
  greeting: (name) => (name === '' ? 'Hello,' : en`Hello ${name},`),
  title: 'Your trial has ended',
  ended: (brand, day) =>
    en`Your trial of ${brand} ended on ${day}. Access to the account is suspended; nothing has been or will be charged.`,
  kept: en`What you created is kept. If you subscribe, you find it as you left it.`,
  goOn: 'Continue with a subscription',
  nothing: en`If you do not wish to continue, there is nothing to do.`,
  signature: (brand) => en`The ${brand} team`,
  reason: (brand) =>
    en`You receive this message because you opened a trial of ${brand}: it tells you that it has ended.`,
  offerTitle: 'An offer to continue',
  offerText: (percent, months) =>
    months === 1
      ? en`${percent} off your first month of subscription.`
      : en`${percent} off your first ${months} months of subscription.`,
  code: 'Your personal code',
  until: (day) => en`Valid once, up to and including ${day}.`,
  unsubscribe: 'No more offers',
};

const WORDS = { fr: FR, en: EN };

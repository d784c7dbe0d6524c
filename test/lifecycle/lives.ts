/** Customers in the middle of their thirteen months. */
import type { LifecycleView } from '../../src/lifecycle/customer/view.ts';
import type { Calendar } from './calendar.ts';
import type { Customer, LifecycleSite } from './support.ts';

export const planned = ({ deadline }: LifecycleView): boolean => deadline !== undefined;

export interface Life {
  customer: Customer;
  calendar: Calendar;
  view: LifecycleView;
}

export function createLives(open: () => LifecycleSite) {
  const asked = async (facts: Parameters<LifecycleSite['customer']>[0] = {}): Promise<Life> => {
    const site = open();
    const customer = await site.customer(facts);
    const calendar = await site.start(customer);
    return { customer, calendar, view: await site.until(customer, 'asked', planned) };
  };
  const archived = async (): Promise<Life> => {
    const life = await asked();
    await life.calendar.at(life.view.deadline, 60);
    return { ...life, view: await open().until(life.customer, 'archived', planned) };
  };
  const sql =
    (text: string) =>
    ({ accountId }: Customer) =>
      open().maintenance.app.db.query(text, [accountId]);
  return {
    ...{ asked, archived },
    seen: sql('update public.accounts set last_activity_at = now() where id = $1'),
    block: sql(`insert into public.legal_holds (account_id, reason, opened_at) values ($1, '-', now())`),
    unblock: sql('update public.legal_holds set released_at = now() where account_id = $1'),
  };
}

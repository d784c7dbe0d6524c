import type { CustomerDelivery, CustomerNotice } from './notice.ts';
import type { CustomerDeps, CustomerNotices } from './tell.ts';
import { passOnRefusals } from './unsubscribe.ts';

export const createCustomerActivities = (
  { tell }: CustomerNotices,
  { app, ops }: Pick<CustomerDeps, 'app' | 'ops'>,
) => ({
  /**
   * Tells one customer once; see `tell`. Idempotent because the key is claimed in SQL before the message leaves and
   * closed after it, and what may have left is not sent again.
   */
  notifyCustomer: async (notice: CustomerNotice): Promise<CustomerDelivery> => tell(notice),

  /** Tells the application who unsubscribed while it was away. Idempotent because it keeps the first refusal. */
  passOnRefusals: async (): Promise<number> => passOnRefusals({ app, ops }),
});

export type CustomerActivities = ReturnType<typeof createCustomerActivities>;

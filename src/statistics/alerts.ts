/** AL8 to AL10: what the business's own figures ring for, judged after each hourly run. */
import {
  businessRuleSet,
  evaluate,
  type AlertEffect,
  type BusinessThresholds,
  type RuleStates,
} from '../alerts/index.ts';
import type { Postgres } from '../clients/postgres.ts';
import { businessSamples } from './business-facts.ts';

export interface BusinessAlertDeps {
  app: Postgres;
  ops: Postgres;
  thresholds: BusinessThresholds;
  timeZone: string;
  /** Rejects when the alert's workflow was not reached. */
  tell: (effect: AlertEffect) => Promise<void>;
}

export interface BusinessAlertsInput {
  /** ISO instant of the run. */
  at: string;
}

export interface BusinessAlertsJudged {
  /** What was looked at: `leads`, `payments`, `customers`. */
  judged: string[];
  /** `fire AL8/leads`, `clear AL8/leads`. */
  told: string[];
  /** A later look has been: an hour that is made up for must not tell of the past. */
  outdated?: true;
}

const NAME = 'business';

export const createBusinessAlertActivities = ({
  app,
  ops,
  thresholds,
  timeZone,
  tell,
}: BusinessAlertDeps) => ({
  /**
   * Idempotent because an alert is one workflow by its id, and what was told is kept after it was told: stopped between
   * the two, the next attempt tells the same again, which the alert takes as a newer report of the same incident.
   */
  async checkBusinessAlerts({ at }: BusinessAlertsInput): Promise<BusinessAlertsJudged> {
    const [known] = await ops.query<{ state: RuleStates; outdated: boolean }>(
      'select state, judged_at > $2 as outdated from ops.rule_states where name = $1',
      [NAME, at],
    );
    if (known?.outdated) return { judged: [], told: [], outdated: true };
    const samples = await businessSamples(app, {
      ...{ at: new Date(at), timeZone },
      leadHours: thresholds.AL8.forHours,
    });
    const { state, effects } = evaluate(businessRuleSet(thresholds), known?.state ?? {}, samples);
    for (const effect of effects) await tell(effect);
    await ops.query(
      `insert into ops.rule_states as kept (name, state, judged_at) values ($1, $2, $3)
       on conflict (name) do update set state = excluded.state, judged_at = excluded.judged_at
          where kept.judged_at <= excluded.judged_at`,
      [NAME, JSON.stringify(state), at],
    );
    return {
      judged: samples.map(({ target }) => target),
      told: effects.map(({ kind, rule, target }) => `${kind} ${rule}/${target}`),
    };
  },
});

export type BusinessAlertActivities = ReturnType<typeof createBusinessAlertActivities>;

/** What other rooms may use of alerts. Pure: usable on both sides of the sandbox. */
export { alertWorkflowId, type AlertEffect, type AlertKey, type Evidence } from './alert.ts';
export {
  businessRuleSet,
  evaluate,
  OWN_NETWORK,
  ruleSet,
  USUAL_DAYS,
  type BusinessThresholds,
  type RuleSet,
  type RuleStates,
  type Sample,
} from './rules/index.ts';

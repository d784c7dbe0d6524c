/** Rules as data, and what samples mean under them. Pure: usable on both sides of the sandbox. */
export { businessRuleSet, USUAL_DAYS, type BusinessThresholds } from './business.ts';
export { evaluate } from './evaluate.ts';
export {
  OWN_NETWORK,
  type Evaluation,
  type Rule,
  type RuleSet,
  type RuleState,
  type RuleStates,
  type Sample,
} from './rule.ts';
export { ruleSet, ruleTable, type Thresholds } from './table.ts';

/** Who may be offered something on which channel. Pure; the law in docs/trials.md, to be confirmed by a DPO. */
import type { CustomerChannel } from './notice.ts';

export interface ProspectingPolicy {
  /** Where nothing is recorded: `opt-out` writes first and lets the person refuse, `consent` waits for a yes. */
  b2b: 'opt-out' | 'consent';
  b2c: 'opt-out' | 'consent';
  /** Recorded bases that allow it. */
  emailBases: readonly string[];
  smsBases: readonly string[];
}

export interface Standing {
  /** `b2b` or `b2c`; anything else is treated as a person. */
  kind: string;
  /** What `saas.contact_permissions` records for the channel. */
  bases: readonly string[];
  /** There, or by our own page. */
  withdrawn: boolean;
}

/** A refusal wins over everything; then what is recorded; by default only companies, and never by SMS. */
export function mayProspect(
  policy: ProspectingPolicy,
  channel: CustomerChannel,
  standing: Standing,
): boolean {
  const { kind, bases, withdrawn } = standing;
  if (withdrawn) return false;
  if (channel === 'sms') return bases.some((basis) => policy.smsBases.includes(basis));
  if (bases.length > 0) return bases.some((basis) => policy.emailBases.includes(basis));
  return (kind === 'b2b' ? policy.b2b : policy.b2c) === 'opt-out';
}

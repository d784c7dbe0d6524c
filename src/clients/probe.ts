/** What every probe answers: up, down with a class, or unknown. Pure. */

/** Milliseconds of each phase, as far as it was reached. */
export interface Phases {
  dns?: number;
  tcp?: number;
  tls?: number;
  /** From the request to the first byte of the answer. */
  ttfb?: number;
  total: number;
}

export interface Probe {
  /** `unknown`: the fault is ours (a key that was changed), or it says nothing yet; neither up nor down. */
  state: 'up' | 'down' | 'unknown';
  /**
   * Class of what is wrong: `dns`, `refused`, `unreachable`, `reset`, `tls`, `timeout`, `redirects`, `status 503`,
   * `body`, `content-type`; or why it is unknown. Never an address or a text of the other side.
   */
  reason?: string;
  /** The code that a person would look up (`CERT_HAS_EXPIRED`). */
  detail?: string;
  phases: Phases;
  /** Until the certificate ends, where there is one. */
  certificateDays?: number;
}

/** A failure of one phase, with its class. */
export class ProbeFailure extends Error {
  readonly reason: string;
  readonly detail: string | undefined;

  constructor(reason: string, detail?: string) {
    super(detail === undefined ? reason : `${reason} (${detail})`);
    this.reason = reason;
    this.detail = detail;
  }
}

const CLASSES: Readonly<Record<string, string>> = {
  ENOTFOUND: 'dns',
  EAI_AGAIN: 'dns',
  EAI_FAIL: 'dns',
  EAI_NODATA: 'dns',
  ENODATA: 'dns',
  ECONNREFUSED: 'refused',
  EHOSTUNREACH: 'unreachable',
  ENETUNREACH: 'unreachable',
  ENETDOWN: 'unreachable',
  EADDRNOTAVAIL: 'unreachable',
  ETIMEDOUT: 'timeout',
  ECONNRESET: 'reset',
  ECONNABORTED: 'reset',
  EPIPE: 'reset',
  HPE_INVALID_CONSTANT: 'reset',
};

/** The code of a driver's error; of several addresses that were tried, the one that got furthest. */
export function codeOf(error: unknown): string | undefined {
  const { code, errors, cause } = (error ?? {}) as { code?: unknown; errors?: unknown[]; cause?: unknown };
  const all = (errors ?? []).map(codeOf);
  if (all.includes('ECONNREFUSED')) return 'ECONNREFUSED';
  if (typeof code === 'string') return code;
  return all[0] ?? (cause === undefined ? undefined : codeOf(cause));
}

export function classOf(error: unknown): ProbeFailure {
  if (error instanceof ProbeFailure) return error;
  const code = codeOf(error);
  if (code === undefined) return new ProbeFailure('reset');
  if (/^HPE_/.test(code)) return new ProbeFailure('reset', code);
  return new ProbeFailure(CLASSES[code] ?? 'reset', code);
}

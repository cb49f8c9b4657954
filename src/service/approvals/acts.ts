import type { Output } from '../../core/contract/operations.ts';

export type ActName = Output<'get-approval'>['act'];

/** Who asks for an act, who decides on it, and how long it waits after that, in milliseconds. */
export type ActRules = {
  /** Needed to ask. The operation that asks has it too. Undefined for what a holder asks for. */
  readonly askedBy: 'support' | 'senior' | 'admin' | undefined;
  readonly approvedBy: 'senior' | 'admin';
  readonly delayMs: number;
  /** A login with the second factor shows that nothing is lost: then it is not to be done. */
  readonly stoppedByLogin: boolean;
};

const HOUR = 3_600_000;

/** How long an act waits for somebody to decide, in milliseconds. */
export const ASKED_LIFE_MS = 7 * 24 * HOUR;

/** Everything that takes two people (OWASP ASVS 5.0, V2.3.5); a lost factor as V6.4.4 wants it. */
export const ACTS: Readonly<Record<ActName, ActRules>> = {
  unlock: { askedBy: 'support', approvedBy: 'senior', delayMs: 12 * HOUR, stoppedByLogin: true },
  'factor-reset': { askedBy: 'support', approvedBy: 'senior', delayMs: 24 * HOUR, stoppedByLogin: true },
  adjustment: { askedBy: 'senior', approvedBy: 'admin', delayMs: HOUR, stoppedByLogin: false },
  withdrawal: { askedBy: undefined, approvedBy: 'senior', delayMs: 0, stoppedByLogin: false },
  /** Its holder is who asks. */
  rate: { askedBy: 'admin', approvedBy: 'admin', delayMs: 0, stoppedByLogin: false },
  /** Nobody's account is concerned: it is about who asks. */
  'suspense-return': { askedBy: 'support', approvedBy: 'senior', delayMs: 0, stoppedByLogin: false },
  reversal: { askedBy: 'senior', approvedBy: 'senior', delayMs: HOUR, stoppedByLogin: false },
};

/** The rules of an act that was read from the database. */
export function rulesOf(act: string): ActRules {
  return ACTS[act as ActName];
}

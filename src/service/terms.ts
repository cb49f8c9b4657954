const DAY_MS = 24 * 3_600_000;

/**
 * How long things are kept, in milliseconds; docs/data.md says it for operators. By themselves, so that what deletes
 * loads nothing of what makes them.
 */
export const TERMS = {
  /** A registration, for another mail to be asked for. */
  registrationMs: DAY_MS,
  mailedCodeMs: DAY_MS,
  /** A second factor that was begun and never turned on. */
  begunFactorMs: DAY_MS,
  /** An address that an account has left, which is told of what happens to it. */
  formerAddressMs: 30 * DAY_MS,
  /** A device that was not used: it is known no more. */
  deviceMs: 365 * DAY_MS,
  /** What has ended, so that it still answers “ended” instead of “unknown”. */
  endedMs: 30 * DAY_MS,
  /** What a holder may need who says that a payment was not theirs (Directive (EU) 2015/2366, article 71: 13 months). */
  disputeMs: 400 * DAY_MS,
} as const;

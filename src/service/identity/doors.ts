/** How tries at a door are slowed down. The first ones are free; after that each waits twice as long as the last. */
export type Pace = {
  readonly free: number;
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
  /** After so long without a try, nothing is remembered. */
  readonly forgetMs: number;
};

/**
 * How often somebody may try at a door: for one `account`, whoever tries, and from one `source`, whoever it is tried for.
 * Tries from a machine that the account's owner has logged in from before are counted apart, at the pace of the account:
 * nobody else can make its owner wait there (OWASP Authentication Cheat Sheet, device cookies).
 */
export type Door = { readonly account?: Pace; readonly source?: Pace };

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Guesses at a secret. Waits never grow beyond minutes: a stranger must not lock anybody out (ASVS V6.1.1). */
const GUESSES: Pace = { free: 5, firstWaitMs: SECOND, longestWaitMs: 15 * MINUTE, forgetMs: 12 * HOUR };
/** Guesses at anybody's secret from one place (ASVS V6.3.1). */
const STUFFING: Pace = { free: 20, firstWaitMs: SECOND, longestWaitMs: 15 * MINUTE, forgetMs: HOUR };
/** Guesses at a code of six digits, with the password right (ASVS V6.6.3). */
const CODES: Pace = { free: 4, firstWaitMs: 30 * SECOND, longestWaitMs: 15 * MINUTE, forgetMs: 12 * HOUR };
/** Mails that somebody else may be made to get. */
const MAILS: Pace = { free: 3, firstWaitMs: MINUTE, longestWaitMs: HOUR, forgetMs: 12 * HOUR };
const MAILS_FROM_ONE_PLACE: Pace = {
  free: 30,
  firstWaitMs: 10 * SECOND,
  longestWaitMs: HOUR,
  forgetMs: HOUR,
};

/** Every way in, or to cause work, for somebody who has not shown who they are. One table for all of them. */
export const DOORS = {
  /** `log-in`: a password. */
  login: { account: GUESSES, source: STUFFING },
  /** A code of the second factor, or a recovery code, wherever it is asked for. */
  factor: { account: CODES, source: STUFFING },
  /** A password or code asked for again in a session. */
  proof: { account: GUESSES, source: STUFFING },
  /** A code from a mail, typed or by its link. The code itself has few tries too. */
  'mailed-code': { source: STUFFING },
  /** A mail that is asked for: to reset the password, to unlock, to verify an address. */
  mail: { account: MAILS, source: MAILS_FROM_ONE_PLACE },
  /** A token that is none. */
  token: { source: STUFFING },
} as const satisfies Record<string, Door>;

export type DoorName = keyof typeof DOORS;

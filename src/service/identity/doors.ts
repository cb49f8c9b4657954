/**
 * How tries at a door are slowed down. `free` of them in `forgetMs` never wait: they are forgotten one by one, evenly.
 * From then on each makes the next wait twice as long as the last. `most` in a row, however slowly they come, close the
 * door until it is opened from inside (NIST SP 800-63B-4, 3.2.2: 100 at most).
 */
export type Pace = {
  readonly free: number;
  readonly forgetMs: number;
  readonly firstWaitMs: number;
  readonly longestWaitMs: number;
  readonly most?: number;
};

/**
 * How often somebody may try at a door: for one `account`, whoever tries, and from one `source`, whoever it is tried for.
 * Tries from a machine that the account's owner has logged in from before are counted apart, at the pace of the account
 * and of no source: nobody else can make its owner wait there (OWASP Authentication Cheat Sheet, device cookies).
 */
export type Door = {
  readonly account?: Pace;
  readonly source?: Pace;
  /** The command with which the owner of an account opens it again. */
  readonly opener?: string;
};

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** Guesses at a secret. Waits never grow beyond minutes: a stranger must not lock anybody out (ASVS V6.1.1). */
const GUESSES: Pace = {
  free: 5,
  forgetMs: 12 * HOUR,
  firstWaitMs: SECOND,
  longestWaitMs: 15 * MINUTE,
  most: 100,
};
/** Guesses at anybody's secret from one place (ASVS V6.3.1). What was right is not counted. */
const STUFFING: Pace = { free: 20, forgetMs: HOUR, firstWaitMs: SECOND, longestWaitMs: 15 * MINUTE };
/** Guesses at a code of six digits, with the password right (ASVS V6.6.3). */
const CODES: Pace = { ...GUESSES, free: 4, firstWaitMs: 30 * SECOND };
/**
 * Mails that somebody else may be made to get. The longest wait is the life of a code: when the door is closed there is
 * one in the mailbox that is still good, so whoever keeps it closed keeps nobody out.
 */
const MAILS: Pace = {
  free: 5,
  forgetMs: 2 * HOUR,
  firstWaitMs: MINUTE,
  longestWaitMs: 10 * MINUTE,
};
/** Slower in the long run than MAILS: one place alone cannot keep that door closed. */
const MAILS_FROM_ONE_PLACE: Pace = {
  free: 50,
  forgetMs: 25 * HOUR,
  firstWaitMs: 10 * SECOND,
  longestWaitMs: HOUR,
};

/** Every way in, or to cause work, for somebody who has not shown who they are. One table for all of them. */
export const DOORS = {
  /** `log-in`: a password. */
  login: { account: GUESSES, source: STUFFING, opener: 'okpay unlock' },
  /** A code of the second factor, or a recovery code, wherever it is asked for. */
  factor: { account: CODES, source: STUFFING, opener: 'okpay unlock' },
  /** A password or code asked for again in a session. */
  proof: { account: GUESSES, source: STUFFING, opener: 'okpay unlock' },
  /** A code from a mail, typed or by its link. The code itself has few tries too. */
  'mailed-code': { source: STUFFING },
  /** A mail that is asked for: to reset the password, to change an address. */
  mail: { account: MAILS, source: MAILS_FROM_ONE_PLACE },
  /** A mail to open an account, or another one. */
  registration: { account: MAILS, source: MAILS_FROM_ONE_PLACE },
  /** A mail to unlock. Apart from the others, as it is the way out when they are closed. */
  unlock: { account: MAILS, source: MAILS_FROM_ONE_PLACE },
  /** A token that is none. */
  token: { source: STUFFING },
} as const satisfies Record<string, Door>;

export type DoorName = keyof typeof DOORS;

import type { Reader } from './engine/engine.ts';

/** How an account is looked after by its owner: only numbers, and since when a second factor is asked for. */
export type AccountFacts = { factorSince: string | null; tokens: bigint; devices: bigint; payees: bigint };

/** `now` is RFC 3339: tokens that have expired do not count. */
export async function accountFacts(db: Reader, user: string, now: string): Promise<AccountFacts> {
  const facts = await db.one<AccountFacts>(
    `SELECT (SELECT enabled_at FROM second_factors WHERE user_id = ?) AS "factorSince",
      (SELECT COUNT(*) FROM tokens WHERE user_id = ? AND expires_at > ?) AS tokens,
      (SELECT COUNT(*) FROM devices WHERE user_id = ?) AS devices,
      (SELECT COUNT(*) FROM payees WHERE owner = ?) AS payees`,
    [user, user, now, user, user],
  );
  return facts ?? { factorSince: null, tokens: 0n, devices: 0n, payees: 0n };
}

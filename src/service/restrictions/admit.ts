import { Refusal } from '../../core/contract/refusals.ts';
import { stopWhatWasAsked } from '../approvals/stop.ts';
import type { Actor, Deps } from '../deps.ts';
import type { Writer } from '../store/engine/engine.ts';
import { restrictionsThatHold } from '../store/restrictions.ts';

/**
 * Lets a holder in whose password was right (and whose second factor was, where they have one), in the transaction that
 * begins the session, so that none begins beside a restriction. A login with the factor stops what staff asked for
 * because it was said to be lost. Throws `account_restricted`: never before the password is known to be right, so
 * that it tells a stranger nothing.
 */
export async function admit(
  tx: Writer,
  deps: Deps,
  actor: Actor & { readonly user: string },
  withFactor: boolean,
): Promise<void> {
  await checkMayLogIn(tx, actor.user);
  if (withFactor) await stopWhatWasAsked(tx, deps, actor);
}

/** For whatever else gives out a way in, such as a token, in its transaction. Throws `account_restricted`. */
export async function checkMayLogIn(tx: Writer, user: string): Promise<void> {
  const [restriction] = await restrictionsThatHold(tx, user, 'log-in');
  if (restriction) throw new Refusal('account_restricted', { capability: 'log in' });
}

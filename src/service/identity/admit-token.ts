import { Refusal } from '../../core/contract/refusals.ts';
import { placeOf } from '../audit-log/network-of.ts';
import { record } from '../audit-log/record.ts';
import { timestamp, type Actor, type Deps } from '../deps.ts';
import { noteTokenUse, type TokenRow } from '../store/tokens.ts';
import { isFrom } from './networks.ts';
import { knock } from './throttle.ts';
import { tokenFactsOf } from './token-facts.ts';

/** What tokens for programs begin with, so that they are never taken for a session. */
export const TOKEN_PREFIX = 'okt_';
/** A use is noted at most this often, so that reading stays reading. */
const NOTE_EVERY_MS = 60_000;

/**
 * Lets a token for programs in: `row` is what is kept of it, when anything is. It may never do more than its owner may
 * now, and what staff may only when it was made for that and the role is still the one it was made with.
 * Throws `token_invalid`, `network_not_allowed`, and `too_many_attempts` for a source of bad ones.
 */
export async function admitToken(deps: Deps, row: TokenRow | undefined, caller: Actor): Promise<Actor> {
  const now = deps.now();
  const network = placeOf(caller);
  const refused = () =>
    deps.log.info('token_refused', { network, ...(row ? { user: row.userId, tokenId: row.id } : {}) });
  if (!row || row.expiresAt <= timestamp(now)) {
    refused();
    await knock(deps, 'token', { address: caller.address });
    throw new Refusal('token_invalid');
  }
  const token = tokenFactsOf(row);
  const hasRole = token.scopes.includes('staff') && row.role !== null && row.role === row.madeAs;
  const actor: Actor = {
    ...caller,
    user: row.userId,
    email: row.email,
    displayName: row.displayName,
    role: hasRole ? (row.role ?? undefined) : undefined,
    device: `token ${row.name}`,
    // Only a session that began with a second factor can make a token for staff.
    withFactor: hasRole,
    limits: row.limits,
    token,
  };
  if (row.networks !== null && !(await isFrom(JSON.parse(row.networks) as string[], caller))) {
    refused();
    // Counted like a bad token, also so that whoever has stolen one cannot fill the log of its owner.
    await knock(deps, 'token', { address: caller.address });
    await deps.engine.transact((tx) => record(tx, deps, actor, { action: 'token-refused', object: row.id }));
    throw new Refusal('network_not_allowed', { network });
  }
  if (row.lastUsedAt === null || now - Date.parse(row.lastUsedAt) > NOTE_EVERY_MS) {
    const use = { id: row.id, at: timestamp(now), network, before: timestamp(now - NOTE_EVERY_MS) };
    await deps.engine.transact(async (tx) => {
      if ((await noteTokenUse(tx, use)) && row.lastNetwork !== network)
        await record(tx, deps, actor, { action: 'token-used', object: row.id });
    });
  }
  return actor;
}

import { Refusal } from '../../../core/contract/refusals.ts';
import { record } from '../../audit-log/record.ts';
import { nameKey } from '../../store/name-key.ts';
import { deleteToken, tokensOf } from '../../store/tokens.ts';
import type { UseCase } from '../use-case.ts';

/** Ends one of the caller's tokens, named by its id or its name, at once. Somebody else's is `not_found`. */
export const revokeToken: UseCase<'revoke-token'> = async (deps, actor, { name: asked }) => {
  const { id, name } = await deps.engine.transact(async (tx) => {
    const all = await tokensOf(tx, actor.user);
    const found =
      all.find((token) => token.id === asked) ?? all.find((token) => nameKey(token.name) === nameKey(asked));
    if (!found) throw new Refusal('not_found', { thing: 'token', id: asked });
    await deleteToken(tx, actor.user, found.id);
    await record(tx, deps, actor, { action: 'token-revoked', object: found.id, facts: { name: found.name } });
    return found;
  });
  deps.log.info('token_revoked', { user: actor.user, tokenId: id });
  return { id, name };
};

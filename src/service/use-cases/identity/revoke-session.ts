import { Refusal } from '../../../core/contract/refusals.ts';
import { deleteSession } from '../../store/sessions.ts';
import type { UseCase } from '../use-case.ts';

/** Ends one of the caller's sessions. Somebody else's is `not_found`, like one that never was. */
export const revokeSession: UseCase<'revoke-session'> = async (deps, actor, { session }) => {
  const ended = await deps.engine.transact((tx) => deleteSession(tx, actor.user, session));
  if (!ended) throw new Refusal('not_found', { thing: 'session', id: session });
  deps.log.info('session_revoked', { user: actor.user, session });
  return {};
};

import { Refusal } from '../../../core/contract/refusals.ts';
import { endSessions } from '../../identity/end-sessions.ts';
import type { UseCase } from '../use-case.ts';

/** Ends one of the caller's sessions. Somebody else's is `not_found`, like one that never was or has ended. */
export const revokeSession: UseCase<'revoke-session'> = async (deps, actor, { session }) => {
  const ended = await deps.engine.transact((tx) =>
    endSessions(tx, deps, actor, actor.user, ({ id }) => id === session),
  );
  if (ended.length === 0) throw new Refusal('not_found', { thing: 'session', id: session });
  deps.log.info('session_revoked', { user: actor.user, session });
  return {};
};

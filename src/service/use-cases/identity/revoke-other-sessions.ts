import { endSessions } from '../../identity/end-sessions.ts';
import type { UseCase } from '../use-case.ts';

/** Ends all of the caller's sessions but the one that asks (ASVS V7.5.2). */
export const revokeOtherSessions: UseCase<'revoke-other-sessions'> = async (deps, actor) => {
  const ended = await deps.engine.transact((tx) =>
    endSessions(tx, deps, actor, actor.user, ({ id }) => id !== actor.session),
  );
  for (const { id } of ended) deps.log.info('session_revoked', { user: actor.user, session: id });
  return { ended: ended.map(({ id }) => id) };
};

import { isAlive } from '../../identity/authenticate.ts';
import { describeSession } from '../../identity/describe.ts';
import { sessionsOf } from '../../store/sessions.ts';
import type { UseCase } from '../use-case.ts';

/** The sessions that can still be used, oldest first. */
export const listSessions: UseCase<'list-sessions'> = async (deps, actor) => {
  const sessions = await sessionsOf(deps.engine, actor.user);
  return {
    sessions: sessions
      .filter((session) => isAlive(session, deps.now()))
      .map((session) => describeSession(session, actor.session)),
  };
};

import { deleteSession } from '../../store/sessions.ts';
import type { UseCase } from '../use-case.ts';

/** Ends the session that asks, at the service: its token is worth nothing from now on. */
export const logOut: UseCase<'log-out'> = async (deps, actor) => {
  await deps.engine.transact((tx) => deleteSession(tx, actor.user, actor.session));
  deps.log.info('logout', { user: actor.user, session: actor.session });
  return {};
};

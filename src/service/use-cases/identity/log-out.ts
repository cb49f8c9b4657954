import { record } from '../../audit-log/record.ts';
import { deleteSession } from '../../store/sessions.ts';
import type { UseCase } from '../use-case.ts';

/** Ends the session that asks, at the service: its token is worth nothing from now on. */
export const logOut: UseCase<'log-out'> = async (deps, actor) => {
  await deps.engine.transact(async (tx) => {
    if (await deleteSession(tx, actor.user, actor.session))
      await record(tx, deps, actor, { action: 'logout-done', object: actor.session });
  });
  deps.log.info('logout', { user: actor.user, session: actor.session });
  return {};
};

import { Refusal } from '../../../core/contract/refusals.ts';
import { describeSession, describeUser } from '../../identity/describe.ts';
import { sessionsOf } from '../../store/sessions.ts';
import { userById } from '../../store/users.ts';
import type { UseCase } from '../use-case.ts';

/** Who is logged in, and with which session. */
export const getMe: UseCase<'get-me'> = async (deps, actor) => {
  const user = await userById(deps.engine, actor.user);
  const session = (await sessionsOf(deps.engine, actor.user)).find(({ id }) => id === actor.session);
  // Ended by another call since this one was let in.
  if (!user || !session) throw new Refusal('session_expired');
  return { user: describeUser(user), session: describeSession(session, actor.session) };
};

import { Refusal } from '../../../core/contract/refusals.ts';
import { timestamp } from '../../deps.ts';
import { describeSession, describeUser } from '../../identity/describe.ts';
import { describeTokens } from '../../identity/describe-tokens.ts';
import { sessionsOf } from '../../store/sessions.ts';
import { tokensOf } from '../../store/tokens.ts';
import { userById } from '../../store/users.ts';
import type { UseCase } from '../use-case.ts';

/** Who is logged in, and with which session, or which token calls. To read more of its owner a token must be allowed to read. */
export const getMe: UseCase<'get-me'> = async (deps, actor) => {
  const { engine, now } = deps;
  const found = await userById(engine, actor.user);
  // Ended by another call since this one was let in.
  if (!found) throw new Refusal('session_expired');
  const user = describeUser(found);
  const { token: calling } = actor;
  if (calling) {
    const rows = (await tokensOf(engine, actor.user)).filter(({ id }) => id === calling.id);
    const [token] = await describeTokens(engine, rows, timestamp(now()));
    if (!token) throw new Refusal('token_invalid');
    const { id, email, displayName, createdAt } = user;
    return { user: calling.scopes.includes('read') ? user : { id, email, displayName, createdAt }, token };
  }
  const session = (await sessionsOf(engine, actor.user)).find(({ id }) => id === actor.session);
  if (!session) throw new Refusal('session_expired');
  return { user, session: describeSession(session, session.id) };
};

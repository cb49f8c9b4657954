import { LIMITS } from '../../core/contract/schemas.ts';
import { record } from '../audit-log/record.ts';
import type { Actor, Deps } from '../deps.ts';
import type { Writer } from '../store/engine/engine.ts';
import { deleteSession, sessionsOf, type SessionRow } from '../store/sessions.ts';
import { isAlive } from './authenticate.ts';

type By = Pick<Actor, 'user' | 'role' | 'address' | 'console' | 'device'>;

/** Ends the oldest sessions of a user, so that one more is not too many. `by` is who begins it. */
export async function makeRoomForSession(tx: Writer, deps: Deps, by: By, user: string): Promise<void> {
  const alive = (await sessionsOf(tx, user)).filter((one) => isAlive(one, deps.now()));
  const kept = new Set(alive.slice(1 - LIMITS.sessions).map(({ id }) => id));
  await endSessions(tx, deps, by, user, ({ id }) => !kept.has(id));
}

/**
 * Ends the sessions of a user that `which` says, at every node from their next call on, and records each that could
 * still be used (ASVS V7.4). Gives those, oldest first. `by` is whoever ends them.
 */
export async function endSessions(
  tx: Writer,
  deps: Deps,
  by: By,
  user: string,
  which: (session: SessionRow) => boolean = () => true,
): Promise<SessionRow[]> {
  const now = deps.now();
  const ended: SessionRow[] = [];
  for (const session of (await sessionsOf(tx, user)).filter(which)) {
    await deleteSession(tx, user, session.id);
    if (!isAlive(session, now)) continue;
    const facts = { on: session.device };
    await record(tx, deps, by, { action: 'session-ended', subject: user, object: session.id, facts });
    ended.push(session);
  }
  return ended;
}

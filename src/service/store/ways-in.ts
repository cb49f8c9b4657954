import type { Writer } from './engine/engine.ts';

/** A session that was ended, as its owner knows it. */
export type EndedSession = { id: string; device: string };
/** A token for programs that was ended. */
export type EndedToken = { id: string; name: string };

/** Ends the sessions of a user, all but the one to keep; gives those that ended, oldest first. */
export async function endSessions(tx: Writer, user: string, keep = ''): Promise<EndedSession[]> {
  const ended = await tx.all<EndedSession>(
    'SELECT id, device FROM sessions WHERE user_id = ? AND id <> ? ORDER BY id',
    [user, keep],
  );
  await tx.run('DELETE FROM sessions WHERE user_id = ? AND id <> ?', [user, keep]);
  return ended;
}

/** Ends the tokens of a user; gives those that ended, oldest first. */
export async function endTokens(tx: Writer, user: string): Promise<EndedToken[]> {
  const ended = await tx.all<EndedToken>('SELECT id, name FROM tokens WHERE user_id = ? ORDER BY id', [user]);
  await tx.run('DELETE FROM tokens WHERE user_id = ?', [user]);
  return ended;
}

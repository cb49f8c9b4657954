import { randomBytes } from 'node:crypto';
import { timestamp, type Deps } from '../../../src/service/deps.ts';

/** Turns a second factor on for a user, as its row says it. */
export async function insertFactor({ engine, now }: Deps, user: string): Promise<void> {
  await engine.transact((tx) =>
    tx.run(
      'INSERT INTO second_factors (user_id, secret, last_step, enabled_at, created_at) VALUES (?, ?, ?, ?, ?)',
      [user, 'sealed', 7n, timestamp(now()), timestamp(now())],
    ),
  );
}

/** A token for programs, with the name its owner gave it. */
export async function insertToken({ engine, now, newId }: Deps, user: string, name: string): Promise<string> {
  const id = newId('token');
  await engine.transact((tx) =>
    tx.run(
      `INSERT INTO tokens (id, user_id, name, name_key, token_hash, scopes, caps, created_at, expires_at)
        VALUES (?, ?, ?, ?, ?, '[]', '[]', ?, ?)`,
      [id, user, name, name, randomBytes(8).toString('hex'), timestamp(now()), timestamp(now() + 86_400_000)],
    ),
  );
  return id;
}

/** What the audit log says of a user, oldest first: the actions. */
export async function actionsOf({ engine }: Deps, user: string): Promise<string[]> {
  const rows = await engine.all<{ action: string }>(
    'SELECT action FROM audit_log WHERE subject = ? ORDER BY id',
    [user],
  );
  return rows.map(({ action }) => action);
}

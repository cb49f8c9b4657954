import { randomBytes } from 'node:crypto';
import { timestamp } from '../src/service/deps.ts';
import { tokenHashOf } from '../src/service/identity/authenticate.ts';
import { makeDepositReference } from '../src/service/identity/deposit-reference.ts';
import { openEngine } from '../src/service/store/engine/open.ts';
import { insertSession } from '../src/service/store/sessions.ts';
import { setRole } from '../src/service/store/users.ts';
import { makeBookAt } from './book.ts';

/** A book with holders, one of them a member of staff who is logged in. */
export async function bookWithStaff(
  databaseUrl: string,
  holders: number,
): Promise<{ token: string; references: string[] }> {
  const book = await makeBookAt(databaseUrl, holders);
  await book.engine.close();
  const engine = await openEngine(databaseUrl);
  const token = randomBytes(32).toString('base64url');
  const rows = await engine.all<{ id: string }>('SELECT id FROM users ORDER BY id');
  const references = rows.map(() => makeDepositReference(randomBytes));
  const at = timestamp(Date.now());
  await engine.transact(async (tx) => {
    for (const [index, { id }] of rows.entries())
      await tx.run('UPDATE users SET deposit_reference = ? WHERE id = ?', [references[index] ?? '', id]);
    await setRole(tx, rows[0]?.id ?? '', 'support');
    await insertSession(tx, {
      id: `ses_${token.slice(0, 20)}`,
      userId: rows[0]?.id ?? '',
      tokenHash: tokenHashOf(token),
      device: 'bench',
      withFactor: true,
      createdAt: at,
      expiresAt: '2999-01-01T00:00:00.000Z',
    });
  });
  await engine.close();
  // Nobody credits themselves.
  return { token, references: references.slice(1) };
}

import { Refusal } from '../../core/contract/refusals.ts';
import { record } from '../audit-log/record.ts';
import type { Deps, HolderActor } from '../deps.ts';
import { userById } from '../store/users.ts';
import { checkPasswordBytes } from './password-rules.ts';
import { holderAtDoor, knock, welcome } from './throttle.ts';

/**
 * Checks the password of somebody who is logged in, again. Throws `credentials_invalid`, and `too_many_attempts` before
 * it is looked at.
 */
export async function checkPassword(deps: Deps, actor: HolderActor, password: string): Promise<void> {
  checkPasswordBytes(password);
  const visitor = holderAtDoor(actor, actor.user);
  await knock(deps, 'proof', visitor);
  const user = await userById(deps.engine, actor.user);
  if (!user || !(await deps.passwords.verify(password, [user.passwordHash]))) {
    await deps.engine.transact((tx) => record(tx, deps, actor, { action: 'proof-refused' }));
    throw new Refusal('credentials_invalid');
  }
  await deps.engine.transact((tx) => welcome(tx, 'proof', visitor));
}

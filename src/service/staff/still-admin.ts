import { Refusal } from '../../core/contract/refusals.ts';
import type { AccountActor } from '../deps.ts';
import type { Writer } from '../store/engine/engine.ts';
import { userById } from '../store/users.ts';

/**
 * Refuses an administrator who was one when they called and is none any more: of two who end each other's roles at the
 * same time, one stays. Throws `role_insufficient`.
 */
export async function checkStillAdmin(tx: Writer, { user }: AccountActor): Promise<void> {
  if ((await userById(tx, user))?.role !== 'admin') throw new Refusal('role_insufficient', { role: 'admin' });
}

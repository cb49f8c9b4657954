import { timestamp, type Deps } from '../deps.ts';
import type { Writer } from '../store/engine/engine.ts';
import { insertUser, userByDepositReference, type UserRow } from '../store/users.ts';
import { makeDepositReference } from './deposit-reference.ts';

/** What is known of someone whose e-mail address is verified. */
export type HolderDraft = Pick<UserRow, 'email' | 'displayName' | 'phone' | 'passwordHash' | 'role'> & {
  readonly emailKey: string;
};

/** Adds a holder with a deposit reference of their own; undefined when the e-mail address has an account already. */
export async function addHolder(tx: Writer, deps: Deps, draft: HolderDraft): Promise<UserRow | undefined> {
  let depositReference = makeDepositReference(deps.random);
  while (await userByDepositReference(tx, depositReference)) {
    depositReference = makeDepositReference(deps.random);
  }
  const user = {
    ...draft,
    id: deps.newId('user'),
    depositReference,
    notifyReceived: 1n,
    createdAt: timestamp(deps.now()),
  };
  return (await insertUser(tx, user)) ? user : undefined;
}

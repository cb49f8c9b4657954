import { record } from '../../audit-log/record.ts';
import { spendMailedCode } from '../../identity/mailed-codes.ts';
import { knock, openDoors, visitorOf, welcome } from '../../identity/throttle.ts';
import type { UseCase } from '../use-case.ts';

/** Lets the owner of an account in at once: who reads its mail is no stranger. Nobody is logged in by it. */
export const confirmUnlock: UseCase<'confirm-unlock'> = async (deps, actor, { unlock: id, code }) => {
  const visitor = visitorOf(actor);
  await knock(deps, 'mailed-code', visitor);
  const user = await spendMailedCode(deps, 'unlock', { id, code }, async (tx, { userId, emailKey }) => {
    await welcome(tx, 'mailed-code', visitor);
    await openDoors(tx, { user: userId, emailKey });
    await record(tx, deps, { ...actor, user: userId }, { action: 'unlocked', object: id });
    return userId;
  });
  deps.log.info('unlocked', { user });
  return {};
};

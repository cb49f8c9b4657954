import { record } from '../../audit-log/record.ts';
import { haveMailed } from '../../have-mailed.ts';
import { parseEmail } from '../../identity/email.ts';
import { issueMailedCode } from '../../identity/mailed-codes.ts';
import { knock, noteFailure, visitorOf } from '../../identity/throttle.ts';
import { userByEmail } from '../../store/users.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Has the mail sent that lets the owner of an account in at once, whatever strangers tried. The same work and the same
 * answer whether or not the address has an account (ASVS V6.3.8).
 */
export const requestUnlock: UseCase<'request-unlock'> = async (deps, actor, { email }) => {
  const { address, key } = parseEmail(email);
  const visitor = visitorOf(actor, { account: key });
  await knock(deps, 'unlock', visitor);
  const { id, expiresAt } = await deps.engine.transact(async (tx) => {
    const user = await userByEmail(tx, key);
    const issued = await issueMailedCode(tx, deps, { purpose: 'unlock', emailKey: key, user: user?.id });
    const { code, token } = issued;
    // Without an account there is nothing to send, which shows only when the mail would be made.
    const about = { user: user?.id ?? '', expiresAt: issued.expiresAt };
    await haveMailed(tx, deps, 'mail.unlock', about, { code, token });
    if (user) await record(tx, deps, actor, { action: 'unlock-asked', subject: user.id, object: issued.id });
    else await noteFailure(tx, 'unlock', visitor);
    return issued;
  });
  return { unlock: id, email: address, expiresAt };
};

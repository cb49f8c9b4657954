import { record } from '../../audit-log/record.ts';
import { parseEmail } from '../../identity/email.ts';
import { issueMailedCode } from '../../identity/mailed-codes.ts';
import { haveMailed } from '../../have-mailed.ts';
import { knock, visitorOf } from '../../identity/throttle.ts';
import { userByEmail } from '../../store/users.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Has a mail sent with a code and a link to set a new password, when the address has an account. The same work and the
 * same answer when it has none, waits to be verified, or is held up at other doors (OWASP ASVS 5.0, V6.3.8).
 */
export const forgotPassword: UseCase<'forgot-password'> = async (deps, actor, { email }) => {
  const { address, key } = parseEmail(email);
  await knock(deps, 'mail', visitorOf(actor, { account: key }));
  const { id, expiresAt } = await deps.engine.transact(async (tx) => {
    const user = (await userByEmail(tx, key))?.id;
    const issued = await issueMailedCode(tx, deps, { purpose: 'reset-password', emailKey: key, user });
    const { code, token } = issued;
    // Also when there is nobody to mail to: how long an answer takes must not tell.
    const mail = { user: user ?? '', expiresAt: issued.expiresAt };
    await haveMailed(tx, deps, 'mail.forgot-password', mail, { code, token });
    await record(tx, deps, actor, { action: 'password-forgotten', subject: user });
    return issued;
  });
  return { reset: id, email: address, expiresAt };
};

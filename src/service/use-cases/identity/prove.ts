import { Refusal } from '../../../core/contract/refusals.ts';
import { record } from '../../audit-log/record.ts';
import { timestamp } from '../../deps.ts';
import { tokenHashOf } from '../../identity/authenticate.ts';
import { checkPassword } from '../../identity/check-password.ts';
import { makeSessionToken } from '../../identity/codes.ts';
import { factorOf, spendCode } from '../../identity/second-factor.ts';
import { renewSession } from '../../store/sessions.ts';
import type { UseCase } from '../use-case.ts';

/**
 * The caller proves who they are once more: with a code where there is a second factor, else with the password. The
 * session gets a new token and the old one ends (ASVS V7.2.4). Throws `proof_required` saying with what, what spendCode
 * throws, and `credentials_invalid`.
 */
export const prove: UseCase<'prove'> = async (deps, actor, { password, code }) => {
  const factor = await factorOf(deps.engine, actor.user);
  if (factor) await spendCode(deps, actor, factor, code, { operation: 'prove' });
  else if (password === undefined) throw new Refusal('proof_required', { with: 'password' });
  else await checkPassword(deps, actor, password);

  const token = makeSessionToken(deps.random);
  const provedAt = timestamp(deps.now());
  await deps.engine.transact(async (tx) => {
    if (!(await renewSession(tx, { id: actor.session, tokenHash: tokenHashOf(token), provedAt })))
      throw new Refusal('session_expired');
    const facts = { with: factor ? 'code' : 'password' };
    await record(tx, deps, actor, { action: 'session-proved', object: actor.session, facts });
  });
  return { token, session: actor.session, provedAt };
};

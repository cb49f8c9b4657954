import { Refusal } from '../../../core/contract/refusals.ts';
import { record } from '../../audit-log/record.ts';
import { timestamp } from '../../deps.ts';
import { checkPassword } from '../../identity/check-password.ts';
import { checkStandsAlone } from '../../identity/password-rules.ts';
import { factorOf, removeFactor, spendCode } from '../../identity/second-factor.ts';
import { haveMailed } from '../../have-mailed.ts';
import { deleteSessionsOf } from '../../store/sessions.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Turns the second factor off: takes the password and a code. What depended on it goes too (recovery codes, amounts
 * above which payments ask for a code), and every other session (ASVS V6.5.6, V7.4.3). A password that was long enough
 * only beside it has to be changed before. Throws `second_factor_off`, `credentials_invalid`, `password_weak`, and what
 * spendCode throws.
 */
export const disableSecondFactor: UseCase<'disable-second-factor'> = async (deps, actor, input) => {
  const { user } = actor;
  const factor = await factorOf(deps.engine, user);
  if (!factor) throw new Refusal('second_factor_off');
  await checkPassword(deps, actor, input.password);
  checkStandsAlone(input.password);
  await spendCode(deps, actor, factor, input.code, { operation: 'disable-second-factor' });
  const sessionsEnded = await deps.engine.transact(async (tx) => {
    await removeFactor(tx, user);
    const { length: ended } = await deleteSessionsOf(tx, user, actor.session);
    await record(tx, deps, actor, { action: 'factor-disabled', facts: { sessionsEnded: String(ended) } });
    await haveMailed(tx, deps, 'mail.factor-disabled', { user, at: timestamp(deps.now()) });
    return ended;
  });
  deps.log.info('factor_disabled', { user });
  return { sessionsEnded };
};

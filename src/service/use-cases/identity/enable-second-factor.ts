import { Refusal } from '../../../core/contract/refusals.ts';
import { acceptedTotpStep } from '../../../core/totp.ts';
import { record } from '../../audit-log/record.ts';
import { timestamp } from '../../deps.ts';
import { makeRecoveryCodes, recoveryCodeHashOf } from '../../identity/recovery-codes.ts';
import { secretOf } from '../../identity/second-factor.ts';
import { haveMailed } from '../../have-mailed.ts';
import { holderAtDoor, knock, welcome } from '../../identity/throttle.ts';
import {
  replaceRecoveryCodes,
  secondFactorOf,
  takeTotpStep,
  turnSecondFactorOn,
} from '../../store/second-factors.ts';
import { deleteSessionsOf } from '../../store/sessions.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Turns the second factor on, with a first code that shows that its secret has arrived; that code is used then. Ends
 * every other session, as those began without (ASVS V7.4.3), and tells the recovery codes, this once. Throws
 * `second_factor_off` when none was begun, `second_factor_on`, `second_factor_invalid`, `too_many_attempts`.
 */
export const enableSecondFactor: UseCase<'enable-second-factor'> = async (deps, actor, { code }) => {
  const { user } = actor;
  const visitor = holderAtDoor(actor, user);
  await knock(deps, 'factor', visitor);
  const recoveryCodes = makeRecoveryCodes(deps.random);
  const hashes = recoveryCodes.map((each) => recoveryCodeHashOf(user, each));
  const enabled = await deps.engine.transact(async (tx) => {
    const begun = await secondFactorOf(tx, user);
    if (!begun) throw new Refusal('second_factor_off');
    if (begun.enabledAt !== null) throw new Refusal('second_factor_on');
    const now = deps.now();
    const digits = code.replace(/[\s-]/g, '');
    const step = /^\d{6}$/.test(digits) ? acceptedTotpStep(secretOf(deps, begun), digits, now, 0) : undefined;
    if (step === undefined || !(await takeTotpStep(tx, user, step))) return undefined;
    await turnSecondFactorOn(tx, user, timestamp(now));
    await replaceRecoveryCodes(tx, user, hashes, timestamp(now));
    await welcome(tx, 'factor', visitor);
    const { length: sessionsEnded } = await deleteSessionsOf(tx, user, actor.session);
    const facts = { sessionsEnded: String(sessionsEnded) };
    await record(tx, deps, actor, { action: 'factor-enabled', facts });
    await haveMailed(tx, deps, 'mail.factor-enabled', { user, at: timestamp(now) });
    return { sessionsEnded };
  });
  if (!enabled) throw new Refusal('second_factor_invalid');
  deps.log.info('factor_enabled', { user });
  return { recoveryCodes, sessionsEnded: enabled.sessionsEnded };
};

import { Refusal } from '../../../core/contract/refusals.ts';
import { record } from '../../audit-log/record.ts';
import { timestamp } from '../../deps.ts';
import { makeRecoveryCodes, recoveryCodeHashOf } from '../../identity/recovery-codes.ts';
import { factorOf, spendCode } from '../../identity/second-factor.ts';
import { haveMailed } from '../../have-mailed.ts';
import { replaceRecoveryCodes as replace } from '../../store/second-factors.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Makes ten new recovery codes and tells them, this once; all earlier ones end. Throws `second_factor_off`, and what
 * spendCode throws.
 */
export const replaceRecoveryCodes: UseCase<'replace-recovery-codes'> = async (deps, actor, { code }) => {
  const { user } = actor;
  const factor = await factorOf(deps.engine, user);
  if (!factor) throw new Refusal('second_factor_off');
  await spendCode(deps, actor, factor, code, { operation: 'replace-recovery-codes' });
  const recoveryCodes = makeRecoveryCodes(deps.random);
  const hashes = recoveryCodes.map((each) => recoveryCodeHashOf(user, each));
  await deps.engine.transact(async (tx) => {
    const now = timestamp(deps.now());
    if (!(await factorOf(tx, user))) throw new Refusal('second_factor_off');
    await replace(tx, user, hashes, now);
    await record(tx, deps, actor, { action: 'recovery-codes-replaced' });
    await haveMailed(tx, deps, 'mail.recovery-codes-replaced', { user, at: now });
  });
  return { recoveryCodes };
};

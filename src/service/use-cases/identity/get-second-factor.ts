import { toWire, type Currency } from '../../../core/money.ts';
import { factorOf } from '../../identity/second-factor.ts';
import { confirmationLimitsOf } from '../../store/confirmation-limits.ts';
import { countRecoveryCodes } from '../../store/second-factors.ts';
import type { UseCase } from '../use-case.ts';

/** Whether the caller has a second factor, how many recovery codes are left, and above what payments ask for a code. */
export const getSecondFactor: UseCase<'get-second-factor'> = async ({ engine }, { user }) => {
  const factor = await factorOf(engine, user);
  if (!factor) return { enabled: false, recoveryCodesLeft: 0, confirmAbove: [] };
  const [recoveryCodesLeft, limits] = await Promise.all([
    countRecoveryCodes(engine, user),
    confirmationLimitsOf(engine, user),
  ]);
  return {
    enabled: true,
    ...(factor.enabledAt === null ? {} : { enabledAt: factor.enabledAt }),
    recoveryCodesLeft,
    confirmAbove: limits.map(({ currency, above }) => toWire(above, currency as Currency)),
  };
};

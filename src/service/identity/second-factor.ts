import { Refusal } from '../../core/contract/refusals.ts';
import type { OperationName } from '../../core/contract/operations.ts';
import { record } from '../audit-log/record.ts';
import { timestamp, type Actor, type Deps } from '../deps.ts';
import { haveMailed } from '../have-mailed.ts';
import { deleteConfirmationLimitsOf } from '../store/confirmation-limits.ts';
import type { Reader, Writer } from '../store/engine/engine.ts';
import {
  burnRecoveryCode,
  countRecoveryCodes,
  deleteSecondFactor,
  secondFactorOf,
  takeTotpStep,
  tellOfHalfLogin,
  type SecondFactorRow,
} from '../store/second-factors.ts';
import { recoveryCodeHashOf } from './recovery-codes.ts';
import { holderAtDoor, knock, welcome } from './throttle.ts';

/** A holder's factor is told of right password and wrong code at most this often, in milliseconds (ASVS V6.3.5). */
const TOLD_EVERY_MS = 10 * 60_000;

/** What a sealed secret is for, and whose. */
export function factorPurpose(user: string): string {
  return `second-factor:${user}`;
}

/** A holder's second factor, when one is on. */
export async function factorOf(db: Reader, user: string): Promise<SecondFactorRow | undefined> {
  const factor = await secondFactorOf(db, user);
  return factor?.enabledAt === null ? undefined : factor;
}

/** What a code is asked for: the operation, and the sentence that says why where that is not plain. */
type CodeUse = { readonly operation: OperationName; readonly reason?: string };

/**
 * Takes a code of the moment, or a recovery code, once (ASVS V6.5.1): of any number of calls with the same code one gets
 * past this. Throws `second_factor_required` when there is no code, `second_factor_invalid` for one that is wrong or was
 * used, and `too_many_attempts` before it is looked at.
 */
export async function spendCode(
  deps: Deps,
  actor: Actor,
  factor: SecondFactorRow,
  code: string | undefined,
  use: CodeUse,
): Promise<void> {
  const { userId: user } = factor;
  if (code === undefined) throw await codeNeeded(deps, factor, use.reason);
  const visitor = holderAtDoor(actor, user);
  await knock(deps, 'factor', visitor);
  const digits = code.replace(/[\s-]/g, '');
  const isOfTheMoment = /^\d{6}$/.test(digits);
  const { acceptedTotpStep } = await import('../../core/totp.ts');
  const taken = await deps.engine.transact(async (tx) => {
    const now = deps.now();
    if (isOfTheMoment) {
      const current = await factorOf(tx, user);
      const step =
        current && acceptedTotpStep(secretOf(deps, current), digits, now, Number(current.lastStep));
      if (step === undefined || !(await takeTotpStep(tx, user, step)))
        return refuse(tx, deps, actor, user, use);
    } else {
      if (!(await burnRecoveryCode(tx, user, recoveryCodeHashOf(user, code), timestamp(now))))
        return refuse(tx, deps, actor, user, use);
      const left = String(await countRecoveryCodes(tx, user));
      await record(tx, deps, actor, { action: 'recovery-code-used', subject: user, facts: { left } });
      await haveMailed(tx, deps, 'mail.recovery-code-used', { user, left, at: timestamp(now) });
    }
    await welcome(tx, 'factor', visitor);
    return true;
  });
  if (!taken) throw new Refusal('second_factor_invalid');
}

/**
 * The second half of a login, once the password is right: true when a factor was asked for and given, false when there
 * is none. A wrong code is told to the holder: somebody has the password. Throws what spendCode throws.
 */
export async function passFactorAtLogin(
  deps: Deps,
  actor: Actor,
  user: string,
  code: string | undefined,
): Promise<boolean> {
  const factor = await factorOf(deps.engine, user);
  if (!factor) return false;
  await spendCode(deps, actor, factor, code, { operation: 'log-in' });
  return true;
}

/** Takes a holder's factor away, with its recovery codes and the amounts above which a code was asked for. */
export async function removeFactor(tx: Writer, user: string): Promise<void> {
  await deleteSecondFactor(tx, user);
  await deleteConfirmationLimitsOf(tx, user);
}

/** The secret of a factor in base 32. Throws `keys_unusable`. */
export function secretOf({ keyring }: Pick<Deps, 'keyring'>, { userId, secret }: SecondFactorRow): string {
  return Buffer.from(keyring.open(factorPurpose(userId), secret)).toString();
}

/**
 * Says for which instant a program that has the secret is to compute the code, by the clock here, as its own may be
 * wrong: of the first step that was not used yet, and how many seconds to wait until that is taken.
 */
async function codeNeeded(deps: Deps, { lastStep }: SecondFactorRow, reason?: string): Promise<Refusal> {
  const { TOTP_STEP_MS, totpStepAt } = await import('../../core/totp.ts');
  const now = deps.now();
  const at = Math.max(now, (Number(lastStep) + 1) * TOTP_STEP_MS);
  const waitMs = Math.max(0, (totpStepAt(at) - 1) * TOTP_STEP_MS - now);
  return new Refusal('second_factor_required', {
    codeAt: timestamp(at),
    ...(waitMs === 0 ? {} : { retryAfter: String(Math.ceil(waitMs / 1_000)) }),
    ...(reason === undefined ? {} : { reason }),
  });
}

async function refuse(
  tx: Writer,
  deps: Deps,
  actor: Actor,
  user: string,
  { operation }: CodeUse,
): Promise<false> {
  const now = deps.now();
  await record(tx, deps, actor, { action: 'factor-refused', subject: user, facts: { for: operation } });
  const since = timestamp(now - TOLD_EVERY_MS);
  if (operation === 'log-in' && (await tellOfHalfLogin(tx, user, timestamp(now), since)))
    await haveMailed(tx, deps, 'mail.half-login', { user, at: timestamp(now) });
  return false;
}

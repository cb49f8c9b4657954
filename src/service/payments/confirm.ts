import { Refusal } from '../../core/contract/refusals.ts';
import { formatMoney, type Currency } from '../../core/money.ts';
import type { Actor, Deps } from '../deps.ts';
import { factorOf, spendCode } from '../identity/second-factor.ts';
import { confirmationLimitsOf } from '../store/confirmation-limits.ts';
import type { Reader } from '../store/engine/engine.ts';
import type { Payment } from './payment.ts';

/** What a payment leaves the payer with, and in which currency. */
type Sum = Pick<Payment, 'paid' | 'currency'>;

/**
 * Says why a payment of this payer takes a code, or undefined when it does not: the amounts are the payer's own wish
 * (ASVS V7.5.3).
 */
export async function confirmations(db: Reader, payer: string): Promise<(sum: Sum) => string | undefined> {
  const limits = new Map((await confirmationLimitsOf(db, payer)).map((row) => [row.currency, row.above]));
  return ({ paid, currency }) => {
    const above = limits.get(currency);
    if (above === undefined || paid <= above) return undefined;
    const [pays, limit] = [money(paid, currency), money(above, currency)];
    return `This pays ${pays}, and you asked for a code above ${limit}.`;
  };
}

/**
 * Takes the code of a call that pays more than its payer wants to go without. The call names amount, currency and payee,
 * and the code is used up by it: with another amount it is refused. Gives the refusal, or undefined when all is well.
 */
export async function confirm(
  deps: Deps,
  payer: Actor & { readonly id: string },
  code: string | undefined,
  reason: string,
  operation: 'create-transfer' | 'create-withdrawal' = 'create-transfer',
): Promise<Refusal | undefined> {
  try {
    const factor = await factorOf(deps.engine, payer.id);
    if (!factor) throw new Refusal('second_factor_off');
    await spendCode(deps, payer, factor, code, { operation, reason });
    return undefined;
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
}

function money(minor: bigint, currency: Currency): string {
  return formatMoney({ minor, currency });
}

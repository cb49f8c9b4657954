import { Refusal } from '../../../core/contract/refusals.ts';
import { parseCurrency, parsePositiveAmount, type Money } from '../../../core/money.ts';
import { timestamp } from '../../deps.ts';
import { clearingAccount } from '../../ledger/accounts.ts';
import { balanceByName } from '../../ledger/read.ts';
import { writeStatement } from '../../rails/write-statement.ts';
import type { UseCase } from '../use-case.ts';

/** Our account at the rehearsal bank: the example of the IBAN registry for Germany, which no bank gives to anybody. */
export const REHEARSAL_IBAN = 'DE89370400440532013000';

/** ISO 20022 amounts have at most 18 digits. */
const MOST_MINOR = 10n ** 18n;

/**
 * Plays the bank: writes a camt.053 statement of today with one booked credit for each payment. It opens with what the
 * bank owes us by our own book, and each entry has a reference of its own, so that every statement brings new money.
 * Books nothing. Throws `input_invalid` when the credits are not all in one currency, `amount_invalid`.
 */
export const writeBankStatement: UseCase<'write-bank-statement'> = async (deps, _actor, input) => {
  const credits = input.credits.map(({ reference, amount }) => ({
    reference,
    amount: parsePositiveAmount(amount.amount, parseCurrency(amount.currency)),
  }));
  const currency = credits[0]?.amount.currency ?? 'EUR';
  if (credits.some(({ amount }) => amount.currency !== currency)) {
    throw new Refusal('input_invalid', { field: 'credits', reason: 'must all be in one currency' });
  }
  const clearing = await balanceByName(deps.engine, clearingAccount(REHEARSAL_IBAN, currency).name);
  const opening: Money = { minor: -(clearing?.balance ?? 0n), currency };
  const closing = credits.reduce((sum, { amount }) => sum + amount.minor, opening.minor);
  if (closing >= MOST_MINOR || credits.some(({ amount }) => amount.minor >= MOST_MINOR)) {
    throw new Refusal('amount_invalid', { reason: 'A bank statement has room for 18 digits.' });
  }
  const now = deps.now();
  const day = timestamp(now).slice(0, 10);
  const id = deps.newId('statement');
  const xml = writeStatement({
    id,
    created: new Date(now),
    from: day,
    to: day,
    iban: REHEARSAL_IBAN,
    opening,
    entries: credits.map(({ reference, amount }, at) => ({
      amount,
      direction: 'credit',
      bookingDate: day,
      accountServicerReference: `${id}-${at + 1}`,
      remittance: reference,
      debtorName: input.debtor,
    })),
  });
  return { id, fileName: `${id}.xml`, xml };
};

import { Refusal } from '../../../core/contract/refusals.ts';
import { parseCurrency, parsePositiveAmount } from '../../../core/money.ts';
import { timestamp } from '../../deps.ts';
import { clearingAccount } from '../../ledger/accounts.ts';
import { balanceByName } from '../../ledger/read.ts';
import { readPayments, type PaymentOrder } from '../../rails/read-payments.ts';
import { StatementError } from '../../rails/statement-error.ts';
import { NEW_BANK, playDay, type BankState } from '../../rehearsal-bank/play.ts';
import type { UseCase } from '../use-case.ts';

/** Our account at the rehearsal bank: the example of the IBAN registry for Germany, which no bank gives to anybody. */
export const REHEARSAL_IBAN = 'DE89370400440532013000';

/** ISO 20022 amounts have at most 18 digits. */
const MOST_MINOR = 10n ** 18n;

/**
 * Plays a bank for one day, over the files that banks take and send; see playDay. It keeps nothing: what it knows comes with
 * the call and goes back with the answer. An account that it does not know has what it owes us by our own book. Books
 * nothing in it. Throws `input_invalid`, `amount_invalid`, `currency_unknown`, and `statement_invalid` for an order that is none.
 */
export const playBank: UseCase<'play-bank'> = async (deps, _actor, input) => {
  const state: BankState = input.state ?? NEW_BANK;
  const now = deps.now();
  const today = timestamp(now).slice(0, 10);
  const day = input.day ?? (today > state.day ? today : state.day);
  if (day < state.day || Number.isNaN(Date.parse(day)))
    throw new Refusal('input_invalid', {
      field: 'day',
      reason:
        state.day === '' ? 'is no day' : `must not be before ${state.day}, the day that was played last`,
    });
  const credits = (input.credits ?? []).map(({ reference, amount, debtor, debtorIban }) => ({
    iban: input.account ?? REHEARSAL_IBAN,
    entry: {
      amount: parsePositiveAmount(amount.amount, parseCurrency(amount.currency)),
      direction: 'credit' as const,
      remittance: reference,
      debtorName: debtor,
      debtorIban,
    },
  }));
  const total = credits.reduce((sum, { entry }) => sum + entry.amount.minor, 0n);
  if (total >= MOST_MINOR)
    throw new Refusal('amount_invalid', { reason: 'A bank statement has room for 18 digits.' });
  const orders: PaymentOrder[] = [];
  for (const { name, xml } of input.orders ?? []) orders.push(await orderOf(name, xml));
  return playDay({
    state,
    day,
    now: new Date(now),
    orders,
    credits,
    faults: new Set(input.faults ?? []),
    openingOf: async (iban, currency) => {
      const mirror = await balanceByName(deps.engine, clearingAccount(iban, currency).name);
      return -(mirror?.balance ?? 0n);
    },
    newMark: () => deps.newId('statement').slice(-16),
  });
};

async function orderOf(file: string, xml: string): Promise<PaymentOrder> {
  try {
    return await readPayments(bytesOf(xml));
  } catch (error) {
    if (!(error instanceof StatementError)) throw error;
    throw new Refusal('statement_invalid', { file, line: String(error.line), reason: error.reason });
  }
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

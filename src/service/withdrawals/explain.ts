import type { Output } from '../../core/contract/operations.ts';
import { kindOfId } from '../../core/contract/ids.ts';
import { formatMoney } from '../../core/money.ts';
import { labelOf } from '../bank-accounts/read-account.ts';
import { bankAccountsByIds } from '../store/bank-accounts.ts';
import type { Reader } from '../store/engine/engine.ts';
import { withdrawalsByIds } from '../store/withdrawals.ts';
import { movesOf, type Move } from './moves.ts';
import { arrivalAt } from './show.ts';

/** Why a withdrawal of this holder's is as it is; undefined for anything else. */
export async function explainWithdrawal(
  db: Reader,
  user: string,
  id: string,
): Promise<Output<'explain'> | undefined> {
  const [row] = kindOfId(id) === 'withdrawal' ? await withdrawalsByIds(db, [id]) : [];
  if (row?.userId !== user) return undefined;
  const [to] = await bankAccountsByIds(db, [row.bankAccount]);
  const { currency, state } = row;
  const money = (minor: bigint) => formatMoney({ minor, currency });
  const last = movesOf(row).at(-1);
  const arrives = to ? arrivalAt(to) : '';
  return {
    id,
    thing: 'withdrawal',
    state,
    at: last?.at ?? row.requestedAt,
    because: [
      `${money(row.amount)} goes to ${to ? labelOf(to) : 'a bank account'}; the fee is ${money(row.fee)}.`,
      SENTENCES[state]?.({ arrives, last }) ?? '',
      ...(last?.reason === undefined ? [] : [last.reason]),
      ...(state === 'returned' && row.feeRefund !== null ? ['The fee was given back, too.'] : []),
    ].filter((sentence) => sentence !== ''),
    facts: { paid: money(row.paid), fee: money(row.fee), amount: money(row.amount) },
    next:
      state === 'requested' || state === 'approved'
        ? `okpay withdraw cancel ${id}`
        : `okpay withdraw show ${id}`,
  };
}

type Known = { readonly arrives: string; readonly last: Move | undefined };

const SENTENCES: Readonly<Record<string, (known: Known) => string>> = {
  requested: () => 'The money is on hold. A person has to approve it, because of its amount.',
  approved: () =>
    'The money is on hold. It goes to the bank with the next file, and can still be called back.',
  batched: ({ arrives }) => `The money is on hold. It is in a file for the bank, and arrives ${arrives}.`,
  sent: ({ arrives }) => `The money is on hold. The bank has taken the order; it arrives ${arrives}.`,
  settled: () => 'The bank statement shows that it was paid.',
  returned: () => 'The bank paid it, and it came back: the money is yours again.',
  cancelled: () => 'It was called back before it went to the bank: the money is yours again.',
  rejected: () => 'It was not approved: the money is yours again.',
  failed: () => 'The bank did not take it: the money is yours again.',
};

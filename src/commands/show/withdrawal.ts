import type { Output } from '../../core/contract/operations.ts';
import { facts, table, type Block } from './blocks.ts';
import { isZero } from './payment.ts';
import type { Pen } from './pen.ts';

type Withdrawal = Output<'get-withdrawal'>;
type BankAccount = Output<'add-bank-account'>;

/** What a state means, in a sentence. */
const SENTENCES: Readonly<Record<Withdrawal['state'], string>> = {
  requested: 'It waits for a person to approve it. The money is on hold.',
  approved: 'It goes to the bank with the next file. The money is on hold.',
  batched: 'It is in a file for the bank. The money is on hold.',
  sent: 'The bank has taken the order. The money is on hold.',
  settled: 'The bank has paid it.',
  returned: 'The bank brought it back: the money is yours again.',
  cancelled: 'It was called back: the money is yours again.',
  rejected: 'It was not approved: the money is yours again.',
  failed: 'The bank did not take it: the money is yours again.',
};

/** `Alice Example, DE •••3000`: enough of a bank account to know it again. */
export function bankText(
  { holderName, country, ending }: Pick<BankAccount, 'holderName' | 'country' | 'ending'>,
  pen: Pen,
): string {
  return `${pen.text(holderName, 60)}, ${pen.text(country)} •••${pen.text(ending)}`;
}

/** A withdrawal whole, for its holder. */
export function withdrawalBlocks(withdrawal: Withdrawal, pen: Pen): Block[] {
  const { id, state, paid, fee, amount, to, arrives, transfer, returnedBy, feeRefund } = withdrawal;
  const isUnderWay = ['requested', 'approved', 'batched', 'sent'].includes(state);
  return [
    SENTENCES[state],
    facts(
      ['Withdrawal', pen.text(id)],
      ['State', pen.strong(state)],
      ['To', bankText(to, pen)],
      ['You pay', pen.strong(pen.money(paid))],
      ['Fee', isZero(fee) ? 'none' : pen.money(fee)],
      ['Arrives there', pen.strong(pen.money(amount))],
      ['When', isUnderWay ? pen.text(arrives, 100) : undefined],
      ['Paid by', transfer && pen.text(transfer)],
      ['Came back by', returnedBy && pen.text(returnedBy)],
      ['Fee given back by', feeRefund && pen.text(feeRefund)],
    ),
    movesTable(withdrawal.moves, pen),
  ];
}

/** What became of it, step by step. */
export function movesTable(moves: Withdrawal['moves'], pen: Pen): Block {
  return table(
    ['When', 'State', 'Why'],
    moves.map(({ at, state, reason = '' }) => [pen.time(at), state, pen.text(reason, 200)]),
    '',
  );
}

/** A bank account whole. */
export function bankAccountBlocks(account: BankAccount, pen: Pen): Block[] {
  const { id, country, currency, holderName, ending, details, nameCheck, bankSays } = account;
  return [
    facts(
      ['Bank account', pen.text(id)],
      ['In the name of', pen.text(holderName, 100)],
      ['Country', pen.text(country)],
      ['Currency', pen.text(currency)],
      ['Number', details ? undefined : `•••${pen.text(ending)}`],
      ...Object.entries(details ?? {}).map(([name, value]) => [pen.text(name), pen.text(value, 64)] as const),
      ['Name', nameText(nameCheck, bankSays, pen)],
      ['Can be used from', pen.time(account.usableFrom)],
    ),
  ];
}

function nameText(check: BankAccount['nameCheck'], says: string | undefined, pen: Pen): string | undefined {
  if (check === 'match') return 'as the bank has it';
  if (check === 'none') return undefined;
  if (check === 'unavailable') return 'could not be checked with the bank';
  return says === undefined ? 'the bank has another one' : `the bank has “${pen.text(says, 100)}”`;
}

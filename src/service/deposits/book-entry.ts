import type { Deps } from '../deps.ts';
import { findDepositReferences } from '../identity/deposit-reference.ts';
import { clearingAccount, holderAccount, suspenseAccount } from '../ledger/accounts.ts';
import { fingerprintOf } from '../ledger/fingerprint.ts';
import type { Intent } from '../ledger/intent.ts';
import { formatMinor, type Money } from '../../core/money.ts';
import type {
  Direction,
  StatementEntry,
  StatementHeader,
  StatementTransaction,
} from '../rails/statement-events.ts';

/** One movement of an entry: all of it, or one payment of a batch. */
export type Movement = {
  /** The same for the same movement in every statement that lists it. */
  readonly identity: string;
  readonly amount: Money;
  readonly direction: Direction;
  readonly bookedOn: string;
  readonly remittance: string;
  readonly counterparty: string;
  /** The deposit references in its text that check out. */
  readonly references: readonly string[];
  /** Why it cannot be a deposit whatever its text says, as a clause; undefined when it can be. */
  readonly obstacle: string | undefined;
};

/** The most of a bank's text that is kept with a transfer. */
const TEXT_LENGTH = 500;

/**
 * What an entry is to us: its movements, or why it is no money of the account at all. Only booked entries in the account's
 * own currency have moved money; pending, announced and foreign-currency ones have not. A batch is taken apart where
 * its parts add up to it; a reversal or a return never credits anybody by itself.
 */
export function movementsOf(statement: StatementHeader, entry: StatementEntry): readonly Movement[] {
  if (entry.status !== 'BOOK') return [];
  if (statement.currency !== undefined && statement.currency !== entry.amount.currency) return [];
  const { transactions } = entry;
  if (transactions.length > 1 && addUp(entry)) {
    return transactions.map((transaction, at) => ({
      ...movement(entry, [transaction], transaction.amount ?? entry.amount),
      identity: `${entry.identity}/${at + 1}`,
    }));
  }
  return [movement(entry, transactions, entry.amount)];
}

/** The parts of a batch are all told, in the entry's currency and direction, and sum to the entry. */
function addUp({ amount, direction, transactions }: StatementEntry): boolean {
  let sum = 0n;
  for (const part of transactions) {
    if (part.amount?.currency !== amount.currency || (part.direction ?? direction) !== direction)
      return false;
    if (part.amount.minor === 0n) return false;
    sum += part.amount.minor;
  }
  return sum === amount.minor;
}

function movement(entry: StatementEntry, parts: readonly StatementTransaction[], amount: Money): Movement {
  const written = parts.flatMap((part) => [
    part.remittance ?? '',
    ...part.creditorReferences,
    part.endToEndId ?? '',
  ]);
  const others = parts.map((part) => (entry.direction === 'credit' ? part.debtor : part.creditor));
  const returned = parts.find((part) => part.returnReason !== undefined);
  return {
    identity: entry.identity,
    amount,
    direction: entry.direction,
    bookedOn: entry.bookingDate ?? entry.valueDate ?? '',
    remittance: [...parts.map((part) => part.remittance), entry.information]
      .filter(Boolean)
      .join(' ')
      .slice(0, TEXT_LENGTH),
    counterparty: others
      .map((party) => [party?.name, party?.iban ?? party?.otherAccount].filter(Boolean).join(' '))
      .filter(Boolean)
      .join(', ')
      .slice(0, TEXT_LENGTH),
    references: [...new Set(written.flatMap(findDepositReferences))],
    obstacle: entry.isReversal
      ? 'it reverses an earlier entry'
      : returned
        ? `it is a returned payment (${returned.returnReason})`
        : entry.direction === 'debit'
          ? 'money left the bank account and nothing in the book explains it'
          : undefined,
  };
}

/**
 * The intent that books a movement: to the holder its reference names, or else to suspense with the reason. The key is
 * the movement's identity, owned by the bank account: whoever imports it again, nothing is booked twice.
 */
export function bookingIntent(
  { newId }: Deps,
  booking: { readonly statement: StatementHeader; readonly movement: Movement; readonly initiator: string },
  holder: { readonly id: string } | undefined,
  reason: string,
): Intent {
  const { statement, movement, initiator } = booking;
  const { minor, currency } = movement.amount;
  const bank = clearingAccount(statement.account.id, currency);
  const ours = holder ? holderAccount(holder.id, currency) : suspenseAccount(currency);
  const [from, to] = movement.direction === 'credit' ? [bank, ours] : [ours, bank];
  const { bookedOn, remittance, counterparty } = movement;
  return {
    id: newId('transfer'),
    initiator,
    key: {
      owner: `bank:${statement.account.id}`,
      key: movement.identity,
      fingerprint: fingerprintOf({ amount: `${minor} ${currency}`, direction: movement.direction }),
    },
    transfer: {
      kind: holder ? 'deposit' : 'suspense',
      from,
      to,
      paid: minor,
      fee: 0n,
      received: minor,
      details: {
        statement: statement.id.slice(0, TEXT_LENGTH),
        bookedOn,
        ...(remittance === '' ? {} : { remittance }),
        ...(counterparty === '' ? {} : { counterparty }),
        ...(holder ? { reference: movement.references[0] ?? '' } : { reason }),
      },
    },
    entries: [
      { account: from, amount: -minor },
      { account: to, amount: minor },
    ],
    events: holder
      ? [
          {
            id: newId('event'),
            kind: 'transfer.done',
            payload: { from: '', to: holder.id, amount: formatMinor(minor, currency), currency },
          },
        ]
      : [],
  };
}

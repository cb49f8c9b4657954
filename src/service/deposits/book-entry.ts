import { hash } from 'node:crypto';
import { formatMinor, MAX_MINOR, type Money } from '../../core/money.ts';
import type { Deps } from '../deps.ts';
import { findDepositReferences } from '../identity/deposit-reference.ts';
import { clearingAccount, holderAccount, suspenseAccount } from '../ledger/accounts.ts';
import { fingerprintOf } from '../ledger/fingerprint.ts';
import { bookedGuard, entryGuard } from '../ledger/guards.ts';
import type { Intent } from '../ledger/intent.ts';
import { limitGuards, type Counted } from '../limits/count.ts';
import { mayBegin } from '../restrictions/may.ts';
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
  /** The entry it is of. However the bank splits it up, no more than its total is ever booked. */
  readonly entry: { readonly identity: string; readonly total: bigint };
  readonly amount: Money;
  readonly direction: Direction;
  readonly bookedOn: string;
  readonly remittance: string;
  readonly counterparty: string;
  /** The deposit references in its text that check out. */
  readonly references: readonly string[];
  /** What the payer called it, where the bank says so of this movement alone. */
  readonly endToEndId: string | undefined;
  /** It undoes or brings back an earlier movement, for this reason where the bank gives one. */
  readonly isReturn: boolean;
  readonly returnReason: string | undefined;
  /** Why it cannot be a deposit whatever its text says, as a clause; undefined when it can be. */
  readonly obstacle: string | undefined;
};

/** The most of a bank's text that is kept with a transfer. */
const TEXT_LENGTH = 500;

/**
 * What an entry is to us: its movements, or why it is no money of the account at all. Only booked entries in the account's
 * own currency have moved money; pending, announced and foreign-currency ones have not, and neither has one of nothing. A
 * batch is taken apart where its parts add up to it; a reversal or a return never credits anybody by itself.
 */
export function movementsOf(statement: StatementHeader, entry: StatementEntry): readonly Movement[] {
  if (entry.status !== 'BOOK' || entry.amount.minor === 0n) return [];
  if (statement.currency !== undefined && statement.currency !== entry.amount.currency) return [];
  const { transactions } = entry;
  const bookedOn =
    entry.bookingDate ?? entry.valueDate ?? (statement.to ?? statement.created ?? '').slice(0, 10);
  if (transactions.length < 2) return [movement(entry, transactions, entry.amount, bookedOn)];
  if (addUp(entry)) return partsOf(entry, bookedOn);
  const whole = movement(entry, transactions, entry.amount, bookedOn);
  const obstacle = whole.obstacle ?? 'it is a batch that does not say what each payment in it is';
  return [{ ...whole, obstacle }];
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

/** Each part is known by what the bank says of it and not by its place, which may be another the next time. */
function partsOf(entry: StatementEntry, bookedOn: string): Movement[] {
  const alike = new Map<string, number>();
  return entry.transactions.map((part) => {
    const told = [
      part.amount?.minor.toString(),
      part.accountServicerReference,
      part.transactionId,
      part.endToEndId,
      part.instructionId,
      part.debtor?.iban ?? part.debtor?.otherAccount,
      part.creditor?.iban ?? part.creditor?.otherAccount,
      part.remittance?.replace(/\s+/g, ' ').trim(),
      ...part.creditorReferences,
    ];
    const digest = hash('sha256', JSON.stringify(told.map((text) => text ?? '')), 'base64url').slice(0, 22);
    const number = (alike.get(digest) ?? 0) + 1;
    alike.set(digest, number);
    return {
      ...movement(entry, [part], part.amount ?? entry.amount, bookedOn),
      identity: `${entry.identity}/${digest}_${number}`,
    };
  });
}

function movement(
  entry: StatementEntry,
  parts: readonly StatementTransaction[],
  amount: Money,
  bookedOn: string,
): Movement {
  const written = parts.flatMap((part) => [
    part.remittance ?? '',
    ...part.creditorReferences,
    part.endToEndId ?? '',
  ]);
  // Without any details the bank's own line is all the text there is.
  if (parts.length === 0) written.push(entry.information ?? '');
  const others = parts.map((part) => (entry.direction === 'credit' ? part.debtor : part.creditor));
  const returned = parts.find((part) => part.returnReason !== undefined);
  return {
    identity: entry.identity,
    entry: { identity: entry.identity, total: entry.amount.minor },
    amount,
    direction: entry.direction,
    bookedOn,
    remittance: clip([...parts.map((part) => part.remittance), entry.information].filter(Boolean).join(' ')),
    counterparty: clip(
      others
        .map((party) => [party?.name, party?.iban ?? party?.otherAccount].filter(Boolean).join(' '))
        .filter(Boolean)
        .join(', '),
    ),
    references: [...new Set(written.flatMap(findDepositReferences))],
    endToEndId: parts.length === 1 ? parts[0]?.endToEndId : undefined,
    isReturn: entry.isReversal || returned !== undefined || entry.code.subFamily === 'RRTN',
    returnReason: returned?.returnReason === undefined ? undefined : clip(returned.returnReason),
    obstacle: entry.isReversal
      ? 'it reverses an earlier entry'
      : returned
        ? `it is a returned payment (${returned.returnReason})`
        : entry.direction === 'debit'
          ? 'money left the bank account and nothing in the book explains it'
          : undefined,
  };
}

/** Text cut to what is kept, never inside a character. */
function clip(text: string): string {
  return text.length > TEXT_LENGTH ? text.slice(0, TEXT_LENGTH).toWellFormed() : text;
}

/** A movement of a statement, and who has it booked. */
export type Booking = {
  /** The bank account it is of, as our book names it, and the bank's name of the statement. */
  readonly account: string;
  readonly statement: string;
  readonly movement: Movement;
  readonly initiator: string;
};

/** Why a movement waits whose holder is kept from receiving, as a clause. */
export const RESTRICTED = 'its holder may not receive money at the moment';

/**
 * The intent that books to suspense what its holder may not receive at the moment, for a reason. It has a key of its own,
 * as the movement's is burnt by that refusal; what is booked of the entry is counted all the same.
 */
export function withheldIntent(deps: Deps, booking: Booking, reason: string): Intent {
  const intent = bookingIntent(deps, booking, undefined, reason);
  return { ...intent, key: { ...intent.key, key: `${intent.key.key} withheld` } };
}

/**
 * The intent that books a movement: to the holder its reference names, or else to suspense with the reason. The key is
 * the movement's identity, owned by the bank account: whoever imports it again, nothing is booked twice. A bank may list
 * an entry whole one day and in parts the next, so what is booked of it is counted, and never more than all of it.
 * `counted` is what it is against the limits of the holder.
 */
export function bookingIntent(
  { newId }: Deps,
  booking: Booking,
  holder: { readonly id: string; readonly counted?: readonly Counted[] } | undefined,
  reason: string,
): Intent {
  const id = newId('transfer');
  const { account, statement, movement, initiator } = booking;
  const { bookedOn, remittance, counterparty } = movement;
  const { minor, currency } = movement.amount;
  const bank = clearingAccount(account, currency);
  const ours = holder ? holderAccount(holder.id, currency) : suspenseAccount(currency);
  const [from, to] = movement.direction === 'credit' ? [bank, ours] : [ours, bank];
  return {
    id,
    initiator,
    key: {
      owner: `bank:${account}`,
      key: movement.identity,
      fingerprint: fingerprintOf({ amount: `${minor} ${currency}`, direction: movement.direction }),
    },
    guards: [
      ...(holder ? [mayBegin(ours, 'receive')] : []),
      {
        name: entryGuard(account, movement.entry.identity),
        add: minor,
        most: movement.entry.total,
        refusal: { code: 'reference_used', facts: { reference: movement.entry.identity } },
      },
      ...limitGuards(holder?.counted ?? [], id),
      {
        name: bookedGuard(account, currency, bookedOn),
        add: movement.direction === 'credit' ? minor : -minor,
        most: MAX_MINOR,
        refusal: { code: 'balance_limit', facts: {} },
      },
    ],
    transfer: {
      kind: holder ? 'deposit' : 'suspense',
      from,
      to,
      paid: minor,
      fee: 0n,
      received: minor,
      details: {
        statement: clip(statement),
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

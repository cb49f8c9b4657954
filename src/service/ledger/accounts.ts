import type { Currency } from '../../core/money.ts';
import type { AccountDraft } from '../store/engine/ledger-store.ts';

/**
 * What an account is for. A holder's account may not fall below zero; system accounts are ordinary accounts without a
 * floor: `fees` collects them, `clearing` mirrors a bank account (negative: the bank owes us), `suspense` holds what
 * nobody could be found for, `adjustments` is the other side of what staff put right by hand, `fx` is what there is of a
 * currency from changing others into it, or (negative) what is missing of it.
 */
export type AccountKind = 'holder' | 'fees' | 'clearing' | 'suspense' | 'adjustments' | 'fx';

/** A holder's account in one currency. */
export function holderAccount(user: string, currency: Currency): AccountDraft {
  return { name: `holder:${user}:${currency}`, kind: 'holder', owner: user, currency, floor: 0n };
}

/** The account that collects fees in one currency. */
export function feesAccount(currency: Currency): AccountDraft {
  return { name: `fees:${currency}`, kind: 'fees', owner: null, currency, floor: null };
}

/** The mirror of a bank account, named by its IBAN or other bank-given number. */
export function clearingAccount(bankAccount: string, currency: Currency): AccountDraft {
  return {
    name: `clearing:${bankAccount}:${currency}`,
    kind: 'clearing',
    owner: null,
    currency,
    floor: null,
  };
}

/** Where bank entries wait that no holder could be found for. */
export function suspenseAccount(currency: Currency): AccountDraft {
  return { name: `suspense:${currency}`, kind: 'suspense', owner: null, currency, floor: null };
}

/** The other side of what two members of staff give to a holder, or take from one, to put something right. */
export function adjustmentsAccount(currency: Currency): AccountDraft {
  return { name: `adjustments:${currency}`, kind: 'adjustments', owner: null, currency, floor: null };
}

/** The position in one currency: what holders gave of it for other currencies, less what they got of it. */
export function fxAccount(currency: Currency): AccountDraft {
  return { name: `fx:${currency}`, kind: 'fx', owner: null, currency, floor: null };
}

/** The account of a hold that was read from the book. */
export function heldAccount(hold: {
  accountName: string;
  kind: string;
  owner: string | null;
  currency: Currency;
  floor: bigint | null;
}): AccountDraft {
  const { accountName: name, kind, owner, currency, floor } = hold;
  return { name, kind, owner, currency, floor };
}

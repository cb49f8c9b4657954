import type { Output, Parsed } from '../../core/contract/operations.ts';
import { Refusal } from '../../core/contract/refusals.ts';
import { endOf, labelOf } from '../bank-accounts/read-account.ts';
import { timestamp, type AccountActor, type Deps } from '../deps.ts';
import { showQuote } from '../ledger/show-quote.ts';
import { makeQuote } from '../payments/make-quote.ts';
import { wantedOf } from '../payments/wanted.ts';
import { bankAccountsByIds, bankAccountsOf, type BankAccountRow } from '../store/bank-accounts.ts';
import type { Reader } from '../store/engine/engine.ts';
import { insertQuote, type QuoteRow } from '../store/quotes.ts';
import { userById } from '../store/users.ts';
import { arrivalAt } from './show.ts';

type Wish = Parsed<'create-quote'> & { readonly bankAccount: string };

/**
 * Prices a withdrawal to a bank account of the holder's, in the currency of that account, and binds the price. Throws
 * `not_found`, `bank_account_cooling`, `input_invalid` when it does not fit the account (OWASP ASVS 5.0, V2.2.3), and what
 * `makeQuote` throws.
 */
export async function quoteWithdrawal(
  deps: Deps,
  actor: AccountActor,
  wish: Wish,
): Promise<Output<'create-quote'>> {
  for (const field of ['to', 'from', 'receive'] as const)
    if (wish[field] !== undefined)
      throw new Refusal('input_invalid', { field, reason: 'does not go with a bank account' });
  const wanted = wantedOf(wish);
  const accounts = await bankAccountsOf(deps.engine, actor.user);
  const account = find(accounts, wish.bankAccount, wanted.currency);
  if (account.currency !== wanted.currency)
    throw new Refusal('input_invalid', {
      field: 'amount',
      reason: `is in ${wanted.currency}, and ${labelOf(account)} is paid in ${account.currency}`,
    });
  const at = deps.now();
  const { usableFrom } = account;
  if (timestamp(at) < usableFrom) throw new Refusal('bank_account_cooling', { usableFrom });
  const recipient = { id: actor.user, email: actor.email, displayName: actor.displayName };
  const bankAccount = { id: account.id, arrives: arrivalAt(account) };
  const quote = await makeQuote(
    deps,
    actor.user,
    { ...wanted, kind: 'withdrawal', recipient, bankAccount },
    at,
  );
  await deps.engine.transact((tx) => insertQuote(tx, quote));
  return showQuote(quote, { displayName: labelOf(account) }, undefined, timestamp(at));
}

/** The account that is meant: by its id, by the end of its number, or the only one in the currency. */
function find(accounts: readonly BankAccountRow[], named: string, currency: string): BankAccountRow {
  const end = named.replace(/\s/g, '').toUpperCase();
  const found =
    named === 'only'
      ? accounts.filter((account) => account.currency === currency)
      : accounts.filter((account) => account.id === named || endOf(account.details) === end.slice(-4));
  const [account] = found;
  if (found.length === 1 && account) return account;
  if (found.length > 1)
    throw new Refusal('input_invalid', {
      field: 'bankAccount',
      reason: `could be ${found.map(labelOf).join(' or ')}: name it by its id`,
    });
  throw new Refusal('not_found', {
    thing: named === 'only' ? 'bank account in' : 'bank account',
    id: named === 'only' ? currency : named,
  });
}

/** Whom a quote pays, for people: a holder, or a bank account. */
export async function payeeOf(
  db: Reader,
  quote: QuoteRow,
): Promise<{ id?: string; email?: string; displayName: string } | undefined> {
  if (quote.bankAccount === null) return userById(db, quote.recipient);
  const [account] = await bankAccountsByIds(db, [quote.bankAccount]);
  return account && { displayName: labelOf(account) };
}

import { Refusal } from '../../../core/contract/refusals.ts';
import { timestamp, type Deps } from '../../deps.ts';
import { fingerprintOf } from '../../ledger/fingerprint.ts';
import { doneOr, outcomeOf } from '../../ledger/outcome.ts';
import { intentByKey } from '../../ledger/read.ts';
import { holdOf, withdrawalOfHold } from '../../ledger/withdrawal-ids.ts';
import { confirm, confirmations } from '../../payments/confirm.ts';
import { bankAccountOf } from '../../store/bank-accounts.ts';
import { quoteOf, type QuoteRow } from '../../store/quotes.ts';
import { insertWithdrawal, type WithdrawalRow } from '../../store/withdrawals.ts';
import { followWithdrawal } from '../../withdrawals/follow.ts';
import { withdrawalOfHolder } from '../../withdrawals/of-holder.ts';
import { request } from '../../withdrawals/request.ts';
import type { UseCase } from '../use-case.ts';

/** When a job looks whether a call that began a withdrawal was cut short, in milliseconds: longer than any call lasts. */
const CUT_SHORT_AFTER_MS = 60_000;

/**
 * Withdraws once what a quote says: from now on the money is on hold. Throws `not_found` (no such quote for a withdrawal, or
 * its bank account was removed), `bank_account_cooling`, `quote_expired`, `quote_used`, `insufficient_funds`,
 * `account_restricted`, `idempotency_mismatch`, `intent_abandoned`, `outcome_unknown`, and above the holder's own limit
 * `second_factor_required`, `second_factor_invalid`, `too_many_attempts`.
 */
export const createWithdrawal: UseCase<'create-withdrawal'> = async (deps, actor, input, { key }) => {
  const { engine } = deps;
  const fingerprint = fingerprintOf({ operation: 'create-withdrawal', quote: input.quote });
  const known = await intentByKey(engine, actor.user, key);
  // What a key was used for stays its answer, whatever has become of what was named.
  if (known) {
    await engine.confirm();
    return answer(deps, actor.user, doneOr(outcomeOf(known, fingerprint)));
  }
  const quote = await withdrawalQuote(deps, actor.user, input.quote);
  const why = (await confirmations(engine, actor.user))(quote);
  const refusal =
    why === undefined
      ? undefined
      : await confirm(deps, { ...actor, id: actor.user }, input.code, why, 'create-withdrawal');
  if (refusal) throw refusal;
  const row = begin(deps, quote, key, fingerprint);
  await engine.transact((tx) => insertWithdrawal(tx, row));
  return answer(deps, actor.user, doneOr(await request(deps, row)));
};

/** A quote of this holder's for a withdrawal, to an account that may be withdrawn to by now. */
async function withdrawalQuote({ engine, now }: Deps, user: string, id: string): Promise<QuoteRow> {
  const quote = await quoteOf(engine, user, id);
  if (quote?.kind !== 'withdrawal' || quote.bankAccount === null)
    throw new Refusal('not_found', { thing: 'quote for a withdrawal', id });
  const account = await bankAccountOf(engine, user, quote.bankAccount);
  if (!account) throw new Refusal('not_found', { thing: 'bank account', id: quote.bankAccount });
  const { usableFrom } = account;
  if (timestamp(now()) < usableFrom) throw new Refusal('bank_account_cooling', { usableFrom });
  return quote;
}

/** Written before the money is asked for: what is cut short in between is gone on with by a job. */
function begin(
  { newId, now }: Deps,
  quote: QuoteRow,
  key: string,
  fingerprint: string,
): Parameters<typeof insertWithdrawal>[1] & WithdrawalRow {
  const id = newId('withdrawal');
  const at = now();
  const { owner, bankAccount, currency, paid, fee, received } = quote;
  return {
    id,
    userId: owner,
    bankAccount: bankAccount ?? '',
    currency,
    paid,
    fee,
    amount: received,
    quote: quote.id,
    key,
    fingerprint,
    hold: holdOf(id),
    state: 'begun',
    moves: '[]',
    ending: null,
    approval: null,
    batch: null,
    transfer: null,
    returnedBy: null,
    feeRefund: null,
    earlyReturn: null,
    requestedAt: timestamp(at),
    dueAt: timestamp(at + CUT_SHORT_AFTER_MS),
  };
}

/** The withdrawal that was made under a key: by this call, or by an earlier one that may have been cut short. */
async function answer(deps: Deps, user: string, hold: string) {
  const id = withdrawalOfHold(hold);
  await followWithdrawal(deps, id);
  return withdrawalOfHolder(deps.engine, user, id);
}

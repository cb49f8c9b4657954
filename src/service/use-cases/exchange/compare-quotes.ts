import { Refusal } from '../../../core/contract/refusals.ts';
import { parseCurrency, parsePositiveAmount } from '../../../core/money.ts';
import { timestamp } from '../../deps.ts';
import { balancesOf } from '../../ledger/read.ts';
import { costOf, showQuote } from '../../ledger/show-quote.ts';
import { makeQuote } from '../../payments/make-quote.ts';
import { recipientOf } from '../../payments/recipient-of.ts';
import { insertQuote, type QuoteRow } from '../../store/quotes.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Prices one amount that is to arrive from each currency the holder has an open account in, and binds each price: any one of
 * the quotes can be paid. Where there is none it says why. What can be paid comes first, and of that what
 * costs least against the middle of the market. Throws as create-quote does where no currency matters.
 */
export const compareQuotes: UseCase<'compare-quotes'> = async (deps, actor, input) => {
  const { engine, now } = deps;
  const { minor, currency: receiveCurrency } = parsePositiveAmount(
    input.amount.amount,
    parseCurrency(input.amount.currency),
  );
  const { kind, recipient } = await recipientOf(engine, actor, input.to);
  const accounts = (await balancesOf(engine, actor.user)).filter(
    ({ closed, currency }) => closed === 0n && (kind === 'transfer' || currency !== receiveCurrency),
  );
  const at = now();
  const tried = await Promise.all(
    accounts.map(async ({ currency }) => {
      const wanted = { minor, feeFrom: 'sender', currency, receiveCurrency, kind, recipient } as const;
      try {
        return await makeQuote(deps, actor.user, wanted, at);
      } catch (error) {
        if (error instanceof Refusal) return { currency, code: error.code, reason: error.message };
        throw error;
      }
    }),
  );
  const rows = tried.filter((each) => 'id' in each);
  await engine.transact(async (tx) => {
    for (const row of rows) await insertQuote(tx, row);
  });
  const quotes = rows
    .toSorted((one, other) => lacks(one) - lacks(other) || byCost(one, other))
    .map((row) => showQuote(row, recipient, undefined, timestamp(at)));
  return { quotes, others: tried.filter((each) => 'code' in each) };
};

/** Whether there is too little to pay it from. */
function lacks({ warnings }: QuoteRow): number {
  return warnings.includes('insufficient_funds') ? 1 : 0;
}

/** By what they cost, as parts of what is paid. */
function byCost(one: QuoteRow, other: QuoteRow): number {
  return Number(costOf(one) * other.paid - costOf(other) * one.paid);
}

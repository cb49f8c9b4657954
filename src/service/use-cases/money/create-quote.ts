import { Refusal } from '../../../core/contract/refusals.ts';
import { formatMoney, parseCurrency, parsePositiveAmount, type Money } from '../../../core/money.ts';
import { timestamp, type Deps } from '../../deps.ts';
import { findRecipient, type Recipient } from '../../identity/find-recipient.ts';
import { looksAlike } from '../../identity/look-alike.ts';
import { pairGuard } from '../../ledger/guards.ts';
import { balancesOf, guardByName } from '../../ledger/read.ts';
import { showQuote } from '../../ledger/show-quote.ts';
import { price, schedule } from '../../payments/price.ts';
import { payeesOf } from '../../store/payees.ts';
import { insertQuote, type QuoteRow } from '../../store/quotes.ts';
import type { UseCase } from '../use-case.ts';

/** How long a quote for a payment between people binds, in milliseconds. */
export const TRANSFER_QUOTE_LIFE_MS = 5 * 60_000;

type Warning = { code: 'first_payment' | 'similar_payee' | 'insufficient_funds'; text: string };

/**
 * Prices a payment and binds the price: what the sender pays, the fee, what the recipient gets. `feeFrom` says who
 * bears the fee: the sender (on top of the amount, the default) or the recipient (out of it). Nothing is reserved.
 */
export const createQuote: UseCase<'create-quote'> = async (deps, actor, input) => {
  const { engine, now } = deps;
  const amount = parsePositiveAmount(input.amount.amount, parseCurrency(input.amount.currency));
  const recipient = await findRecipient(engine, actor.user, input.to);
  if (recipient.id === actor.user) throw new Refusal('recipient_is_self');
  const at = now();
  const feeFrom = input.feeFrom ?? 'sender';
  const feeRuleOf = await schedule(engine, [amount.currency], timestamp(at));
  const { paid, fee, received } = price(amount, feeFrom, feeRuleOf(amount.currency));
  const quote: QuoteRow = {
    id: deps.newId('quote'),
    owner: actor.user,
    kind: 'transfer',
    recipient: recipient.id,
    feeFrom,
    currency: amount.currency,
    paid,
    fee,
    received,
    warnings: JSON.stringify(
      await warningsFor(deps, actor.user, recipient, { minor: paid, currency: amount.currency }),
    ),
    createdAt: timestamp(at),
    expiresAt: timestamp(at + TRANSFER_QUOTE_LIFE_MS),
  };
  await engine.transact((tx) => insertQuote(tx, quote));
  return showQuote(quote, recipient, undefined, timestamp(at));
};

/** What a careful person would want to know before paying. */
async function warningsFor({ engine }: Deps, owner: string, to: Recipient, paid: Money): Promise<Warning[]> {
  const warnings: Warning[] = [];
  const paidBefore = await guardByName(engine, pairGuard(owner, to.id));
  if (!paidBefore) {
    warnings.push({ code: 'first_payment', text: `You have never paid ${to.email} before.` });
    const payees = await payeesOf(engine, owner);
    const similar = payees.find(({ recipient, email }) => recipient !== to.id && looksAlike(email, to.email));
    if (similar) {
      const text = `${to.email} looks like your payee “${similar.name}” (${similar.email}) but is somebody else.`;
      warnings.push({ code: 'similar_payee', text });
    }
  }
  const account = (await balancesOf(engine, owner)).find(({ currency }) => currency === paid.currency);
  const available = account ? account.balance - account.held : 0n;
  if (available < paid.minor) {
    const have = formatMoney({ minor: available, currency: paid.currency });
    warnings.push({
      code: 'insufficient_funds',
      text: `This takes ${formatMoney(paid)} and ${have} is available now.`,
    });
  }
  return warnings;
}

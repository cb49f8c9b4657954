import { formatMoney, type Currency, type Money } from '../../core/money.ts';
import { timestamp, type Deps } from '../deps.ts';
import type { Recipient } from '../identity/find-recipient.ts';
import { looksAlike } from '../identity/look-alike.ts';
import { pairGuard } from '../ledger/guards.ts';
import { balancesOf, guardByName } from '../ledger/read.ts';
import { exchangeAt } from '../rates-of-exchange/exchange.ts';
import { writeFraction } from '../rates-of-exchange/fraction.ts';
import { payeesOf } from '../store/payees.ts';
import type { QuoteKind, QuoteRow } from '../store/quotes.ts';
import { feeKindsOf, price, schedule, type Price, type Wanted } from './price.ts';

/** How long a quote binds, in milliseconds: shorter where a rate of exchange is bound with it. */
export const TRANSFER_QUOTE_LIFE_MS = 5 * 60_000;
export const EXCHANGE_QUOTE_LIFE_MS = 2 * 60_000;
export const WITHDRAWAL_QUOTE_LIFE_MS = 30 * 60_000;

type Warning = { code: 'first_payment' | 'similar_payee' | 'insufficient_funds'; text: string };

/** What is to be quoted: to whom, or to the owner for a conversion, or for a withdrawal, which goes to a bank account. */
export type Quoted = Wanted & {
  readonly kind: QuoteKind;
  readonly recipient: Recipient;
  readonly bankAccount?: { readonly id: string; readonly arrives: string };
};

/**
 * Prices what is wanted at an instant (Unix milliseconds) by the fees and, between two currencies, the rate in force, and
 * binds the price. Nothing is written or reserved. Throws as `price` and `exchangeAt` do.
 */
export async function makeQuote(deps: Deps, owner: string, quoted: Quoted, atMs: number): Promise<QuoteRow> {
  const { engine } = deps;
  const { kind, recipient, feeFrom, currency, receiveCurrency } = quoted;
  const at = timestamp(atMs);
  const kinds = feeKindsOf(quoted);
  const [ruleOf, exchange] = await Promise.all([
    schedule(engine, kinds, [currency], at),
    currency === receiveCurrency ? undefined : exchangeAt(engine, currency, receiveCurrency, at),
  ]);
  const priced = price(
    quoted,
    kinds.map((each) => ruleOf(each, currency)),
    exchange,
  );
  const life =
    kind === 'withdrawal'
      ? WITHDRAWAL_QUOTE_LIFE_MS
      : exchange
        ? EXCHANGE_QUOTE_LIFE_MS
        : TRANSFER_QUOTE_LIFE_MS;
  return {
    id: deps.newId('quote'),
    owner,
    kind,
    recipient: recipient.id,
    feeFrom,
    ...columnsOf(priced),
    arrives: quoted.bankAccount?.arrives ?? 'at once',
    bankAccount: quoted.bankAccount?.id ?? null,
    warnings: JSON.stringify(await warningsFor(deps, owner, recipient, { minor: priced.paid, currency })),
    createdAt: at,
    expiresAt: timestamp(atMs + life),
  };
}

/** A price as the columns of a quote. */
function columnsOf({ fees, exchange, ...figures }: Price) {
  return {
    ...figures,
    fees: JSON.stringify(fees.map(({ kind, minor }) => ({ kind, minor: String(minor) }))),
    rate: exchange ? writeFraction(exchange.rate) : null,
    spread: exchange?.spread ?? null,
    rateSource: exchange?.source ?? null,
    rateAt: exchange?.at ?? null,
  };
}

/** What a careful person would want to know before paying. */
async function warningsFor({ engine }: Deps, owner: string, to: Recipient, paid: Money): Promise<Warning[]> {
  const warnings: Warning[] = [];
  const paidBefore = to.id === owner || (await guardByName(engine, pairGuard(owner, to.id)));
  if (!paidBefore) {
    warnings.push({ code: 'first_payment', text: `You have never paid ${to.email} before.` });
    const payees = await payeesOf(engine, owner);
    const similar = payees.find(({ recipient, email }) => recipient !== to.id && looksAlike(email, to.email));
    if (similar) {
      const text = `${to.email} looks like your payee “${similar.name}” (${similar.email}) but is somebody else.`;
      warnings.push({ code: 'similar_payee', text });
    }
  }
  const available = await availableIn(engine, owner, paid.currency);
  if (available < paid.minor) {
    const have = formatMoney({ minor: available, currency: paid.currency });
    warnings.push({
      code: 'insufficient_funds',
      text: `This takes ${formatMoney(paid)} and ${have} is available now.`,
    });
  }
  return warnings;
}

async function availableIn(db: Deps['engine'], owner: string, currency: Currency): Promise<bigint> {
  const account = (await balancesOf(db, owner)).find((row) => row.currency === currency);
  return account ? account.balance - account.held : 0n;
}

import { Refusal } from '../../../core/contract/refusals.ts';
import { formatMinor, formatMoney, parseAmount, toWire } from '../../../core/money.ts';
import { timestamp, type Deps } from '../../deps.ts';
import { feesAccount, holderAccount } from '../../ledger/accounts.ts';
import { fingerprintOf } from '../../ledger/fingerprint.ts';
import { pairGuard, quoteGuard } from '../../ledger/guards.ts';
import type { Intent } from '../../ledger/intent.ts';
import { checkKept } from '../../ledger/kept-text.ts';
import { doneOr, outcomeOf } from '../../ledger/outcome.ts';
import { balanceAfter, intentByKey, transferById } from '../../ledger/read.ts';
import { showTransfer } from '../../ledger/show-transfer.ts';
import { quoteOf, type QuoteRow } from '../../store/quotes.ts';
import { userById } from '../../store/users.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Pays exactly what a quote says, once. Throws `not_found` (no such quote of yours), `fee_above_maximum`,
 * `quote_expired`, `quote_used`, `insufficient_funds`, `idempotency_mismatch`, `intent_abandoned`, `outcome_unknown`.
 * With `dryRun` everything is decided under lock and nothing is written.
 */
export const createTransfer: UseCase<'create-transfer'> = async (deps, actor, input, { key }) => {
  checkKept('note', input.note);
  const fingerprint = fingerprintOf({
    operation: 'create-transfer',
    quote: input.quote,
    note: input.note,
    maximumFee: input.maximumFee,
  });
  // The key answers first: what it was used for stays its answer, whatever has become of the quote since.
  const known = await intentByKey(deps.engine, actor.user, key);
  if (known) return readTransfer(deps, actor.user, doneOr(outcomeOf(known, fingerprint)));
  const quote = await quoteOf(deps.engine, actor.user, input.quote);
  if (!quote) throw new Refusal('not_found', { thing: 'quote', id: input.quote });
  checkMaximumFee(quote, input.maximumFee);
  const intent = transferIntent(deps, quote, { owner: actor.user, key, fingerprint }, input);
  const outcome = await deps.poster.post(intent);
  if (input.dryRun && outcome.state !== 'mismatch' && !outcome.replayed) {
    // Nothing was recorded that could be asked about under an id.
    if (outcome.state === 'refused') throw new Refusal(outcome.refusal.code, outcome.refusal.facts);
    return preview(deps, quote, intent);
  }
  return readTransfer(deps, actor.user, doneOr(outcome));
};

function checkMaximumFee({ fee, currency }: QuoteRow, maximumFee: string | undefined): void {
  if (maximumFee === undefined) return;
  const maximum = parseAmount(maximumFee, currency);
  if (fee > maximum.minor) {
    const facts = { fee: formatMoney({ minor: fee, currency }), maximum: formatMoney(maximum) };
    throw new Refusal('fee_above_maximum', facts);
  }
}

/** All that a payment by this quote will write. */
export function transferIntent(
  deps: Pick<Deps, 'newId'>,
  quote: QuoteRow,
  key: Intent['key'],
  input: { note?: string | undefined; dryRun?: boolean | undefined },
): Intent {
  const { currency, paid, fee, received } = quote;
  const from = holderAccount(quote.owner, currency);
  const to = holderAccount(quote.recipient, currency);
  return {
    id: deps.newId('transfer'),
    initiator: quote.owner,
    key,
    notAfter: {
      at: quote.expiresAt,
      refusal: { code: 'quote_expired', facts: { expiresAt: quote.expiresAt } },
    },
    guards: [
      {
        name: quoteGuard(quote.id),
        add: 1n,
        most: 1n,
        refusal: { code: 'quote_used', facts: { quote: quote.id } },
      },
      {
        name: pairGuard(quote.owner, quote.recipient),
        add: 1n,
        most: 2n ** 62n,
        refusal: { code: 'balance_limit', facts: {} },
      },
    ],
    transfer: {
      kind: 'transfer',
      from,
      to,
      paid,
      fee,
      received,
      quote: quote.id,
      ...(input.note === undefined ? {} : { note: input.note }),
    },
    entries: [
      { account: from, amount: -paid },
      { account: to, amount: received },
      ...(fee === 0n ? [] : [{ account: feesAccount(currency), amount: fee }]),
    ],
    events: [
      {
        id: deps.newId('event'),
        kind: 'transfer.done',
        payload: {
          from: quote.owner,
          to: quote.recipient,
          amount: formatMinor(received, currency),
          currency,
        },
      },
    ],
    ...(input.dryRun ? { dryRun: true } : {}),
  };
}

async function readTransfer({ engine }: Deps, viewer: string, id: string) {
  const transfer = await transferById(engine, id);
  if (!transfer) throw new Refusal('unexpected');
  return showTransfer(transfer, viewer, await balanceAfter(engine, transfer.fromAccount, id));
}

/** What the transfer would look like: decided, but with an id that nothing has. */
async function preview({ engine, now }: Deps, quote: QuoteRow, intent: Intent) {
  const [from, to] = await Promise.all([quote.owner, quote.recipient].map((id) => userById(engine, id)));
  const { paid, fee, received, currency } = quote;
  return {
    id: intent.id,
    kind: 'transfer' as const,
    state: 'dry_run' as const,
    at: timestamp(now()),
    from: { id: quote.owner, name: from?.displayName ?? '', email: from?.email ?? '' },
    to: { id: quote.recipient, name: to?.displayName ?? '', email: to?.email ?? '' },
    direction: 'out' as const,
    paid: toWire(paid, currency),
    fee: toWire(fee, currency),
    received: toWire(received, currency),
    ...(intent.transfer?.note === undefined ? {} : { note: intent.transfer.note }),
    quote: quote.id,
  };
}

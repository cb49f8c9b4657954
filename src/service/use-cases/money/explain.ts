import type { Output } from '../../../core/contract/operations.ts';
import { Refusal } from '../../../core/contract/refusals.ts';
import { kindOfId } from '../../../core/contract/ids.ts';
import { formatMoney, isCurrency, parseAmount } from '../../../core/money.ts';
import { timestamp, type Deps, type AccountActor } from '../../deps.ts';
import { quoteGuard, restrictionGuard, reversalGuard, suspenseGuard } from '../../ledger/guards.ts';
import type { RefusalDraft } from '../../ledger/intent.ts';
import { costOf } from '../../ledger/show-quote.ts';
import {
  balancesOf,
  guardByName,
  holdById,
  intentByKey,
  refusedById,
  transferById,
  type IntentRow,
  type TransferView,
} from '../../ledger/read.ts';
import { leftNow } from '../../limits/left.ts';
import { givenRate } from '../../rates-of-exchange/exchange.ts';
import { decimalOf, readFraction } from '../../rates-of-exchange/fraction.ts';
import { quoteOf, type QuoteRow } from '../../store/quotes.ts';
import type { UseCase } from '../use-case.ts';

type Explanation = Output<'explain'>;

/**
 * Says why a thing of the holder's is as it is: the rule that decided, the figures, what unblocks it and the next
 * command. Takes the id of a transfer, a refused attempt, a quote or a hold, or an Idempotency-Key.
 */
export const explain: UseCase<'explain'> = async (deps, actor, { id }) => {
  const found =
    (await explainTransfer(deps, actor, id)) ??
    (await explainRefusal(deps, await refusedById(deps.engine, actor.user, id))) ??
    (await explainQuote(deps, actor, id)) ??
    (await explainHold(deps, actor, id)) ??
    (await explainKey(deps, actor, id));
  if (!found) throw new Refusal('not_found', { thing: kindOfId(id) ?? 'transfer, quote, hold or key', id });
  return found;
};

async function explainTransfer(
  { engine }: Deps,
  actor: AccountActor,
  id: string,
): Promise<Explanation | undefined> {
  const transfer = kindOfId(id) === 'transfer' ? await transferById(engine, id) : undefined;
  if (!transfer) return undefined;
  const mine = [transfer.fromOwner, transfer.toOwner].includes(actor.user);
  // What belongs to no holder, such as an entry in suspense, any staff may ask about.
  const isNobodys = transfer.fromOwner === null && transfer.toOwner === null;
  if (!mine && !(isNobodys && actor.role !== undefined)) return undefined;
  return {
    id,
    thing: transfer.kind,
    state: 'done',
    at: transfer.at,
    because: await sentencesOf(engine, transfer, actor.user),
    facts: {
      paid: formatMoney({ minor: transfer.paid, currency: transfer.fromCurrency }),
      fee: formatMoney({ minor: transfer.fee, currency: transfer.fromCurrency }),
      received: formatMoney({ minor: transfer.received, currency: transfer.toCurrency }),
    },
    next: `okpay show ${id}`,
  };
}

async function sentencesOf(engine: Deps['engine'], t: TransferView, viewer: string): Promise<string[]> {
  const received = formatMoney({ minor: t.received, currency: t.toCurrency });
  if (t.kind === 'deposit') {
    return [
      `The bank statement carried the deposit reference of ${t.toOwnerName}, so ${received} was credited.`,
    ];
  }
  if (t.kind === 'assignment') {
    return [
      `A member of staff found that this bank entry belongs to ${t.toOwnerName} and assigned ${received}.`,
    ];
  }
  if (t.kind === 'suspense') {
    const { reason = 'no holder was found for it' } = JSON.parse(t.details ?? '{}') as { reason?: string };
    const assigned = await guardByName(engine, suspenseGuard(t.id));
    return assigned
      ? [`This bank entry went to suspense: ${reason}.`, `It was assigned by ${assigned.changedBy}.`]
      : [`This bank entry waits in suspense: ${reason}.`];
  }
  if (t.kind === 'adjustment') {
    return [
      t.toOwner === null
        ? `Two members of staff put something right by hand: ${received} was taken from ${t.fromOwnerName}.`
        : `Two members of staff put something right by hand: ${received} was given to ${t.toOwnerName}.`,
    ];
  }
  if (t.kind === 'reversal') {
    const { reverses = '?' } = JSON.parse(t.details ?? '{}') as { reverses?: string };
    return [
      `Two members of staff had ${received} of the payment ${reverses} moved back from ${t.fromOwnerName} to ${t.toOwnerName}.`,
    ];
  }
  const paid = formatMoney({ minor: t.paid, currency: t.fromCurrency });
  const fee = formatMoney({ minor: t.fee, currency: t.fromCurrency });
  const rate = t.toOwner === viewer && t.fromOwner !== viewer ? [] : await rateOf(engine, t);
  if (t.kind === 'conversion')
    return [
      `${t.fromOwnerName} changed ${paid} into ${received}; the fee was ${fee}.`,
      ...rate,
      whereFrom(t),
      'It is final: to change it back is another conversion, at the rate of then.',
    ];
  return [
    `${t.fromOwnerName} paid ${paid}; ${t.toOwnerName} got ${received}; the fee was ${fee}.`,
    ...rate,
    ...(t.toOwner === viewer ? [] : [whereFrom(t)]),
    'It is final: money that was sent comes back only when the recipient sends it back.',
    ...(await reversedOf(engine, t)),
  ];
}

/** At which rate it was exchanged, by its quote: that is kept for a while only. */
async function rateOf(engine: Deps['engine'], t: TransferView): Promise<string[]> {
  if (t.fromCurrency === t.toCurrency || t.quote === null) return [];
  const quote = await quoteOf(engine, t.initiator, t.quote);
  return quote ? sentencesOfRate(quote) : [];
}

/** How one currency was changed into the other, and what that cost. */
function sentencesOfRate(quote: QuoteRow): string[] {
  const { currency, receiveCurrency, rate, spread, rateSource, rateAt } = quote;
  if (rate === null || spread === null) return [];
  const given = decimalOf(givenRate({ rate: readFraction(rate), spread }));
  const cost = formatMoney({ minor: costOf(quote), currency });
  return [
    `The rate was 1 ${currency} = ${given} ${receiveCurrency}: the mid-market rate of ${decimalOf(readFraction(rate))} (${rateSource}, ${rateAt}) less a spread of ${spread} hundredths of a percent.`,
    `Against the mid-market rate all of it cost ${cost}, fees included.`,
  ];
}

/** How much of a payment staff had moved back since. */
async function reversedOf(engine: Deps['engine'], { id, toCurrency }: TransferView): Promise<string[]> {
  const reversed = await guardByName(engine, reversalGuard(id));
  if (!reversed || reversed.value === 0n) return [];
  const amount = formatMoney({ minor: reversed.value, currency: toCurrency });
  return [`But staff had ${amount} of it moved back, the last time by ${reversed.changedBy}.`];
}

function whereFrom({ quote, at }: TransferView): string {
  return quote === null
    ? `It was paid without a quote: the fee is by the schedule of ${at}.`
    : `These are exactly the figures of the quote ${quote}, which was used for this and for nothing else.`;
}

async function explainRefusal(
  { engine, now }: Deps,
  intent: IntentRow | undefined,
): Promise<Explanation | undefined> {
  if (!intent || intent.refusal === null) return undefined;
  const { code, facts } = JSON.parse(intent.refusal) as RefusalDraft;
  const refusal = new Refusal(code, facts, intent.id);
  const funds = code === 'insufficient_funds' ? await fundsNow(engine, intent.owner, facts) : undefined;
  const restricted =
    code === 'account_restricted' ? await restrictedNow(engine, intent.owner, facts) : undefined;
  const limited =
    code === 'limit_exceeded' ? await leftNow(engine, intent.owner, facts, timestamp(now())) : undefined;
  const isOver = funds?.areEnough === true || restricted?.isOver === true || limited?.isOver === true;
  const next = isOver ? 'okpay send' : refusal.next;
  return {
    id: intent.id,
    thing: 'refused payment',
    state: 'refused',
    at: intent.at,
    because: [
      refusal.message,
      'Nothing moved, and this attempt can never be paid later: its key is used up.',
      ...(funds ? [funds.sentence] : []),
      ...(restricted ? [restricted.sentence] : []),
      ...(limited ? [limited.sentence] : []),
    ],
    facts: { rule: code, ...facts },
    ...(next === undefined ? {} : { next }),
  };
}

/** Whether the account is still kept from what was refused then. Why it is, staff say. */
async function restrictedNow(
  engine: Deps['engine'],
  owner: string,
  { capability = '' }: RefusalDraft['facts'],
): Promise<{ isOver: boolean; sentence: string }> {
  const guard = await guardByName(engine, restrictionGuard(owner, capability));
  return guard && guard.value > 0n
    ? { isOver: false, sentence: 'The account is still restricted: ask support what it takes.' }
    : { isOver: true, sentence: 'The account is not restricted any more: try it again.' };
}

/** Whether what was missing then is there now. */
async function fundsNow(
  engine: Deps['engine'],
  owner: string,
  { needed = '' }: RefusalDraft['facts'],
): Promise<{ areEnough: boolean; sentence: string } | undefined> {
  const [amount = '', currency = ''] = needed.split(' ');
  if (!isCurrency(currency)) return undefined;
  const account = (await balancesOf(engine, owner)).find((row) => row.currency === currency);
  const available = account ? account.balance - account.held : 0n;
  const now = `Available now: ${formatMoney({ minor: available, currency })}.`;
  return available >= parseAmount(amount, currency).minor
    ? { areEnough: true, sentence: `${now} That is enough: send it again.` }
    : { areEnough: false, sentence: `${now} It needs ${needed}: pay money in, or send less.` };
}

async function explainQuote(
  { engine, now }: Deps,
  actor: AccountActor,
  id: string,
): Promise<Explanation | undefined> {
  const quote = await quoteOf(engine, actor.user, id);
  if (!quote) return undefined;
  const facts = {
    youPay: formatMoney({ minor: quote.paid, currency: quote.currency }),
    fee: formatMoney({ minor: quote.fee, currency: quote.currency }),
    theyGet: formatMoney({ minor: quote.received, currency: quote.receiveCurrency }),
    expiresAt: quote.expiresAt,
  };
  const about = { id, thing: 'quote', at: quote.createdAt, facts };
  const verb = quote.kind === 'conversion' ? 'convert' : 'send';
  const used = await guardByName(engine, quoteGuard(id));
  if (used) {
    const because = [`It was used by ${used.changedBy}: a quote pays once.`, ...sentencesOfRate(quote)];
    return { ...about, state: 'used', because, next: `okpay show ${used.changedBy}` };
  }
  if (timestamp(now()) > quote.expiresAt) {
    const because = [`It bound its price until ${quote.expiresAt} and nothing was paid with it.`];
    return { ...about, state: 'expired', because, next: `okpay ${verb}` };
  }
  const because = [
    `It binds its price until ${quote.expiresAt}. Nothing is reserved and nothing has moved yet.`,
    ...sentencesOfRate(quote),
  ];
  const next = `okpay ${verb} --quote ${id}`;
  return { ...about, state: 'open', because, next };
}

async function explainHold(
  { engine }: Deps,
  actor: AccountActor,
  id: string,
): Promise<Explanation | undefined> {
  const hold = kindOfId(id) === 'hold' ? await holdById(engine, id) : undefined;
  if (hold?.owner !== actor.user) return undefined;
  const amount = isCurrency(hold.currency)
    ? formatMoney({ minor: hold.amount, currency: hold.currency })
    : '';
  const until = hold.expiresAt === null ? 'until it is resolved' : `until ${hold.expiresAt} at the latest`;
  const because =
    hold.state === 'pending'
      ? [`${amount} is held ${until}, because: ${hold.reason}.`]
      : [`${amount} was held because: ${hold.reason}. It was ${hold.state} at ${hold.resolvedAt}.`];
  return { id, thing: 'hold', state: hold.state, at: hold.createdAt, because, facts: { amount } };
}

async function explainKey(deps: Deps, actor: AccountActor, key: string): Promise<Explanation | undefined> {
  const intent = await intentByKey(deps.engine, actor.user, key);
  if (!intent) return undefined;
  await deps.engine.confirm();
  return intent.refusal === null ? explainTransfer(deps, actor, intent.id) : explainRefusal(deps, intent);
}

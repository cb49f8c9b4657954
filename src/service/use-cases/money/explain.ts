import type { Output } from '../../../core/contract/operations.ts';
import { Refusal } from '../../../core/contract/refusals.ts';
import { kindOfId } from '../../../core/contract/ids.ts';
import { formatMoney, isCurrency, parseAmount } from '../../../core/money.ts';
import { timestamp, type Deps, type AccountActor } from '../../deps.ts';
import { quoteGuard, restrictionGuard, reversalGuard, suspenseGuard } from '../../ledger/guards.ts';
import type { RefusalDraft } from '../../ledger/intent.ts';
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
import { withdrawalOfHold } from '../../ledger/withdrawal-ids.ts';
import { quoteOf } from '../../store/quotes.ts';
import { explainWithdrawal } from '../../withdrawals/explain.ts';
import type { UseCase } from '../use-case.ts';

type Explanation = Output<'explain'>;

/**
 * Says why a thing of the holder's is as it is: the rule that decided, the figures, what unblocks it and the next
 * command. Takes the id of a transfer, a withdrawal, a refused attempt, a quote or a hold, or an Idempotency-Key.
 */
export const explain: UseCase<'explain'> = async (deps, actor, { id }) => {
  const found =
    (await explainWithdrawal(deps.engine, actor.user, id)) ??
    (await explainTransfer(deps, actor, id)) ??
    (await explainRefusal(deps, await refusedById(deps.engine, actor.user, id))) ??
    (await explainQuote(deps, actor, id)) ??
    (await explainHold(deps, actor, id)) ??
    (await explainKey(deps, actor, id));
  if (!found)
    throw new Refusal('not_found', { thing: kindOfId(id) ?? 'transfer, withdrawal, quote, hold or key', id });
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
  const { withdrawal } = JSON.parse(t.details ?? '{}') as { withdrawal?: string };
  if (t.kind === 'return')
    return [`The bank brought ${received} of the withdrawal ${withdrawal} back, so it is yours again.`];
  if (t.kind === 'fee-refund')
    return [`The withdrawal ${withdrawal} came back, so its fee of ${received} was given back.`];
  if (t.kind === 'withdrawal')
    return [
      `A bank statement showed that ${received} of the withdrawal ${withdrawal} left for the bank account.`,
      `These are exactly the figures of the quote ${t.quote}, which was used for this and for nothing else.`,
    ];
  const paid = formatMoney({ minor: t.paid, currency: t.fromCurrency });
  const fee = formatMoney({ minor: t.fee, currency: t.fromCurrency });
  return [
    `${t.fromOwnerName} paid ${paid}; ${t.toOwnerName} got ${received}; the fee was ${fee}.`,
    ...(t.toOwner === viewer ? [] : [whereFrom(t)]),
    'It is final: money that was sent comes back only when the recipient sends it back.',
    ...(await reversedOf(engine, t)),
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
  { engine }: Deps,
  intent: IntentRow | undefined,
): Promise<Explanation | undefined> {
  if (!intent || intent.refusal === null) return undefined;
  const { code, facts } = JSON.parse(intent.refusal) as RefusalDraft;
  const refusal = new Refusal(code, facts, intent.id);
  const funds = code === 'insufficient_funds' ? await fundsNow(engine, intent.owner, facts) : undefined;
  const restricted =
    code === 'account_restricted' ? await restrictedNow(engine, intent.owner, facts) : undefined;
  const next = funds?.areEnough || restricted?.isOver ? 'okpay send' : refusal.next;
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
  const used = await guardByName(engine, quoteGuard(id));
  if (used) {
    const isHold = kindOfId(used.changedBy) === 'hold';
    const by = isHold ? withdrawalOfHold(used.changedBy) : used.changedBy;
    const because = [`It was used by ${by}: a quote pays once.`];
    return {
      ...about,
      state: 'used',
      because,
      next: isHold ? `okpay withdraw show ${by}` : `okpay show ${by}`,
    };
  }
  if (timestamp(now()) > quote.expiresAt) {
    const because = [`It bound its price until ${quote.expiresAt} and nothing was paid with it.`];
    return { ...about, state: 'expired', because, next: 'okpay send' };
  }
  const because = [
    `It binds its price until ${quote.expiresAt}. Nothing is reserved and nothing has moved yet.`,
  ];
  return { ...about, state: 'open', because, next: `okpay send --quote ${id}` };
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
  if (intent.refusal !== null) return explainRefusal(deps, intent);
  return kindOfId(intent.id) === 'hold'
    ? explainWithdrawal(deps.engine, actor.user, withdrawalOfHold(intent.id))
    : explainTransfer(deps, actor, intent.id);
}

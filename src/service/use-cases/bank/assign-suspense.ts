import { Refusal } from '../../../core/contract/refusals.ts';
import { formatMinor } from '../../../core/money.ts';
import { timestamp } from '../../deps.ts';
import { findRecipient } from '../../identity/find-recipient.ts';
import { holderAccount, suspenseAccount } from '../../ledger/accounts.ts';
import { fingerprintOf } from '../../ledger/fingerprint.ts';
import { claimGuard, suspenseGuard } from '../../ledger/guards.ts';
import { doneOr } from '../../ledger/outcome.ts';
import { guardByName, transferById } from '../../ledger/read.ts';
import { showTransfer } from '../../ledger/show-transfer.ts';
import { checkLimits, countMoves, limitGuards, type Move } from '../../limits/count.ts';
import { mayBegin } from '../../restrictions/may.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Gives a credit that waits in suspense to the holder it belongs to, once, with the reason kept.
 * Throws `not_found`, `recipient_unknown`, `staff_self` (nobody assigns money to themselves), `recipient_unavailable`,
 * `recipient_limited`, `limit_uncountable`, `reference_used`.
 */
export const assignSuspense: UseCase<'assign-suspense'> = async (deps, actor, input, { key }) => {
  const item = await transferById(deps.engine, input.transfer);
  if (!item || item.kind !== 'suspense' || item.toKind !== 'suspense') {
    throw new Refusal('not_found', { thing: 'suspense credit', id: input.transfer });
  }
  const holder = await findRecipient(deps.engine, actor.user, input.to);
  if (holder.id === actor.user) throw new Refusal('staff_self');
  const currency = item.toCurrency;
  const from = suspenseAccount(currency);
  const to = holderAccount(holder.id, currency);
  const amount = item.received;
  const mayReceive = mayBegin(to, 'receive');
  // Asked before as well: a refusal by the poster burns the key, and it may be possible later.
  const restricted = await guardByName(deps.engine, mayReceive.name);
  if (restricted && restricted.value > 0n) throw new Refusal('recipient_unavailable');
  const now = timestamp(deps.now());
  const move: Move = { who: holder, direction: 'in', amount: { minor: amount, currency } };
  const counted = (await countMoves(deps.engine, now, [move]))(move);
  await checkLimits(deps.engine, counted, now);
  const id = deps.newId('transfer');
  const outcome = await deps.poster.post({
    id,
    initiator: actor.user,
    key: {
      owner: actor.user,
      key,
      fingerprint: fingerprintOf({
        operation: 'assign-suspense',
        transfer: input.transfer,
        to: holder.id,
        reason: input.reason,
      }),
    },
    guards: [
      mayReceive,
      ...[suspenseGuard(item.id), claimGuard(item.id)].map((name) => ({
        name,
        add: 1n,
        most: 1n,
        refusal: { code: 'reference_used' as const, facts: { reference: item.id } },
      })),
      ...limitGuards(counted, id),
    ],
    transfer: {
      kind: 'assignment',
      from,
      to,
      paid: amount,
      fee: 0n,
      received: amount,
      details: { assigns: item.id, reason: input.reason },
    },
    entries: [
      { account: from, amount: -amount },
      { account: to, amount },
    ],
    events: [
      {
        id: deps.newId('event'),
        kind: 'transfer.done',
        payload: { from: '', to: holder.id, amount: formatMinor(amount, currency), currency },
      },
    ],
  });
  const done = await transferById(deps.engine, doneOr(outcome));
  if (!done) throw new Refusal('unexpected');
  return showTransfer(done, actor.user);
};

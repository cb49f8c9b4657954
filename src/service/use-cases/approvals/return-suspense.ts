import { Refusal } from '../../../core/contract/refusals.ts';
import { formatMinor } from '../../../core/money.ts';
import { ask } from '../../approvals/ask.ts';
import { showApproval } from '../../approvals/approval.ts';
import { returnReferenceOf } from '../../deposits/suspense-return.ts';
import { claimGuard, suspenseGuard } from '../../ledger/guards.ts';
import { guardsByNames, transferById } from '../../ledger/read.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Asks that a credit that waits in suspense be sent back to the bank account it came from. Nobody's account is concerned, so
 * it is about who asks. Throws `not_found`, `reference_used` when it was assigned, or is to be returned, already.
 */
export const returnSuspense: UseCase<'return-suspense'> = async (deps, actor, { transfer, reason }) => {
  const item = await transferById(deps.engine, transfer);
  if (!item || item.kind !== 'suspense' || item.toKind !== 'suspense')
    throw new Refusal('not_found', { thing: 'suspense credit', id: transfer });
  const used = await guardsByNames(deps.engine, [suspenseGuard(item.id), claimGuard(item.id)]);
  if (used.some(({ value }) => value > 0n)) throw new Refusal('reference_used', { reference: item.id });
  const holder = { id: actor.user, displayName: actor.displayName };
  const { counterparty } = JSON.parse(item.details ?? '{}') as { counterparty?: string };
  const currency = item.toCurrency;
  const input = {
    transfer: item.id,
    amount: formatMinor(item.received, currency),
    currency,
    reference: returnReferenceOf(item.id),
    ...(counterparty === undefined ? {} : { payer: counterparty }),
  };
  const asked = await ask(deps, actor, { act: 'suspense-return', holder, input, reason });
  return showApproval(asked, holder);
};

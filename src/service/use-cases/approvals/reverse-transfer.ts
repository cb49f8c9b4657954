import { Refusal } from '../../../core/contract/refusals.ts';
import { formatMinor, formatMoney, parseCurrency, parsePositiveAmount } from '../../../core/money.ts';
import { ask } from '../../approvals/ask.ts';
import { showApproval } from '../../approvals/approval.ts';
import { reversalGuard } from '../../ledger/guards.ts';
import { guardByName, transferById } from '../../ledger/read.ts';
import { checkMayActOn } from '../../staff/holder-to-act-on.ts';
import { userById } from '../../store/users.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Asks that a payment between holders be moved back from its recipient, or a part of it. Throws `not_found`,
 * `transfer_not_reversible`, `staff_self` when either of them is who asks, `role_insufficient`, `amount_invalid`,
 * `currency_unknown`, `reversal_exceeded`.
 */
export const reverseTransfer: UseCase<'reverse-transfer'> = async (deps, actor, input) => {
  const { engine } = deps;
  const original = await transferById(engine, input.transfer);
  if (!original) throw new Refusal('not_found', { thing: 'transfer', id: input.transfer });
  if (original.kind !== 'transfer') throw new Refusal('transfer_not_reversible');
  const [from, to] = await Promise.all(
    [original.fromOwner, original.toOwner].map(async (owner) => userById(engine, owner ?? '')),
  );
  if (!from || !to) throw new Refusal('transfer_not_reversible');
  for (const holder of [from, to]) checkMayActOn(actor, holder);

  const currency = original.toCurrency;
  const reversed = await guardByName(engine, reversalGuard(original.id));
  const left = original.received - (reversed?.value ?? 0n);
  const say = (minor: bigint) => formatMoney({ minor, currency });
  const asked =
    input.amount && parsePositiveAmount(input.amount.amount, parseCurrency(input.amount.currency));
  if (asked && asked.currency !== currency)
    throw new Refusal('amount_invalid', { reason: `The payment was received in ${currency}.` });
  const minor = asked?.minor ?? left;
  if (left <= 0n || minor > left)
    throw new Refusal('reversal_exceeded', {
      amount: say(minor > 0n ? minor : original.received),
      left: say(left),
    });
  const what = {
    transfer: original.id,
    from: from.id,
    to: to.id,
    currency,
    ...(asked ? { amount: formatMinor(asked.minor, currency) } : {}),
  };
  const { reason } = input;
  return showApproval(await ask(deps, actor, { act: 'reversal', holder: to, input: what, reason }), to);
};

import { parseCurrency, parsePositiveAmount } from '../../../core/money.ts';
import type { Deps } from '../../deps.ts';
import { adjustmentsAccount, holderAccount } from '../../ledger/accounts.ts';
import { fingerprintOf } from '../../ledger/fingerprint.ts';
import { haveMailed } from '../../have-mailed.ts';
import type { ApprovalRow } from '../../store/approvals.ts';
import { APPROVALS, inputOf } from '../approval.ts';
import type { Done } from './done.ts';

/**
 * Gives money to a holder, or takes it, against the account of adjustments. The key is the approval's id, so that it
 * happens once. A restriction of the holder's does not stand in its way: two people decided it beside that.
 */
export async function adjust(deps: Deps, row: ApprovalRow): Promise<Done> {
  const { id, subject, askedBy, act } = row;
  const { amount = '', currency = '', direction = '' } = inputOf(row);
  const money = parsePositiveAmount(amount, parseCurrency(currency));
  const ours = adjustmentsAccount(money.currency);
  const theirs = holderAccount(subject, money.currency);
  const [from, to] = direction === 'credit' ? [ours, theirs] : [theirs, ours];
  const outcome = await deps.poster.post({
    id: deps.newId('transfer'),
    initiator: askedBy,
    key: { owner: APPROVALS, key: id, fingerprint: fingerprintOf({ operation: act }) },
    transfer: {
      kind: 'adjustment',
      from,
      to,
      paid: money.minor,
      fee: 0n,
      received: money.minor,
      details: { approval: id },
    },
    entries: [
      { account: from, amount: -money.minor },
      { account: to, amount: money.minor },
    ],
  });
  if (outcome.state === 'mismatch') throw new Error(`the key of ${id} was used for something else`);
  if (outcome.state === 'refused') return { failed: outcome.refusal };
  const { id: transfer } = outcome;
  return {
    result: { transfer },
    andWrite: (tx) =>
      haveMailed(tx, deps, 'mail.act-done', { user: subject, act, transfer, amount, currency, direction }),
  };
}

import type { Output } from '../../core/contract/operations.ts';
import { kindOfId } from '../../core/contract/ids.ts';
import { Refusal } from '../../core/contract/refusals.ts';
import type { Engine } from '../store/engine/engine.ts';
import type { RefusalDraft } from './intent.ts';
import { intentByKey, transferById } from './read.ts';
import { balanceOfViewer, showTransfer } from './show-transfer.ts';
import { withdrawalOfHold } from './withdrawal-ids.ts';

/**
 * What became of an owner's key: done with its transfer, refused with its problem, or nothing known. What is told can no
 * longer be lost. Throws `outcome_unknown`.
 */
export async function showIntent(db: Engine, owner: string, key: string): Promise<Output<'get-intent'>> {
  const intent = await intentByKey(db, owner, key);
  if (!intent) return { key, state: 'unknown_key' };
  await db.confirm();
  if (intent.refusal !== null) {
    const { code, facts } = JSON.parse(intent.refusal) as RefusalDraft;
    return { key, state: 'refused', problem: new Refusal(code, facts, intent.id).toProblem() };
  }
  const transfer = await transferById(db, intent.id);
  if (!transfer)
    return {
      key,
      state: 'done',
      ...(kindOfId(intent.id) === 'hold' ? { withdrawal: withdrawalOfHold(intent.id) } : {}),
    };
  const after = await balanceOfViewer(db, transfer, owner);
  return { key, state: 'done', transfer: showTransfer(transfer, owner, after) };
}

import { Refusal } from '../../../core/contract/refusals.ts';
import { transferById } from '../../ledger/read.ts';
import { balanceOfViewer, showTransfer } from '../../ledger/show-transfer.ts';
import type { UseCase } from '../use-case.ts';

/** A transfer the holder took part in. Throws `not_found`, the same for other people's; staff look by look-at-transfer. */
export const getTransfer: UseCase<'get-transfer'> = async ({ engine }, actor, input) => {
  const transfer = await transferById(engine, input.transfer);
  if (!transfer || ![transfer.fromOwner, transfer.toOwner].includes(actor.user)) {
    throw new Refusal('not_found', { thing: 'transfer', id: input.transfer });
  }
  return showTransfer(transfer, actor.user, await balanceOfViewer(engine, transfer, actor.user));
};

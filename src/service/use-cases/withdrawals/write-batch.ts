import { Refusal } from '../../../core/contract/refusals.ts';
import { record } from '../../audit-log/record.ts';
import { batchById } from '../../store/withdrawal-batches.ts';
import { fileOfBatch } from '../../withdrawals/batch.ts';
import type { UseCase } from '../use-case.ts';

/** The file of a batch for the bank: byte for byte the same each time. Who took it is recorded first. Throws `not_found`. */
export const writeBatch: UseCase<'write-batch'> = async (deps, actor, { batch: id, reason }) => {
  const batch = await batchById(deps.engine, id);
  if (batch?.state !== 'closed') throw new Refusal('not_found', { thing: 'batch', id });
  await deps.engine.transact((tx) =>
    record(tx, deps, actor, { action: 'batch-written', object: id, reason }),
  );
  return fileOfBatch(deps, batch);
};

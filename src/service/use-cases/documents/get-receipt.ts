import { issuerOf } from '../../documents/issuer.ts';
import { receiptOf, writeReceipt } from '../../documents/receipt.ts';
import type { UseCase } from '../use-case.ts';

/** A transfer the holder took part in, as a document. Throws `not_found`, the same for other people's. */
export const getReceipt: UseCase<'get-receipt'> = async (deps, actor, { transfer, format = 'text' }) => {
  const holder = { id: actor.user, name: actor.displayName };
  const receipt = await receiptOf(deps.engine, issuerOf(deps), holder, transfer);
  return once(writeReceipt(receipt, format));
};

async function* once(text: string): AsyncGenerator<string> {
  yield text;
}

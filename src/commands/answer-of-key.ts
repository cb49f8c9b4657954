import { askedOf, differingWish, type Asked } from '../core/asked.ts';
import type { OkpayClient } from '../core/client.ts';
import type { Output } from '../core/contract/operations.ts';
import { Refusal } from '../core/contract/refusals.ts';

/**
 * What a key of the user's own has paid, or undefined while nothing was asked under it. Throws the refusal that it
 * ended in, and `idempotency_mismatch`, naming the field, when it was used for something else than what is asked now.
 */
export async function answerOfKey(
  client: OkpayClient,
  key: string,
  asked: Asked,
): Promise<Output<'create-transfer'> | undefined> {
  const known = await client.call('get-intent', { key });
  if (known.state === 'unknown_key') return undefined;
  if (known.state === 'refused') throw Refusal.fromProblem(known.problem) ?? new Refusal('unexpected');
  const { transfer } = known;
  if (!transfer?.quote) throw new Refusal('idempotency_mismatch', { field: 'operation' });
  const quote = await client.call('get-quote', { quote: transfer.quote });
  const field = differingWish(askedOf(quote, transfer.note), asked);
  if (field !== undefined) throw new Refusal('idempotency_mismatch', { field });
  return transfer;
}

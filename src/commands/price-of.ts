import type { OkpayClient } from '../core/client.ts';
import type { Input, Output } from '../core/contract/operations.ts';
import { Refusal } from '../core/contract/refusals.ts';

/**
 * Prices a payment, or reads the quote that did. A quote moves nothing, so one that may or may not have been made is
 * no unknown outcome: it throws `service_unreachable` then.
 */
export async function priceOf(
  client: OkpayClient,
  what: Input<'create-quote'> | Input<'get-quote'>,
): Promise<Output<'create-quote'>> {
  try {
    return 'quote' in what ? await client.call('get-quote', what) : await client.call('create-quote', what);
  } catch (error) {
    if (!(error instanceof Refusal && error.code === 'outcome_unknown')) throw error;
    throw new Refusal('service_unreachable', {
      reason: 'The service did not answer when asked for the price.',
    });
  }
}

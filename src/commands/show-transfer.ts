import { Command } from 'commander';
import { kindOfId } from '../core/contract/ids.ts';
import { Refusal } from '../core/contract/refusals.ts';
import type { Context } from './context.ts';
import { declare, type Run } from './declare.ts';
import { quoteBlocks, transferBlocks } from './show/payment.ts';

export type Options = { id: string };

/** `okpay show ID`: a transfer or a quote, whole. (`show/` is the folder of what formats, hence the name of this file.) */
export function showTransferCommand(run: Run<Options> = showTransfer) {
  return declare(new Command().argument('<id>', 'the id of a transfer (trf_…) or of a quote (quo_…)'), run);
}

async function showTransfer(context: Context, { id }: Options): Promise<void> {
  const kind = kindOfId(id);
  if (kind !== 'transfer' && kind !== 'quote')
    throw new Refusal('usage_invalid', {
      reason: `“${id}” is not the id of a transfer (trf_…) or of a quote (quo_…).`,
      next: 'okpay history',
    });
  const client = await context.client();
  if (kind === 'quote') {
    const quote = await client.call('get-quote', { quote: id });
    return context.show.answer(quote, (pen) => quoteBlocks(quote, undefined, pen));
  }
  const transfer = await client.call('get-transfer', { transfer: id });
  await context.show.answer(transfer, (pen) => transferBlocks(transfer, pen));
}

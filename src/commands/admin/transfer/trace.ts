import { Command, Option } from 'commander';
import { LIMITS } from '../../../core/contract/schemas.ts';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { wholeNumber } from '../../page-size.ts';
import { readReason, withReason, type ReasonOptions } from '../../reason.ts';
import { traceDot } from '../../show/trace-dot.ts';
import { traceBlocks } from '../../show/trace.ts';

export type Options = ReasonOptions & {
  transfer: string;
  depth: number;
  direction: 'from' | 'to' | 'both';
  format: 'tree' | 'dot';
};

/** `okpay admin transfer trace TRANSFER`: where its money came from and went to. */
export function traceTransferCommand(run: Run<Options> = traceTransfer) {
  const command = new Command()
    .argument('<transfer>', 'the transfer: trf_…')
    .option('--depth <number>', 'how many transfers away', (text) => wholeNumber(text, LIMITS.traceDepth), 3)
    .addOption(
      new Option('--direction <direction>', 'where it came from, where it went to, or both')
        .choices(['from', 'to', 'both'])
        .default('both'),
    )
    .addOption(
      new Option('--format <format>', 'a tree to read, or DOT for Graphviz')
        .choices(['tree', 'dot'])
        .default('tree'),
    );
  return declare(withReason(command), run);
}

async function traceTransfer(context: Context, options: Options): Promise<void> {
  const reason = await readReason(context, options);
  const { transfer, depth, direction, format } = options;
  const client = await context.client();
  const trace = await client.call('trace-transfer', { transfer, depth, direction, reason });
  const { width } = context.io;
  if (format === 'dot' && !context.show.json) return context.show.raw(pieces(traceDot(trace)));
  await context.show.answer(trace, (pen) => traceBlocks(trace, pen, width));
}

async function* pieces(text: string): AsyncIterable<string> {
  yield text;
}

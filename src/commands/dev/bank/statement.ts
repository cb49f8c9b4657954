import { Command } from 'commander';
import { Refusal } from '../../../core/contract/refusals.ts';
import { parseCurrency, parsePositiveAmount, toWire, type WireMoney } from '../../../core/money.ts';
import type { Context } from '../../context.ts';
import { declare, type Run } from '../../declare.ts';
import { writeNewFile } from '../../new-file.ts';
import { facts } from '../../show/blocks.ts';

export type Options = { credit: string[]; currency: string; debtor?: string; out?: string; force?: boolean };

/** `okpay dev bank statement`: plays the bank and writes a valid camt.053 statement, for rehearsals and tests. */
export function bankStatementCommand(run: Run<Options> = bankStatement) {
  const command = new Command()
    .requiredOption('--credit <reference:amount...>', 'a payment that came in, such as RF18XXXX:250.00')
    .option('--currency <code>', 'currency of the statement', 'EUR')
    .option('--debtor <name>', 'who paid')
    .option('--out <file>', 'where to write it; the name of the statement when not given, - for stdout')
    .option('--force', 'replace the file if it exists');
  return declare(command, run);
}

async function bankStatement(context: Context, options: Options): Promise<void> {
  const credits = options.credit.map((text) => parseCredit(text, options.currency));
  const client = await context.strangerClient();
  const { debtor } = options;
  const answer = await client.call('write-bank-statement', {
    credits,
    ...(debtor === undefined ? {} : { debtor }),
  });
  if (options.out === '-') return context.show.raw(oneChunk(answer.xml));
  const file = options.out ?? answer.fileName;
  await writeNewFile(file, oneChunk(answer.xml), options.force ?? false);
  await context.show.answer({ id: answer.id, file }, (pen) => [
    'A statement of the rehearsal bank was written. No real money is behind it.',
    facts(['File', pen.text(file, 500)], ['Statement', pen.text(answer.id)]),
    `Next: ${pen.strong(`okpay admin deposit import ${pen.text(file, 500)}`)}`,
  ]);
}

function parseCredit(text: string, code: string): { reference: string; amount: WireMoney } {
  const at = text.lastIndexOf(':');
  if (at < 1)
    throw new Refusal('usage_invalid', {
      reason: '--credit takes REFERENCE:AMOUNT, such as RF18XXXX:250.00.',
    });
  const currency = parseCurrency(code);
  const { minor } = parsePositiveAmount(text.slice(at + 1), currency);
  return { reference: text.slice(0, at), amount: toWire(minor, currency) };
}

async function* oneChunk(text: string): AsyncGenerator<string> {
  yield text;
}

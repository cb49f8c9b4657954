import { Command } from 'commander';
import { Refusal } from '../../core/contract/refusals.ts';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { facts, table } from '../show/blocks.ts';

export type Options = Record<string, never>;

/** `okpay ledger verify`: derives every balance again from its entries; throws `ledger_unsound`. */
export function verifyLedgerCommand(run: Run<Options> = verifyLedger) {
  return declare(new Command(), run);
}

async function verifyLedger(context: Context): Promise<void> {
  const client = await context.client();
  const proof = await client.call('verify-ledger', {});
  if (!proof.sound)
    throw new Refusal('ledger_unsound', {
      count: String(proof.findings.length),
      findings: proof.findings.join('\n'),
    });
  await context.show.answer(proof, (pen) => [
    facts(
      ['Transfers', String(proof.transfers)],
      ['Entries', String(proof.entries)],
      ['Accounts', String(proof.accounts)],
      ['Holds', String(proof.holds)],
    ),
    table(
      ['Currency', { title: 'Sum of all balances', align: 'right' }],
      proof.currencies.map(({ currency, sum }) => [pen.text(currency), pen.text(sum)]),
      'The book is empty.',
    ),
    pen.good('Sound: every balance follows from its entries, and every currency sums to zero.'),
  ]);
}

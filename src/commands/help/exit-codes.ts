import { Command } from 'commander';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { table } from '../show/blocks.ts';

export type Options = Record<string, never>;

/** What the exit codes of okpay mean; gh's meanings are kept for 0, 1, 4 and 8. */
export const EXIT_CODES: readonly (readonly [code: number, meaning: string, andThen: string])[] = [
  [0, 'done', ''],
  [1, 'unexpected', 'OKPAY_DEBUG=1 shows where'],
  [2, 'usage, or cancelled by you', 'nothing was done'],
  [3, 'refused by a rule', 'the message says which, and what is left'],
  [4, 'log in, or a second factor is needed', 'okpay login'],
  [5, 'not found', ''],
  [6, 'conflict with what is there', ''],
  [7, 'quote expired', 'ask for a new one; nothing was sent'],
  [8, 'still pending', 'ask again later'],
  [9, 'batch finished with failed rows', 'the report names them'],
  [10, 'outcome unknown', 'asking again with the same key settles it and never pays twice: okpay pending'],
  [11, 'service unreachable', 'nothing happened; safe to try again'],
  [130, 'interrupted', 'Ctrl-C'],
];

/** `okpay help exit-codes`. */
export function exitCodesCommand(run: Run<Options> = exitCodes) {
  return declare(new Command(), run);
}

async function exitCodes({ show }: Context): Promise<void> {
  const answer = EXIT_CODES.map(([code, meaning, andThen]) => ({ code, meaning, andThen }));
  await show.answer({ exitCodes: answer }, (pen) => [
    table(
      [{ title: 'Code', align: 'right' }, 'Meaning', 'And then'],
      EXIT_CODES.map(([code, meaning, andThen]) => [pen.strong(String(code)), meaning, andThen]),
      '',
    ),
  ]);
}

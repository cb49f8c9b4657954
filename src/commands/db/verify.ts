import { Command } from 'commander';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { facts } from '../show/blocks.ts';
import { contentsBlock } from '../show/database.ts';

export type Options = Record<string, never>;

/** `okpay db verify`: reads every page of the database and derives the ledger again; throws `database_unsound`. */
export function verifyDatabaseCommand(run: Run<Options> = verifyDatabase) {
  return declare(new Command(), run);
}

async function verifyDatabase(context: Context): Promise<void> {
  const database = await context.maintenance();
  const found = await database.verify();
  await context.show.answer(found, (pen) => [
    pen.good('Sound: nothing is damaged, and every balance follows from its entries.'),
    facts(
      ['Database', pen.text(found.place, 500)],
      ['Pages', found.pages],
      ['Ledger', found.ledgerVerified ? 'derived again' : 'not read: migrate the schema first'],
      ['Audit log', found.auditHead && `whole, up to ${found.auditHead}`],
    ),
    contentsBlock(found, pen),
  ]);
}

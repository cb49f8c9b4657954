import { Command } from 'commander';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { facts } from '../show/blocks.ts';
import { showBytes } from '../show/bytes.ts';
import { contentsBlock } from '../show/database.ts';

export type Options = { file: string; force?: boolean };

/** `okpay db backup FILE`: a whole copy of one moment, proved, also while a server runs. */
export function backUpDatabaseCommand(run: Run<Options> = backUpDatabase) {
  const command = new Command()
    .argument('<file>', 'where the copy goes')
    .option('--force', 'replace the file if it exists');
  return declare(command, run);
}

async function backUpDatabase(context: Context, { file, force = false }: Options): Promise<void> {
  const database = await context.maintenance();
  const backup = await database.backUp(file, force);
  await context.show.answer(backup, (pen) => [
    backup.ledgerVerified
      ? 'Backed up, and the copy is sound.'
      : 'Backed up. The schema is older, so the ledger in it was not derived again; its pages are whole.',
    facts(
      ['File', pen.text(backup.file, 500)],
      ['Size', showBytes(backup.bytes)],
      ['Of', pen.text(backup.place, 500)],
    ),
    contentsBlock(backup, pen),
  ]);
}

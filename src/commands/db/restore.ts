import { Command } from 'commander';
import type { Replaced } from '../../core/maintenance.ts';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { facts } from '../show/blocks.ts';
import { showCount } from '../show/bytes.ts';
import { contentsBlock } from '../show/database.ts';
import type { Pen } from '../show/pen.ts';

export type Options = { file: string; force?: boolean };

/** `okpay db restore FILE`: puts a backup in the database's place, once it is proved. */
export function restoreDatabaseCommand(run: Run<Options> = restoreDatabase) {
  const command = new Command()
    .argument('<file>', 'a backup')
    .option('--force', 'also in the place of a database that is not empty, which is kept under another name');
  return declare(command, run);
}

async function restoreDatabase(context: Context, { file, force = false }: Options): Promise<void> {
  const database = await context.maintenance();
  const restored = await database.restore(file, force);
  await context.show.answer(restored, (pen) => [
    restored.sound
      ? 'Restored, and it is sound.'
      : pen.bad(`Restored, but it is not sound: ${restored.findings.length} findings.`),
    facts(['Database', pen.text(restored.place, 500)], ['From', pen.text(restored.file, 500)]),
    contentsBlock(restored, pen),
    ...restored.findings.map((finding) => pen.text(finding, 500)),
    ...(restored.replaced ? replacedBlocks(restored.replaced, pen) : []),
  ]);
}

function replacedBlocks({ keptAs, forgotten, counts }: Replaced, pen: Pen): string[] {
  const what = counts ? `, with ${showCount(counts.transfers)} transfers,` : '';
  return [
    '',
    `What was there${what} is kept as ${pen.text(keptAs, 500)}.`,
    forgotten > 0
      ? pen.warn(
          `${showCount(forgotten)} of its transfers are not in the backup: find out what became of each.`,
        )
      : 'It has no transfer that the backup does not have.',
  ];
}

import { Command } from 'commander';
import type { DatabaseStatus } from '../../core/maintenance.ts';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { facts } from '../show/blocks.ts';
import { showBytes } from '../show/bytes.ts';
import { contentsBlock } from '../show/database.ts';

export type Options = Record<string, never>;

const STATES: Readonly<Record<DatabaseStatus['state'], string>> = {
  absent: 'nothing yet: it is made when it is first used',
  current: 'up to date',
  older: 'older than this okpay: okpay db migrate, or the next use of it, brings it up',
  newer: 'newer than this okpay, which cannot use it',
};

/** `okpay db status`: where the database is, its schema and size, and what is in it. */
export function databaseStatusCommand(run: Run<Options> = databaseStatus) {
  return declare(new Command(), run);
}

async function databaseStatus(context: Context): Promise<void> {
  const database = await context.maintenance();
  const status = await database.status();
  const { schema, walBytes = 0 } = status;
  await context.show.answer(status, (pen) => [
    facts(
      ['Database', pen.text(status.place, 500)],
      ['Engine', status.product],
      ['Schema', `${schema.found} of ${schema.known}: ${STATES[status.state]}`],
      [
        'Size',
        `${showBytes(status.bytes)}${walBytes > 0 ? `, and ${showBytes(walBytes)} in its write-ahead log` : ''}`,
      ],
      ['In use by', status.heldBy === undefined ? undefined : pen.text(status.heldBy)],
    ),
    contentsBlock(status, pen),
  ]);
}

import { Command } from 'commander';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { facts } from '../show/blocks.ts';

export type Options = Record<string, never>;

/** `okpay db migrate`: brings the schema of the database up, which otherwise the next use of it does. */
export function migrateDatabaseCommand(run: Run<Options> = migrateDatabase) {
  return declare(new Command(), run);
}

async function migrateDatabase(context: Context): Promise<void> {
  const database = await context.maintenance();
  const migration = await database.migrate();
  const { from, to, place } = migration;
  await context.show.answer(migration, (pen) => [
    from === to ? `Nothing to do: the schema is ${to}.` : `The schema went from ${from} to ${to}.`,
    facts(['Database', pen.text(place, 500)]),
  ]);
}

import type { Output } from '../../core/contract/operations.ts';
import { table, type Block } from './blocks.ts';
import type { Pen } from './pen.ts';

/** What an account is kept from, and was. */
export function restrictionTable(rows: Output<'list-restrictions'>['restrictions'], pen: Pen): Block {
  return table(
    ['Restriction', 'Keeps from', 'Since', 'Until', 'In flight', 'Reason'],
    rows.map((row) => [
      pen.text(row.id),
      row.capability,
      pen.time(row.madeAt),
      row.liftedAt === undefined
        ? row.expiresAt === undefined
          ? 'it is lifted'
          : pen.time(row.expiresAt)
        : `lifted ${pen.time(row.liftedAt)}`,
      row.inFlight,
      pen.text(row.reason, 80),
    ]),
    'The account is not restricted, and never was.',
  );
}

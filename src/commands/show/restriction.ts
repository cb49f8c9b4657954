import type { Output } from '../../core/contract/operations.ts';
import { table, type Block } from './blocks.ts';
import type { Pen } from './pen.ts';

/** What an account is kept from now. */
export function restrictionTable(rows: Output<'restrict-account'>['restrictions'], pen: Pen): Block {
  return table(
    ['Restriction', 'Keeps from', 'Until', 'In flight'],
    rows.map(({ id, capability, expiresAt, inFlight }) => [
      pen.text(id),
      capability,
      expiresAt === undefined ? 'it is lifted' : pen.time(expiresAt),
      inFlight,
    ]),
    'The account is not restricted.',
  );
}

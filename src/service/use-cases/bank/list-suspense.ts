import { toWire } from '../../../core/money.ts';
import { checkCursor } from '../../ledger/cursor.ts';
import { suspenseItems } from '../../ledger/read.ts';
import type { UseCase } from '../use-case.ts';

const DEFAULT_LIMIT = 50;

/** Bank entries that no holder could be found for, newest first. */
export const listSuspense: UseCase<'list-suspense'> = async ({ engine }, _actor, input) => {
  checkCursor(input.cursor);
  const limit = input.limit ?? DEFAULT_LIMIT;
  const rows = await suspenseItems(engine, { state: input.state, before: input.cursor, limit: limit + 1 });
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page.map((row) => {
      const details = JSON.parse(row.details ?? '{}') as Record<string, string>;
      const credit = row.toKind === 'suspense';
      return {
        transfer: row.id,
        at: row.at,
        bookedOn: details['bookedOn'] ?? '',
        direction: credit ? ('credit' as const) : ('debit' as const),
        amount: toWire(row.paid, row.fromCurrency),
        remittance: details['remittance'] ?? '',
        counterparty: details['counterparty'] ?? '',
        reason: details['reason'] ?? '',
        state: row.assignedBy === null ? ('open' as const) : ('assigned' as const),
      };
    }),
    ...(rows.length > limit && last ? { nextCursor: last.id } : {}),
  };
};

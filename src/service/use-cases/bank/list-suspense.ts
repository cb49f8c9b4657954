import { toWire } from '../../../core/money.ts';
import { returnReferenceOf } from '../../deposits/suspense-return.ts';
import { suspenseItems } from '../../ledger/read.ts';
import { checkCursorOf, pageOf } from '../../page.ts';
import type { UseCase } from '../use-case.ts';

const DEFAULT_LIMIT = 50;

/** Bank entries that no holder could be found for, newest first. */
export const listSuspense: UseCase<'list-suspense'> = async ({ engine }, _actor, input) => {
  checkCursorOf(input.cursor, 'transfer');
  const limit = input.limit ?? DEFAULT_LIMIT;
  const rows = await suspenseItems(engine, { state: input.state, before: input.cursor, limit: limit + 1 });
  const { page, next } = pageOf(rows, limit);
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
        ...stateOf(row),
      };
    }),
    ...next,
  };
};

function stateOf(row: {
  id: string;
  assignedBy: string | null;
  endedIn: string | null;
  claimed: bigint | null;
}) {
  if (row.assignedBy !== null)
    return {
      state: row.endedIn === 'clearing' ? ('returned' as const) : ('assigned' as const),
    };
  if (row.claimed === null) return { state: 'open' as const };
  return { state: 'returning' as const, returnReference: returnReferenceOf(row.id) };
}

import { kindOfId, type IdKind } from '../core/contract/ids.ts';
import { Refusal } from '../core/contract/refusals.ts';

/** A cursor is the id of the last one seen, of one of these kinds. Throws `input_invalid` for anything else. */
export function checkCursorOf(cursor: string | undefined, ...kinds: readonly IdKind[]): void {
  const kind = cursor === undefined ? undefined : kindOfId(cursor);
  if (cursor === undefined || (kind !== undefined && kinds.includes(kind))) return;
  throw new Refusal('input_invalid', { field: 'cursor', reason: 'is not the nextCursor of an earlier page' });
}

/** A page of rows that were read one more than fit, and the cursor of the next when there is one. */
export function pageOf<Row extends { readonly id: string }>(
  rows: readonly Row[],
  limit: number,
): { page: Row[]; next: { nextCursor?: string } } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return { page, next: rows.length > limit && last ? { nextCursor: last.id } : {} };
}

import { kindOfId } from '../../core/contract/ids.ts';
import { Refusal } from '../../core/contract/refusals.ts';

/** The cursor of a list of transfers: the id of the last one seen. Throws `input_invalid` for anything else. */
export function checkCursor(cursor: string | undefined): void {
  if (cursor === undefined || kindOfId(cursor) === 'transfer') return;
  throw new Refusal('input_invalid', { field: 'cursor', reason: 'is not the nextCursor of an earlier page' });
}

import { Refusal } from '../../core/contract/refusals.ts';
import type { AccountActor } from '../deps.ts';
import { caseById, type CaseRow } from '../store/cases.ts';
import type { Reader } from '../store/engine/engine.ts';

/** A holder's own case. Somebody else's is `not_found`, like one that never was (OWASP ASVS 5.0, V8.2.2). */
export async function findOwnCase(db: Reader, { user }: AccountActor, id: string): Promise<CaseRow> {
  const found = await caseById(db, id);
  if (found?.userId !== user) throw new Refusal('not_found', { thing: 'case', id });
  return found;
}

/** A case for staff to work on. Throws `not_found`, and `staff_self` for one about themselves. */
export async function findCaseOfOther(db: Reader, { user }: AccountActor, id: string): Promise<CaseRow> {
  const found = await caseById(db, id);
  if (!found) throw new Refusal('not_found', { thing: 'case', id });
  checkNotOwn(user, found.userId);
  return found;
}

/** Refuses staff who would look after their own account: `staff_self`. */
export function checkNotOwn(staff: string, holder: string): void {
  if (staff === holder) throw new Refusal('staff_self');
}

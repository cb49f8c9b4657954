import { Refusal } from '../../core/contract/refusals.ts';
import type { Outcome } from './intent.ts';

/** The id of what was done. Throws the refusal of an outcome that is not done. */
export function doneOr(outcome: Outcome): string {
  if (outcome.state === 'done') return outcome.id;
  if (outcome.state === 'mismatch') throw new Refusal('idempotency_mismatch', { field: outcome.field });
  throw new Refusal(outcome.refusal.code, outcome.refusal.facts, outcome.id);
}

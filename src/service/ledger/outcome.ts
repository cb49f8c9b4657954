import { Refusal } from '../../core/contract/refusals.ts';
import type { KeyRow } from '../store/engine/ledger-store.ts';
import { differingField } from './fingerprint.ts';
import type { Outcome, RefusalDraft } from './intent.ts';

/** The id of what was done. Throws the refusal of an outcome that is not done. */
export function doneOr(outcome: Outcome): string {
  if (outcome.state === 'done') return outcome.id;
  if (outcome.state === 'mismatch') throw new Refusal('idempotency_mismatch', { field: outcome.field });
  throw new Refusal(outcome.refusal.code, outcome.refusal.facts, outcome.id);
}

/** What a key that was used before answers to a call with this fingerprint. */
export function outcomeOf({ fingerprint, refusal, id, at }: KeyRow, asked: string): Outcome {
  const field = differingField(fingerprint, asked);
  if (field !== undefined) return { state: 'mismatch', field };
  if (refusal === null) return { state: 'done', id, at, replayed: true };
  return { state: 'refused', id, refusal: JSON.parse(refusal) as RefusalDraft, replayed: true };
}

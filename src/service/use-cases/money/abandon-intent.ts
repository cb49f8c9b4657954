import { Refusal } from '../../../core/contract/refusals.ts';
import { showIntent } from '../../ledger/show-intent.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Burns a key that was never used, so that nothing can be done under it any more, however late the first call still
 * arrives. A key that was used keeps its outcome, which is the answer.
 */
export const abandonIntent: UseCase<'abandon-intent'> = async ({ engine, poster, newId }, actor, input) => {
  if (!/^[\x21-\x7e]+$/.test(input.key)) {
    throw new Refusal('input_invalid', {
      field: 'key',
      reason: 'takes visible ASCII characters, as every key does',
    });
  }
  await poster.post({
    id: newId('transfer'),
    initiator: actor.user,
    key: { owner: actor.user, key: input.key, fingerprint: '' },
    refuse: { code: 'intent_abandoned', facts: {} },
    entries: [],
  });
  return showIntent(engine, actor.user, input.key);
};

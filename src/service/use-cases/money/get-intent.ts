import { showIntent } from '../../ledger/show-intent.ts';
import type { UseCase } from '../use-case.ts';

/** What became of one of the caller's Idempotency-Keys. It reads only: an unknown key may still arrive. */
export const getIntent: UseCase<'get-intent'> = ({ engine }, actor, input) =>
  showIntent(engine, actor.user, input.key);

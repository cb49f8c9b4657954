import { Refusal } from '../../../core/contract/refusals.ts';
import { record } from '../../audit-log/record.ts';
import { timestamp } from '../../deps.ts';
import { settleRestriction } from '../../restrictions/settle.ts';
import { showRestrictions } from '../../restrictions/show-restrictions.ts';
import { endSessions } from '../../identity/end-sessions.ts';
import { holderToActOn } from '../../staff/holder-to-act-on.ts';
import { insertRestriction, type RestrictionRow } from '../../store/restrictions.ts';
import { deleteTokensOf } from '../../store/tokens.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Keeps an account from something, for a time or until it is lifted. When this answers, nothing of it is done any more:
 * no payment is made at any node, no session or token lets in. Throws what holderToActOn throws, and `input_invalid`.
 */
export const restrictAccount: UseCase<'restrict-account'> = async (deps, actor, input) => {
  const holder = await holderToActOn(deps.engine, actor, input.holder);
  const madeAt = timestamp(deps.now());
  const expiresAt = input.expiresAt === undefined ? null : timestamp(Date.parse(input.expiresAt));
  if (expiresAt !== null && expiresAt <= madeAt)
    throw new Refusal('input_invalid', { field: 'expiresAt', reason: 'must be later than now' });
  const { reason, inFlight = 'freeze' } = input;
  const rows = [...new Set(input.capabilities)].map((capability): RestrictionRow => {
    const lift = { liftedBy: null, liftedAt: null, liftReason: null, guarded: 0n };
    const made = { madeBy: actor.user, madeAt, expiresAt, dueAt: madeAt };
    return {
      id: deps.newId('restriction'),
      userId: holder.id,
      capability,
      reason,
      inFlight,
      ...made,
      ...lift,
    };
  });
  await deps.engine.transact(async (tx) => {
    for (const row of rows) {
      await insertRestriction(tx, row);
      const { capability } = row;
      const facts = { capability, inFlight, ...(expiresAt === null ? {} : { expiresAt }) };
      await record(tx, deps, actor, {
        action: 'restricted',
        subject: holder.id,
        object: row.id,
        reason,
        facts,
      });
      if (capability !== 'log-in') continue;
      await endSessions(tx, deps, actor, holder.id);
      await deleteTokensOf(tx, holder.id);
    }
  });
  for (const { id } of rows) await settleRestriction(deps, id);
  return showRestrictions(holder, rows);
};

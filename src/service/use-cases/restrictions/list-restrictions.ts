import { record } from '../../audit-log/record.ts';
import { showRestrictions } from '../../restrictions/show-restrictions.ts';
import { holderCalled } from '../../staff/holder-to-act-on.ts';
import { restrictionsOf } from '../../store/restrictions.ts';
import type { UseCase } from '../use-case.ts';

/** What an account is kept from, and was, newest first. Throws `not_found`. */
export const listRestrictions: UseCase<'list-restrictions'> = async (deps, actor, input) => {
  const holder = await holderCalled(deps.engine, input.holder);
  await deps.engine.transact((tx) =>
    record(tx, deps, actor, {
      action: 'restrictions-viewed',
      subject: holder.id,
      reason: input.reason,
    }),
  );
  return showRestrictions(holder, await restrictionsOf(deps.engine, holder.id));
};

import { Refusal } from '../../../core/contract/refusals.ts';
import { record } from '../../audit-log/record.ts';
import { timestamp } from '../../deps.ts';
import { haveMailed } from '../../have-mailed.ts';
import { FIRST_LEVEL } from '../../limits/limit.ts';
import { holderToActOn } from '../../staff/holder-to-act-on.ts';
import { levelByName, levelsOfHolders, setLevel as keep } from '../../store/levels.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Puts an account at another level, and tells its holder. What was moved in this day and month stays used. Throws what
 * holderToActOn throws, and `not_found` for a level that nobody has set limits for: a slip of the pen would lift them all.
 */
export const setLevel: UseCase<'set-level'> = async (deps, actor, { holder: who, level, reason }) => {
  const holder = await holderToActOn(deps.engine, actor, who);
  const before = await deps.engine.transact(async (tx) => {
    if (level !== FIRST_LEVEL && !(await levelByName(tx, level)))
      throw new Refusal('not_found', { thing: 'level', id: level });
    const [row] = await levelsOfHolders(tx, [holder.id]);
    const before = row?.level ?? FIRST_LEVEL;
    if (before === level) return before;
    await keep(tx, holder.id, level);
    const facts = { level, before };
    await record(tx, deps, actor, { action: 'level-set', subject: holder.id, reason, facts });
    const told = { user: holder.id, level, at: timestamp(deps.now()) };
    await haveMailed(tx, deps, 'mail.level-set', told);
    return before;
  });
  return { holder: { id: holder.id, name: holder.displayName }, level, before };
};

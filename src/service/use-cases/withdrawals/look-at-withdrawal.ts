import { Refusal } from '../../../core/contract/refusals.ts';
import { looksAt, recordLooks } from '../../audit-log/record-looks.ts';
import { withdrawalsByIds } from '../../store/withdrawals.ts';
import { showAllToStaff } from '../../withdrawals/for-staff.ts';
import type { UseCase } from '../use-case.ts';

/** Any withdrawal; its holder gets a record of it. Throws `not_found`. */
export const lookAtWithdrawal: UseCase<'look-at-withdrawal'> = async (deps, actor, input) => {
  const { withdrawal: id, reason } = input;
  const rows = await withdrawalsByIds(deps.engine, [id]);
  await recordLooks(
    deps,
    actor,
    looksAt(
      rows.map(({ userId }) => userId),
      { action: 'withdrawal-looked-at', object: id, reason },
    ),
  );
  const [shown] = await showAllToStaff(deps.engine, rows);
  if (!shown) throw new Refusal('not_found', { thing: 'withdrawal', id });
  return shown;
};

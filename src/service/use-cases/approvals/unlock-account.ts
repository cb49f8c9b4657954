import { ask } from '../../approvals/ask.ts';
import { showApproval } from '../../approvals/approval.ts';
import { takeoverSigns } from '../../approvals/takeover-signs.ts';
import { record } from '../../audit-log/record.ts';
import { emailKeyOf } from '../../identity/email.ts';
import { openDoors } from '../../identity/throttle.ts';
import { holderToActOn } from '../../staff/holder-to-act-on.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Lets a holder who is made to wait log in at once. Where there are signs that somebody else has the account, or logging
 * in is restricted, it is asked for instead, and a second person decides. Throws what holderToActOn throws.
 */
export const unlockAccount: UseCase<'unlock-account'> = async (deps, actor, input) => {
  const holder = await holderToActOn(deps.engine, actor, input.holder);
  const { reason } = input;
  const signs = await takeoverSigns(deps, holder.id);
  const party = { id: holder.id, name: holder.displayName };
  if (signs.length > 0) {
    const asked = { act: 'unlock', holder, input: { signs: signs.join('; ') }, reason } as const;
    return { holder: party, approval: showApproval(await ask(deps, actor, asked), holder) };
  }
  await deps.engine.transact(async (tx) => {
    await openDoors(tx, { user: holder.id, emailKey: emailKeyOf(holder.email) });
    await record(tx, deps, actor, { action: 'unlocked-by-staff', subject: holder.id, reason });
  });
  return { holder: party };
};

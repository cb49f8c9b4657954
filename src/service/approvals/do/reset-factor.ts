import type { Deps } from '../../deps.ts';
import { haveMailed } from '../../have-mailed.ts';
import type { ApprovalRow } from '../../store/approvals.ts';
import type { Writer } from '../../store/engine/engine.ts';
import { deleteSecondFactor } from '../../store/second-factors.ts';
import { deleteSessionsOf } from '../../store/sessions.ts';
import { deleteTokensOf } from '../../store/tokens.ts';
import type { Done } from './done.ts';

/**
 * Removes a second factor that was lost, and every session and token with it. The password stays as it is: staff never
 * choose one, nor see a secret (OWASP ASVS 5.0, V6.4.4, V6.4.6).
 */
export async function resetFactor(deps: Deps, { subject, act }: ApprovalRow): Promise<Done> {
  const andWrite = async (tx: Writer) => {
    await deleteSecondFactor(tx, subject);
    await deleteSessionsOf(tx, subject);
    await deleteTokensOf(tx, subject);
    await haveMailed(tx, deps, 'mail.act-done', { user: subject, act });
  };
  return { result: {}, andWrite };
}

import type { Deps } from '../../deps.ts';
import type { ApprovalRow } from '../../store/approvals.ts';
import type { Writer } from '../../store/engine/engine.ts';
import { removeFactor } from '../../store/lost-factors.ts';
import { endSessions, endTokens } from '../../store/ways-in.ts';
import type { Done } from './done.ts';
import { tell } from './tell.ts';

/**
 * Removes a second factor that was lost, and every session and token with it. The password stays as it is: staff never
 * choose one, nor see a secret (OWASP ASVS 5.0, V6.4.4, V6.4.6).
 */
export async function resetFactor(deps: Deps, { subject, act }: ApprovalRow): Promise<Done> {
  const andWrite = async (tx: Writer) => {
    await removeFactor(tx, subject);
    await endSessions(tx, subject);
    await endTokens(tx, subject);
    await tell(tx, deps, { user: subject, act });
  };
  return { result: {}, andWrite };
}

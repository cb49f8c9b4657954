import { placeOf } from '../audit-log/network-of.ts';
import { timestamp, type Actor, type Deps } from '../deps.ts';
import { haveMailed } from '../have-mailed.ts';
import { formerAddresses } from '../store/credentials.ts';
import type { Writer } from '../store/engine/engine.ts';
import { TERMS } from '../terms.ts';

/**
 * Tells a holder of what happened to their account, with when and from where: at the address it is at, and at those it
 * was at lately, in case it was not the holder who moved it (OWASP ASVS 5.0, V6.3.7).
 */
export async function tellHolder(
  tx: Writer,
  deps: Deps,
  actor: Pick<Actor, 'console' | 'address' | 'device'>,
  kind: `mail.${string}`,
  { user, email, ...more }: Readonly<Record<string, string>> & { user: string; email: string },
): Promise<void> {
  const now = deps.now();
  const former = await formerAddresses(tx, user, timestamp(now - TERMS.formerAddressMs));
  const place = [actor.device ?? [], placeOf(actor)].flat().join(', ');
  const what = { user, at: timestamp(now), place, ...more };
  for (const to of new Set([email, ...former])) await haveMailed(tx, deps, kind, { ...what, email: to });
}

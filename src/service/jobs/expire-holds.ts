import { timestamp, type Deps } from '../deps.ts';
import { heldAccount } from '../ledger/accounts.ts';
import { expiringHolds, nextHoldExpiry } from '../ledger/read.ts';

const SLICE = 200;

/**
 * Lets go of the holds whose time has come: the money is available again. Each is an intent like any other, under the
 * hold's own key, so that a hold expires once however many nodes see it; so that they do not all try, it is only done
 * when `claim` says that it is this node's work. Gives when the next one is due, if it is.
 */
export async function expireHolds(
  { engine, poster, newId, now }: Deps,
  claim: () => Promise<boolean>,
): Promise<string | undefined> {
  for (;;) {
    const due = await expiringHolds(engine, timestamp(now()), SLICE);
    if (due.length > 0 && !(await claim())) return undefined;
    await Promise.all(
      due.map((hold) =>
        poster.post({
          id: newId('transfer'),
          initiator: 'system:expiry',
          key: { owner: 'system:expiry', key: hold.id, fingerprint: 'operation=expire' },
          resolveHolds: [{ id: hold.id, account: heldAccount(hold), as: 'expired' }],
          entries: [],
        }),
      ),
    );
    if (due.length < SLICE) return nextHoldExpiry(engine);
  }
}

import { timestamp, type Deps } from '../deps.ts';
import { heldAccount } from '../ledger/accounts.ts';
import { expiringHolds, nextHoldExpiry } from '../ledger/read.ts';

const SLICE = 200;

/**
 * Lets go of the holds whose time has come: the money is available again. Each is an intent like any other, under the
 * hold's own key, so that a hold expires once however many nodes see it. Gives when the next one is due.
 */
export async function expireHolds({ engine, poster, newId, now }: Deps): Promise<string | undefined> {
  for (;;) {
    const due = await expiringHolds(engine, timestamp(now()), SLICE);
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

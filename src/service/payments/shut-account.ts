import type { Output } from '../../core/contract/operations.ts';
import { Refusal } from '../../core/contract/refusals.ts';
import type { Currency } from '../../core/money.ts';
import { record } from '../audit-log/record.ts';
import type { AccountActor, Deps } from '../deps.ts';
import { holderAccount } from '../ledger/accounts.ts';
import { fingerprintOf } from '../ledger/fingerprint.ts';
import { balancesOf } from '../ledger/read.ts';
import { showAccount } from '../ledger/show-account.ts';

/**
 * Opens a holder's account in a currency, or closes it. Decided with the money that comes and goes: one that is closed takes
 * none. Done twice it is the same. Throws `not_found` and `account_not_empty` for one that cannot be closed.
 */
export async function shutAccount(
  deps: Deps,
  actor: AccountActor,
  currency: Currency,
  what: 'open' | 'close',
): Promise<Output<'open-account'>> {
  const id = deps.newId('request');
  const outcome = await deps.poster.post({
    id,
    initiator: actor.user,
    key: {
      owner: actor.user,
      key: id,
      fingerprint: fingerprintOf({ operation: `${what}-account`, currency }),
    },
    entries: [],
    [what]: [holderAccount(actor.user, currency)],
  });
  if (outcome.state === 'refused') throw new Refusal(outcome.refusal.code, outcome.refusal.facts);
  if (outcome.state === 'mismatch') throw new Error(`the key ${id} was used for something else`);
  const action = what === 'open' ? 'account-opened' : 'account-closed';
  await deps.engine.transact((tx) => record(tx, deps, actor, { action, facts: { currency } }));
  const row = (await balancesOf(deps.engine, actor.user)).find((each) => each.currency === currency);
  if (!row) throw new Error(`the account in ${currency} cannot be read`);
  return showAccount(row);
}

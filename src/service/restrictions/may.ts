import type { Refusal } from '../../core/contract/refusals.ts';
import { freezeGuard, restrictionGuard, type RESTRICTABLE } from '../ledger/guards.ts';
import type { EntryDraft, Guard } from '../ledger/intent.ts';

type AccountDraft = EntryDraft['account'];

type MoneyCapability = (typeof RESTRICTABLE)[number];

/**
 * The guard of an intent that begins something on a holder's account: it is refused while the holder is kept from it,
 * decided with the money under the same locks (OWASP ASVS 5.0, V8.3.2). The intent has an entry or a hold on the account.
 */
export function mayBegin(account: AccountDraft, capability: MoneyCapability): Guard {
  return guardOf(restrictionGuard(account.owner ?? '', capability), account, capability);
}

/**
 * The guard of an intent that finishes what began before, such as one that takes what was held: it is refused only
 * while a restriction freezes what is in flight, too.
 */
export function mayFinish(account: AccountDraft, capability: MoneyCapability): Guard {
  return guardOf(freezeGuard(account.owner ?? '', capability), account, capability);
}

/** Who pays is told nothing of the recipient's account but that it cannot be paid. */
const REFUSALS: Readonly<Record<MoneyCapability, Guard['refusal']>> = {
  receive: { code: 'recipient_unavailable', facts: {} },
  send: { code: 'account_restricted', facts: { capability: 'send' } },
  convert: { code: 'account_restricted', facts: { capability: 'convert' } },
  withdraw: { code: 'account_restricted', facts: { capability: 'withdraw' } },
};

function guardOf(name: string, of: AccountDraft, capability: MoneyCapability): Guard {
  return { name, add: 0n, most: 0n, of, refusal: REFUSALS[capability] };
}

/** Whether it says that somebody is kept from something. */
export function isAboutRestriction({ code }: Pick<Refusal, 'code'>): boolean {
  return code === 'account_restricted' || code === 'recipient_unavailable';
}

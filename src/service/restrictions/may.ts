import type { Refusal } from '../../core/contract/refusals.ts';
import { freezeGuard, restrictionGuard } from '../ledger/guards.ts';
import type { Guard } from '../ledger/intent.ts';

/** What a restriction of payments can be about; `log-in` is about sessions. */
export type MoneyCapability = 'receive' | 'send' | 'convert' | 'withdraw';

/**
 * The guard of an intent that begins something: it is refused while the holder is kept from it, decided with the money
 * under the same locks (OWASP ASVS 5.0, V8.3.2).
 */
export function mayBegin(user: string, capability: MoneyCapability): Guard {
  return { name: restrictionGuard(user, capability), add: 0n, most: 0n, refusal: refusalOf(capability) };
}

/**
 * The guard of an intent that finishes what began before, such as one that takes what was held: it is refused only
 * while a restriction freezes what is in flight, too.
 */
export function mayFinish(user: string, capability: MoneyCapability): Guard {
  return { name: freezeGuard(user, capability), add: 0n, most: 0n, refusal: refusalOf(capability) };
}

/** Who pays is told nothing of the recipient's account but that it cannot be paid. */
function refusalOf(capability: MoneyCapability): Guard['refusal'] {
  return capability === 'receive'
    ? { code: 'recipient_unavailable', facts: {} }
    : { code: 'account_restricted', facts: { capability } };
}

/** Whether it says that somebody is kept from something. */
export function isAboutRestriction({ code }: Pick<Refusal, 'code'>): boolean {
  return code === 'account_restricted' || code === 'recipient_unavailable';
}

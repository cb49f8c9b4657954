import { Refusal } from '../core/contract/refusals.ts';
import type { Context } from './context.ts';

/** The registration a flag names, or the one this profile made last. Throws `usage_invalid` when there is none. */
export function pendingRegistration({ profile }: Context, flag: string | undefined): string {
  const registration = flag ?? profile.known.registration;
  if (registration !== undefined) return registration;
  throw new Refusal('usage_invalid', {
    reason: `No registration waits for a code in the profile “${profile.name}”; name one with --registration.`,
    next: 'okpay register',
  });
}

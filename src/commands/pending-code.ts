import { Refusal } from '../core/contract/refusals.ts';
import type { Context } from './context.ts';

/** What waits for a code from a mail, how it is called, and how to begin it. */
const WAITING = {
  reset: { what: 'request for a new password', next: 'okpay password forgot' },
  emailChange: { what: 'change of the e-mail address', next: 'okpay email change' },
} as const;

/** The request a flag names, or the one this profile made last. Throws `usage_invalid` when there is none. */
export function pendingCode(
  { profile }: Context,
  waiting: keyof typeof WAITING,
  flag: string | undefined,
): string {
  const found = flag ?? profile.known[waiting];
  if (found !== undefined) return found;
  const { what, next } = WAITING[waiting];
  throw new Refusal('usage_invalid', {
    reason: `No ${what} waits for a code in the profile “${profile.name}”; name one with --request.`,
    next,
  });
}

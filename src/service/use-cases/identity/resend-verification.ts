import { Refusal } from '../../../core/contract/refusals.ts';
import { knock, visitorOf } from '../../identity/throttle.ts';
import { draftMail, MOST_MAILS, writeMail } from '../../identity/verification-mail.ts';
import { registrationById, renewMail } from '../../store/registrations.ts';
import type { UseCase } from '../use-case.ts';
import { TERMS } from '../../terms.ts';

/**
 * Sends the mail of a registration again, with a new code and link; those before end. Registrations of an address with
 * an account, before and after it got one, are told just the same. A registration nobody was ever given an id of, or
 * that is a day old, is `not_found`.
 */
export const resendVerification: UseCase<'resend-verification'> = async (
  deps,
  actor,
  { registration: id },
) => {
  const now = deps.now();
  const registration = await registrationById(deps.engine, id);
  const endsAt = registration ? Date.parse(registration.createdAt) + TERMS.registrationMs : 0;
  if (!registration || endsAt <= now) throw new Refusal('not_found', { thing: 'registration', id });
  await knock(deps, 'registration', visitorOf(actor, { account: registration.emailKey }));

  const mail = draftMail(deps, id);
  const sent = await deps.engine.transact(async (tx) => {
    if (!(await renewMail(tx, { id, ...mail }, MOST_MAILS))) return false;
    await writeMail(tx, deps, registration, mail);
    return true;
  });
  if (!sent) {
    throw new Refusal('too_many_attempts', { retryAfter: String(Math.ceil((endsAt - now) / 1000)) });
  }
  deps.log.info('verification_resent', { registration: id });
  return { registration: id, email: registration.email, expiresAt: mail.expiresAt };
};

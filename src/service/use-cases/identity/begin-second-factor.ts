import { Refusal } from '../../../core/contract/refusals.ts';
import { encodeTotpSecret, totpUri } from '../../../core/totp.ts';
import { timestamp } from '../../deps.ts';
import { checkPassword } from '../../identity/check-password.ts';
import { factorOf, factorPurpose } from '../../identity/second-factor.ts';
import { beginSecondFactor as begin } from '../../store/second-factors.ts';
import type { UseCase } from '../use-case.ts';

/** 160 bits: as long as the hash behind the codes (RFC 4226, 4). */
const SECRET_BYTES = 20;

/**
 * Makes the secret of a second factor and tells it, this once. It counts for nothing until a code made with it has come
 * back. Throws `credentials_invalid`, `second_factor_on`, `keys_unusable`.
 */
export const beginSecondFactor: UseCase<'begin-second-factor'> = async (deps, actor, { password }) => {
  await checkPassword(deps, actor, password);
  if (await factorOf(deps.engine, actor.user)) throw new Refusal('second_factor_on');
  const secret = encodeTotpSecret(deps.random(SECRET_BYTES));
  const sealed = deps.keyring.seal(factorPurpose(actor.user), Buffer.from(secret));
  const factor = { userId: actor.user, secret: sealed, createdAt: timestamp(deps.now()) };
  if (!(await deps.engine.transact((tx) => begin(tx, factor)))) throw new Refusal('second_factor_on');
  return { secret, uri: totpUri(secret, actor.email), codeAt: timestamp(deps.now()) };
};

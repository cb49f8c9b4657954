import { Refusal } from '../core/contract/refusals.ts';
import type { SessionStore } from '../core/session.ts';
import type { Answer, Call, Transport } from '../core/transport/transport.ts';
import type { Io } from './io.ts';
import type { Environment } from '../core/places.ts';
import type { Show } from './show/show.ts';

/** What it takes to answer when the service asks who is there. */
export type Asked = {
  readonly io: Io;
  readonly environment: Environment;
  readonly show: Show;
  readonly session: SessionStore;
};

/** How often somebody may mistype; and a code from a secret, which another program may have used first. */
const TYPED_TRIES = 3;
const MADE_TRIES = 2;

/**
 * A transport that answers by itself when the service asks for a code (`second_factor_required`) or for a proof
 * (`proof_required`), and then makes the call again: no command has to. The code is typed, or made from
 * OKPAY_TOTP_SECRET; the password is typed, or OKPAY_PASSWORD. Where there is nobody to ask, the refusal stays.
 */
export function withAnswers(transport: Transport, asked: Asked): Transport {
  /** A proof gives the session another token: what is called with the one before goes with that. */
  let renewed: { readonly from: string; readonly to: string } | undefined;
  const send = (call: Call): Promise<Answer> =>
    transport.call(renewed && call.token === renewed.from ? { ...call, token: renewed.to } : call);

  const call = async (wanted: Call, mayProve = true): Promise<Answer> => {
    try {
      return await send(wanted);
    } catch (error) {
      // What was streamed out cannot be sent again.
      if (!(error instanceof Refusal) || wanted.body) throw error;
      if (error.code === 'second_factor_required') return withCode(wanted, error);
      if (error.code !== 'proof_required' || !mayProve) throw error;
      await prove(wanted, error);
      return call(wanted, false);
    }
  };

  const withCode = async (wanted: Call, why: Refusal): Promise<Answer> => {
    const most = asked.environment['OKPAY_TOTP_SECRET'] ? MADE_TRIES : TYPED_TRIES;
    for (let tries = 1; ; tries++) {
      const code = await codeFor(asked, why);
      try {
        return await send({ ...wanted, input: { ...(wanted.input as object), code } });
      } catch (error) {
        const mayTryAgain = isRefusal(error, 'second_factor_invalid') && tries < most;
        if (!mayTryAgain) throw error;
        asked.show.note(error.message);
      }
      try {
        return await send(wanted);
      } catch (error) {
        if (!isRefusal(error, 'second_factor_required')) throw error;
        why = error;
      }
    }
  };

  const prove = async (wanted: Call, why: Refusal): Promise<void> => {
    const { session } = asked;
    // The proof ends the token of the environment, and nobody could put the new one there.
    if (session.fromEnvironment || wanted.token === undefined) throw why;
    const input = why.facts['with'] === 'code' ? {} : { password: await passwordFor(asked, why) };
    const answer = await call({ operation: 'prove', input, token: wanted.token }, false);
    const { token } = ('output' in answer ? answer.output : {}) as { token?: unknown };
    if (typeof token !== 'string') throw new Refusal('unexpected');
    await session.renew(session.saved()?.place ?? '', { token });
    renewed = { from: wanted.token, to: token };
  };

  return { place: transport.place, call: (wanted) => call(wanted), close: () => transport.close() };
}

/** A code: made from the secret for the instant the service names, so that no clock but the service's counts; or typed. */
async function codeFor({ io, environment, show }: Asked, why: Refusal): Promise<string> {
  const given = environment['OKPAY_TOTP_SECRET'];
  if (given) {
    const [{ readSecret }, { totpCode }] = await Promise.all([
      import('./read-totp-secret.ts'),
      import('../core/totp.ts'),
    ]);
    const secret = readSecret(given);
    const at = Date.parse(why.facts['codeAt'] ?? '');
    if (Number.isNaN(at)) throw why;
    const waitSeconds = Number(why.facts['retryAfter'] ?? '0');
    if (waitSeconds > 0) {
      show.note(`The code of this moment was used already; waiting ${waitSeconds} seconds for the next one.`);
      const { setTimeout: sleep } = await import('node:timers/promises');
      await sleep(waitSeconds * 1_000);
    }
    return totpCode(secret, at);
  }
  if (!io.interactive) throw why;
  show.note(why.message);
  return io.ask({ message: 'Code', flag: 'OKPAY_TOTP_SECRET' });
}

async function passwordFor({ io, environment, show }: Asked, why: Refusal): Promise<string> {
  if (environment['OKPAY_PASSWORD']) return environment['OKPAY_PASSWORD'];
  if (!io.interactive) throw why;
  show.note(why.message);
  return io.askSecret({ message: 'Password', flag: 'OKPAY_PASSWORD' });
}

function isRefusal(error: unknown, code: Refusal['code']): error is Refusal {
  return error instanceof Refusal && error.code === code;
}

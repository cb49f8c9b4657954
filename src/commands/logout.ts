import { Command } from 'commander';
import { Refusal } from '../core/contract/refusals.ts';
import type { Context } from './context.ts';
import { declare, type Run } from './declare.ts';

export type Options = { local?: boolean };

/** `okpay logout`: ends the session at the service and forgets its token here. A token for programs is only forgotten. */
export function logoutCommand(run: Run<Options> = logout) {
  const command = new Command().option('--local', 'only forget the token on this machine, without a call');
  return declare(command, run);
}

async function logout(context: Context, { local = false }: Options): Promise<void> {
  const { profile, session, show } = context;
  const loggedIn = local || session.isFor(context.place);
  const forPrograms = !local && loggedIn && session.isForPrograms();
  const ended = loggedIn && !local && !forPrograms && (await endSession(context));
  if (local || (loggedIn && !session.fromEnvironment)) await session.forget();
  if (session.fromEnvironment) show.note('OKPAY_TOKEN is still set; unset it.');
  await show.answer({ profile: profile.name, ended }, (pen) => {
    if (ended) return [`Logged out of ${pen.text(context.place)}.`];
    if (local) return ['The token on this machine is forgotten; the session itself ends by its own time.'];
    if (forPrograms)
      return [
        `${session.fromEnvironment ? 'A' : 'Forgotten here: a'} token for programs is good until it expires, or is revoked by its owner (okpay token revoke NAME).`,
      ];
    return ['Nobody was logged in.'];
  });
}

/** Ends the session; false when it had ended by itself. When the service cannot be reached this throws. */
async function endSession(context: Context): Promise<boolean> {
  try {
    const client = await context.client();
    await client.call('log-out', {});
    return true;
  } catch (error) {
    if (error instanceof Refusal && ['session_required', 'session_expired'].includes(error.code))
      return false;
    throw error;
  }
}

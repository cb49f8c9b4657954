import { Command } from 'commander';
import { Refusal } from '../core/contract/refusals.ts';
import type { Context } from './context.ts';
import { declare, type Run } from './declare.ts';

export type Options = { local?: boolean };

/** `okpay logout`: ends the session at the service and forgets its token here. */
export function logoutCommand(run: Run<Options> = logout) {
  const command = new Command().option('--local', 'only forget the token on this machine, without a call');
  return declare(command, run);
}

async function logout(context: Context, options: Options): Promise<void> {
  const { profile, session, show } = context;
  const ended = options.local ? false : await endSession(context);
  if (options.local || !session.fromEnvironment) session.forget();
  if (session.fromEnvironment) show.note('OKPAY_TOKEN is still set; unset it.');
  await show.answer({ profile: profile.name, ended }, () => [
    ended
      ? `Logged out of ${context.place}.`
      : options.local
        ? 'The token on this machine is forgotten; the session itself ends by its own time.'
        : 'Nobody was logged in.',
  ]);
}

/** Ends the session; false when there was none any more. What cannot be reached is thrown, and the token is kept. */
async function endSession(context: Context): Promise<boolean> {
  if (context.session.token(context.place) === undefined) return false;
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

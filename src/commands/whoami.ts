import { Command } from 'commander';
import { Refusal } from '../core/contract/refusals.ts';
import type { Context } from './context.ts';
import { declare, type Run } from './declare.ts';
import { facts } from './show/blocks.ts';

export type Options = { local?: boolean };

/** `okpay whoami`: who is logged in, where, until when, and where the token is kept. */
export function whoamiCommand(run: Run<Options> = whoami) {
  const command = new Command().option('--local', 'what this machine knows, without a call');
  return declare(command, run);
}

async function whoami(context: Context, options: Options): Promise<void> {
  const { profile, session, show } = context;
  const here = { profile: profile.name, place: context.place, tokenFrom: session.origin };
  if (options.local) {
    if (session.token(context.place) === undefined) throw new Refusal('session_required');
    const saved = session.fromEnvironment ? undefined : session.saved();
    const answer = { ...here, email: saved?.email, expiresAt: saved?.expiresAt };
    return show.answer(answer, (pen) => [
      facts(
        ['E-mail', saved && pen.text(saved.email)],
        ['Service', pen.text(context.place)],
        ['Profile', profile.name],
        ['Token', session.origin],
        ['Session until', saved && pen.time(saved.expiresAt)],
      ),
    ]);
  }
  const client = await context.client();
  const { user, session: current } = await client.call('get-me', {});
  await show.answer({ ...here, user, session: current }, (pen) => [
    facts(
      ['Name', pen.strong(pen.text(user.displayName))],
      ['E-mail', pen.text(user.email)],
      ['Phone', user.phone && pen.text(user.phone)],
      ['Role', user.role && pen.text(user.role)],
      ['Account', pen.text(user.id)],
      ['Service', pen.text(context.place)],
      ['Profile', profile.name],
      ['Token', session.origin],
      ['Session', `${pen.text(current.id)} on ${pen.text(current.device)}`],
      ['Session until', pen.time(current.expiresAt)],
    ),
  ]);
}

import { Command } from 'commander';
import { Refusal } from '../core/contract/refusals.ts';
import type { Context } from './context.ts';
import { declare, type Run } from './declare.ts';
import { facts } from './show/blocks.ts';
import { boundsText, capsText } from './show/token.ts';

export type Options = { local?: boolean };

/** `okpay whoami`: who is logged in, where, until when, and where the secret is kept. */
export function whoamiCommand(run: Run<Options> = whoami) {
  const command = new Command().option('--local', 'what this machine knows, without a call');
  return declare(command, run);
}

async function whoami(context: Context, options: Options): Promise<void> {
  const { profile, session, show } = context;
  if (options.local) {
    if (!session.isFor(context.place)) throw new Refusal('session_required');
    const saved = session.fromEnvironment ? undefined : session.saved();
    const answer = { ...here(context), email: saved?.email, expiresAt: saved?.expiresAt };
    return show.answer(answer, (pen) => [
      facts(
        ['E-mail', saved && pen.text(saved.email)],
        ['Service', pen.text(context.place)],
        ['Profile', profile.name],
        ['Secret', secretText(context)],
        [session.isForPrograms() ? 'Token until' : 'Session until', saved && pen.time(saved.expiresAt)],
      ),
    ]);
  }
  const client = await context.client();
  const { user, session: current, token } = await client.call('get-me', {});
  const answer = {
    ...here(context),
    user,
    ...(current ? { session: current } : {}),
    ...(token ? { token } : {}),
  };
  await show.answer(answer, (pen) => [
    facts(
      ['Name', pen.strong(pen.text(user.displayName))],
      ['E-mail', pen.text(user.email)],
      ['Phone', user.phone && pen.text(user.phone)],
      ['Role', user.role && pen.text(user.role)],
      ['Account', pen.text(user.id)],
      ['Service', pen.text(context.place)],
      ['Profile', profile.name],
      ['Secret', secretText(context)],
      ['Session', current && `${pen.text(current.id)} on ${pen.text(current.device)}`],
      ['Session until', current && pen.time(current.expiresAt)],
      ['Token', token && `${pen.strong(pen.text(token.name))} (${pen.text(token.id)})`],
      ['May', token?.scopes.join(', ')],
      ['Caps', token && (capsText(token.caps, pen.text) || undefined)],
      ['Bounds', token && (boundsText(token, pen) || undefined)],
      ['Token until', token && pen.time(token.expiresAt)],
    ),
  ]);
}

function here({ profile, place, session }: Context) {
  return { profile: profile.name, place, tokenFrom: session.origin };
}

/** Where the secret lives. */
function secretText({ session }: Context): string {
  if (session.fromEnvironment) return 'in the environment (OKPAY_TOKEN)';
  return session.origin === session.path
    ? `in the file ${session.path}`
    : `in the keychain (${session.origin})`;
}

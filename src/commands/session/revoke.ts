import { Command } from 'commander';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';

export type Options = { id: string };

/** `okpay session revoke ID`: ends one of your sessions, wherever it is. */
export function revokeSessionCommand(run: Run<Options> = revokeSession) {
  return declare(new Command().argument('<id>', 'the session, as `okpay session list` shows it'), run);
}

async function revokeSession(context: Context, { id }: Options): Promise<void> {
  const client = await context.client();
  await client.call('revoke-session', { session: id });
  const { session } = context;
  if (!session.fromEnvironment && session.saved()?.session === id) await session.forget();
  await context.show.answer({ session: id, revoked: true }, (pen) => [
    `Session ${pen.text(id)} has ended. Its token no longer works.`,
  ]);
}

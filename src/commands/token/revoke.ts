import { Command } from 'commander';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';

export type Options = { token: string };

/** `okpay token revoke NAME`: ends a token at once, wherever it is used. */
export function revokeTokenCommand(run: Run<Options> = revokeToken) {
  return declare(new Command().argument('<token>', 'its name or id, as `okpay token list` shows it'), run);
}

async function revokeToken(context: Context, { token }: Options): Promise<void> {
  const client = await context.client();
  const { id, name } = await client.call('revoke-token', { name: token });
  await context.show.answer({ token: id, name, revoked: true }, (pen) => [
    `The token ${pen.strong(pen.text(name))} has ended. It no longer works anywhere.`,
  ]);
}

import { Command } from 'commander';
import type { Context } from '../context.ts';
import { declare, type Run } from '../declare.ts';
import { facts } from '../show/blocks.ts';
import { boundsText, capsText } from '../show/token.ts';

export type Options = Record<string, never>;

/** `okpay token list`: what programs may use your account, how far, and when they last did. */
export function listTokensCommand(run: Run<Options> = listTokens) {
  return declare(new Command(), run);
}

async function listTokens(context: Context): Promise<void> {
  const client = await context.client();
  const answer = await client.call('list-tokens', {});
  await context.show.answer(answer, (pen) => {
    if (answer.tokens.length === 0) return ['No tokens. To make one: okpay token create NAME --scope read'];
    return answer.tokens.flatMap((token, at) => {
      const { lastUsedAt, lastNetwork = '' } = token;
      const isOver = Date.parse(token.expiresAt) <= context.now();
      return [
        ...(at > 0 ? [''] : []),
        facts(
          ['Token', `${pen.strong(pen.text(token.name, 60))} ${pen.dim(`(${pen.text(token.id)})`)}`],
          ['May', token.scopes.join(', ')],
          ['Caps', capsText(token.caps, pen.text) || undefined],
          ['Bounds', boundsText(token, pen) || undefined],
          ['Last used', lastUsedAt ? `${pen.time(lastUsedAt)} from ${pen.text(lastNetwork)}` : 'never'],
          [
            isOver ? 'Expired' : 'Until',
            isOver ? pen.bad(pen.time(token.expiresAt)) : pen.time(token.expiresAt),
          ],
        ),
      ];
    });
  });
}

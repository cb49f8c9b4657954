import { Command, Option } from 'commander';
import type { Input, Scope } from '../../core/contract/operations.ts';
import { Refusal } from '../../core/contract/refusals.ts';
import type { Context } from '../context.ts';
import { readDay } from '../day.ts';
import { declare, type Run } from '../declare.ts';
import { repeatable } from '../repeatable.ts';
import { showShortTime } from '../show/time.ts';
import { safeText } from '../show/safe-text.ts';
import { capsText } from '../show/token.ts';

export type Options = {
  name: string;
  scope?: Scope[];
  expires?: string;
  cap?: string[];
  daily?: string[];
  monthly?: string[];
  payee?: string[];
  from?: string[];
  plan?: string;
};

type Caps = NonNullable<Input<'create-token'>['caps']>;

/** `okpay token create NAME`: makes a token for programs. The token alone goes to stdout, so that it can be piped on. */
export function createTokenCommand(run: Run<Options> = createToken) {
  const scopes = new Option('--scope <scope>', 'what it may do; can be given more than once');
  const money = (flag: string, most: string) =>
    repeatable(new Option(`${flag} <currency:amount>`, `the most it may pay ${most}, such as EUR:100`));
  const command = new Command()
    .argument('<name>', 'what you will call it')
    .addOption(repeatable(scopes.choices(['read', 'pay', 'payees', 'staff'])))
    .option('--expires <when>', 'when it ends: 12h, 30d or a day (90d when left out, a year at most)')
    .addOption(money('--cap', 'at once'))
    .addOption(money('--daily', 'in a day (UTC)'))
    .addOption(money('--monthly', 'in a month (UTC)'))
    .addOption(
      repeatable(new Option('--payee <name>', 'whom alone it may pay: a saved payee or an e-mail address')),
    )
    .addOption(
      repeatable(new Option('--from <network>', 'from where alone it may be used, such as 192.0.2.0/24')),
    )
    .option('--plan <id>', 'the one payout plan that it carries out');
  return declare(command, run);
}

async function createToken(context: Context, options: Options): Promise<void> {
  const { name, scope: scopes, expires, payee: payees, from: networks, plan } = options;
  if (!scopes)
    throw new Refusal('usage_invalid', {
      reason: '--scope is needed, once or more: read, pay, payees or staff.',
    });
  const caps = [
    ...capsOf('payment', options.cap),
    ...capsOf('day', options.daily),
    ...capsOf('month', options.monthly),
  ];
  const input: Input<'create-token'> = {
    name,
    scopes,
    ...(expires === undefined ? {} : { expiresAt: readExpiry(expires, context.now()) }),
    ...(caps.length === 0 ? {} : { caps }),
    ...(payees ? { payees } : {}),
    ...(networks ? { networks } : {}),
    ...(plan === undefined ? {} : { plan }),
  };
  const client = await context.client();
  const answer = await client.call('create-token', input);
  const { token } = answer;
  await context.show.answer(answer, () => [answer.secret]);
  context.show.note(
    [
      `That is the token “${token.name}”. It is shown this once and kept nowhere: put it where the program finds it, as OKPAY_TOKEN or by okpay login --with-token.`,
      `It may ${token.scopes.join(', ')}, until ${showShortTime(token.expiresAt)}.${token.caps.length > 0 ? ` Caps: ${capsText(token.caps, safeText)}.` : ''}`,
      ...(scopes.includes('pay') && caps.length === 0
        ? ['It has no cap: it may pay all you have. See --cap, --daily and --monthly.']
        : []),
    ].join('\n'),
  );
}

/** `EUR:100` each. Throws `usage_invalid`. */
function capsOf(per: Caps[number]['per'], texts: readonly string[] = []): Caps {
  return texts.map((text) => {
    const [, currency, amount] = /^([A-Za-z]{3}):(\d[\d.]*)$/.exec(text) ?? [];
    if (currency === undefined || amount === undefined)
      throw new Refusal('usage_invalid', {
        reason: `A cap is a currency and an amount, such as EUR:100, not “${text}”.`,
      });
    return { per, most: { amount, currency: currency.toUpperCase() } };
  });
}

/** Hours or days from `nowMs` on, or a day, as RFC 3339. Throws `usage_invalid`. */
function readExpiry(text: string, nowMs: number): string {
  const [, count, unit] = /^(\d{1,5})(h|d)$/.exec(text) ?? [];
  if (count === undefined) return readDay(text, '--expires', true);
  return new Date(nowMs + Number(count) * (unit === 'h' ? 3_600_000 : 86_400_000)).toISOString();
}

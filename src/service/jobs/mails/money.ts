import { onOneLine, readableTime } from '../mail.ts';
import type { Draft, Known, Payload } from './draft.ts';

/** Money came in. */
export function received(
  { userOf }: Known,
  { to = '', from = '', transfer, at, amount, currency }: Payload,
): Draft | undefined {
  const payee = userOf(to);
  if (!payee || payee.notifyReceived === 0n || !transfer || !at) return undefined;
  const payer = userOf(from);
  const money = `${amount} ${currency}`;
  return {
    to: payee.email,
    subject: `You received ${money}`,
    lines: [
      payer
        ? `You received ${money} from “${onOneLine(payer.displayName)}”.`
        : `You received ${money}: a deposit from your bank.`,
      '',
      `When: ${readableTime(at)}`,
      `Transfer: ${transfer}`,
      '',
      'To see it:',
      '',
      `okpay show ${transfer}`,
    ],
  };
}

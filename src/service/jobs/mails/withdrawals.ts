import { onOneLine, readableTime } from '../mail.ts';
import type { Draft, Known, Payload } from './draft.ts';

/** What became of a withdrawal. */
export function withdrawalEnded({ userOf }: Known, payload: Payload): Draft | undefined {
  const { user = '', withdrawal, state = '', amount, currency, at, reason } = payload;
  const holder = userOf(user);
  const said = SAYINGS[state];
  if (!holder || !said || !withdrawal || !at) return undefined;
  return {
    to: holder.email,
    subject: said.subject,
    lines: [
      said.text,
      '',
      `Withdrawal: ${withdrawal}`,
      `Amount: ${amount} ${currency}`,
      `When: ${readableTime(at)}`,
      ...(reason === undefined ? [] : [`Why: ${onOneLine(reason)}`]),
      '',
      'To see it:',
      '',
      `okpay withdraw show ${withdrawal}`,
    ],
  };
}

const SAYINGS: Readonly<Record<string, { subject: string; text: string }>> = {
  settled: {
    subject: 'Your withdrawal was paid',
    text: 'The bank has paid your withdrawal. It is on its way to your account.',
  },
  returned: {
    subject: 'Your withdrawal came back',
    text: 'The bank has sent your withdrawal back. The money is in your wallet again.',
  },
  rejected: {
    subject: 'Your withdrawal was not approved',
    text: 'Your withdrawal was not approved. The money is in your wallet again.',
  },
  failed: {
    subject: 'Your withdrawal was refused by the bank',
    text: 'The bank did not take your withdrawal. The money is in your wallet again.',
  },
};

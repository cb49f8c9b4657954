import { readableTime } from '../mail.ts';
import type { Draft, Known, Payload } from './draft.ts';

/** Staff asked for something that two of them decide: the holder hears of it before anything is done. */
export function actAsked({ userOf }: Known, payload: Payload): Draft | undefined {
  const said = SAYINGS[payload['act'] ?? '']?.(payload);
  const user = userOf(payload['user'] ?? '');
  if (!said || !user) return undefined;
  return {
    to: user.email,
    subject: `OKpay support asks for a change: ${said.subject}`,
    lines: [
      'A member of our staff asked that',
      '',
      `  ${said.asked}.`,
      '',
      said.when,
      ...(said.stop === undefined ? [] : ['', said.stop]),
      '',
      'If you know nothing of it, or do not agree, tell us at once:',
      '',
      'okpay support open',
      '',
      'Nobody from OKpay will ever ask you for a password or a code.',
    ],
  };
}

/** What two members of staff decided was done. */
export function actDone({ userOf }: Known, payload: Payload): Draft | undefined {
  const said = SAYINGS[payload['act'] ?? '']?.(payload);
  const user = userOf(payload['user'] ?? '');
  if (!said || !user) return undefined;
  const { transfer, at } = payload;
  return {
    to: user.email,
    subject: `Done by OKpay support: ${said.subject}`,
    lines: [
      said.done,
      ...(at === undefined ? [] : ['', `When: ${readableTime(at)}`]),
      ...(transfer === undefined ? [] : ['', 'To see it:', '', `okpay show ${transfer}`]),
      '',
      'If you know nothing of it, tell us at once:',
      '',
      'okpay support open',
    ],
  };
}

/** Staff put an account at another level. */
export function levelSet({ userOf }: Known, { user: id = '', level, at }: Payload): Draft | undefined {
  const user = userOf(id);
  if (!user || !level || !at) return undefined;
  return {
    to: user.email,
    subject: 'Your OKpay account has another level',
    lines: [
      `A member of our staff put your account at the level “${level}”. With it the`,
      'limits of what you may send, receive, convert and withdraw can be others.',
      '',
      `When: ${readableTime(at)}`,
      '',
      'To see them, and what is left of them:',
      '',
      'okpay limits',
      '',
      'If you know nothing of it, tell us:',
      '',
      'okpay support open',
    ],
  };
}

type Saying = {
  readonly subject: string;
  /** After “asked that”. */
  readonly asked: string;
  readonly when: string;
  readonly stop?: string;
  readonly done: string;
};

const NOTHING_LOST =
  'If you can still log in with your second factor, do: that stops it. Then change your password.';

/** What the mails say of each act. */
const SAYINGS: Readonly<Record<string, (payload: Payload) => Saying>> = {
  unlock: () => ({
    subject: 'your account is unlocked',
    asked: 'your account may be logged in to again',
    when: 'A second one decides. It is done 12 hours after that at the earliest.',
    stop: NOTHING_LOST,
    done: 'Your account may be logged in to again.',
  }),
  'factor-reset': () => ({
    subject: 'your second factor is removed',
    asked: 'the second factor of your account be removed',
    when: 'A second one decides. It is done 24 hours after that at the earliest.',
    stop: NOTHING_LOST,
    done: 'The second factor of your account was removed, and all sessions and tokens were ended. Your password is as it was.',
  }),
  adjustment: ({ amount, currency, direction }) => ({
    subject: 'your balance is put right',
    asked:
      direction === 'credit'
        ? `${amount} ${currency} be added to your account`
        : `${amount} ${currency} be taken from your account`,
    when: 'A second one decides. It is done an hour after that at the earliest.',
    done:
      direction === 'credit'
        ? `${amount} ${currency} was added to your account.`
        : `${amount} ${currency} was taken from your account.`,
  }),
  reversal: ({ amount, currency, transfer, reverses, direction }) => ({
    subject: 'a payment is moved back',
    asked: `${amount === undefined ? 'the payment' : `${amount} ${currency} of the payment`} ${transfer ?? ''} that you received be moved back`,
    when: 'A second one decides. It is done an hour after that at the earliest.',
    done:
      direction === 'credit'
        ? `${amount} ${currency} of your payment ${reverses ?? ''} came back to you.`
        : `${amount} ${currency} of the payment ${reverses ?? ''} that you received was moved back.`,
  }),
};

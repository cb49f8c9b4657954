import { indented } from '../mail.ts';
import type { Draft, Known, Payload } from './draft.ts';

/** Support has written to a holder: what they wrote, and never what the holder did. */
export function caseReply(known: Known, payload: Payload): Draft | undefined {
  return fromStaff(known, payload, 'OKpay support has answered you', 'OKpay support has written to you:');
}

/** Support has opened a case on an account. */
export function caseOpened(known: Known, payload: Payload): Draft | undefined {
  const first = 'OKpay support has opened a case about your account, and writes:';
  return fromStaff(known, payload, 'OKpay support has a question about your account', first);
}

function fromStaff(
  { userOf }: Known,
  { user: id = '', case: which, text, proof }: Payload,
  subject: string,
  first: string,
): Draft | undefined {
  const user = userOf(id);
  if (!user || !which || !text) return undefined;
  return {
    to: user.email,
    subject,
    lines: [
      first,
      '',
      ...indented(text),
      '',
      'To read all of it, and to answer:',
      '',
      `okpay support show ${which}`,
      `okpay support reply ${which}`,
      '',
      'Nobody from OKpay will ever ask you for a password or a code.',
    ],
    proof,
  };
}

/** A case was closed. */
export function caseClosed({ userOf }: Known, { user: id = '', case: which }: Payload): Draft | undefined {
  const user = userOf(id);
  return user && which
    ? {
        to: user.email,
        subject: 'Your case at OKpay support was closed',
        lines: [
          `OKpay support has closed your case ${which}.`,
          '',
          'If something is left to be said, write to it: that opens it again.',
          '',
          `okpay support reply ${which}`,
        ],
      }
    : undefined;
}

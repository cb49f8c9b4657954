import type { Deps } from '../deps.ts';
import { parseEmail } from '../identity/email.ts';
import type { OutboxRow } from '../store/outbox.ts';
import { userById } from '../store/users.ts';
import { onOneLine, readableTime, type Mail } from './mail.ts';

type Payload = Readonly<Record<string, string | undefined>>;
type Draft = { readonly to: string; readonly subject: string; readonly lines: readonly string[] };

/** What each kind of event says, or undefined when there is nothing to send. */
const COMPOSERS: Readonly<Record<string, (deps: Deps, payload: Payload) => Promise<Draft | undefined>>> = {
  'mail.verify': verify,
  'mail.already-registered': alreadyRegistered,
  'mail.welcome': welcome,
  'transfer.done': received,
};

/** Whether this version of the service knows what to do with an event. */
export function isKnown(kind: string): boolean {
  return Object.hasOwn(COMPOSERS, kind);
}

/** The mail an event asks for, or undefined when there is nothing to send any more. */
export async function composeMail(deps: Deps, event: OutboxRow): Promise<Mail | undefined> {
  const draft = await COMPOSERS[event.kind]?.(deps, JSON.parse(event.payload) as Payload);
  if (!draft) return undefined;
  return {
    id: event.id,
    kind: event.kind.slice(event.kind.indexOf('.') + 1),
    to: parseEmail(draft.to).address,
    subject: onOneLine(draft.subject),
    text: `${draft.lines.join('\n')}\n`,
  };
}

/** Nothing in this mail comes from whoever registered: it may go to somebody who never heard of them. */
async function verify(deps: Deps, { email, code, token, expiresAt }: Payload): Promise<Draft | undefined> {
  if (!email || !code || !token || !expiresAt || Date.parse(expiresAt) <= deps.now()) return undefined;
  return {
    to: email,
    subject: 'Confirm your e-mail address for OKpay',
    lines: [
      'Somebody, most likely you, is opening an OKpay account with this e-mail',
      'address. To confirm that the address is yours, type:',
      '',
      `okpay verify ${code}`,
      '',
      'or open this page and press the button:',
      '',
      `${deps.publicUrl}/verify?token=${token}`,
      '',
      `Both are good once, until ${readableTime(expiresAt)}.`,
      '',
      'If it was not you, do nothing: without the code there is no account.',
      'Nobody from OKpay will ever ask you for it.',
    ],
  };
}

async function alreadyRegistered(deps: Deps, { user: id = '' }: Payload): Promise<Draft | undefined> {
  const user = await userById(deps.engine, id);
  return (
    user && {
      to: user.email,
      subject: 'Your e-mail address was used to register at OKpay',
      lines: [
        'Somebody tried to open an OKpay account with this e-mail address. You',
        'have an account already, and nothing about it has changed.',
        '',
        'If it was you, log in with the password you chose then:',
        '',
        'okpay login',
        '',
        'If it was not you, there is nothing you need to do.',
      ],
    }
  );
}

async function welcome(deps: Deps, { user: id = '' }: Payload): Promise<Draft | undefined> {
  const user = await userById(deps.engine, id);
  return (
    user && {
      to: user.email,
      subject: 'Your OKpay account is open',
      lines: ['Your e-mail address is confirmed and your account is open. Log in:', '', 'okpay login'],
    }
  );
}

async function received(
  deps: Deps,
  { to = '', from = '', transfer, at, amount, currency }: Payload,
): Promise<Draft | undefined> {
  const payee = await userById(deps.engine, to);
  if (!payee || payee.notifyReceived === 0n || !transfer || !at) return undefined;
  const payer = from === '' ? undefined : await userById(deps.engine, from);
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

import type { Deps } from '../deps.ts';
import { parseEmail } from '../identity/email.ts';
import type { OutboxRow } from '../store/outbox.ts';
import { addressees, type AddresseeRow } from '../store/users.ts';
import { onOneLine, readableTime, type Mail } from './mail.ts';

type Payload = Readonly<Record<string, string | undefined>>;
type Draft = { readonly to: string; readonly subject: string; readonly lines: readonly string[] };
/** What a mail is made from: `userOf` is undefined for who does not exist. */
type Known = Pick<Deps, 'now' | 'publicUrl'> & { readonly userOf: (id: string) => AddresseeRow | undefined };

/** What each kind of event says, or undefined when there is nothing to send. */
const COMPOSERS: Readonly<Record<string, (known: Known, payload: Payload) => Draft | undefined>> = {
  'mail.verify': verify,
  'mail.already-registered': alreadyRegistered,
  'mail.welcome': welcome,
  'transfer.done': received,
};

/** Whether this version of the service knows what to do with an event. */
export function isKnown(kind: string): boolean {
  return Object.hasOwn(COMPOSERS, kind);
}

/**
 * Reads together whom these events are about. What is given makes the mail one of them asks for, or undefined when
 * there is nothing to send any more; it throws what is wrong with that one.
 */
export async function composer(
  deps: Deps,
  events: readonly OutboxRow[],
): Promise<(event: OutboxRow) => Mail | undefined> {
  const payloads = new Map<OutboxRow, Payload>();
  for (const event of events) {
    try {
      payloads.set(event, read(event));
    } catch {
      // Said of this one when its mail is to be made.
    }
  }
  const named = [...payloads.values()].flatMap(({ user = '', from = '', to = '' }) => [user, from, to]);
  const users = await addressees(
    deps.engine,
    named.filter((id) => id !== ''),
  );
  const known: Known = { ...deps, userOf: (id) => users.get(id) };
  return (event) => {
    const draft = COMPOSERS[event.kind]?.(known, payloads.get(event) ?? read(event));
    if (!draft) return undefined;
    return {
      id: event.id,
      kind: event.kind.slice(event.kind.indexOf('.') + 1),
      to: parseEmail(draft.to).address,
      subject: onOneLine(draft.subject),
      text: `${draft.lines.join('\n')}\n`,
    };
  };
}

function read({ id, payload }: OutboxRow): Payload {
  const value: unknown = JSON.parse(payload);
  const isFine =
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((field) => typeof field === 'string');
  if (!isFine) throw new TypeError(`event ${id} has not the fields of one`);
  return value as Payload;
}

/** Nothing in this mail comes from whoever registered: it may go to somebody who never heard of them. */
function verify(known: Known, { email, code, token, expiresAt }: Payload): Draft | undefined {
  if (!email || !code || !token || !expiresAt || Date.parse(expiresAt) <= known.now()) return undefined;
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
      `${known.publicUrl}/verify?token=${token}`,
      '',
      `Both are good once, until ${readableTime(expiresAt)}.`,
      '',
      'If it was not you, do nothing: without the code there is no account.',
      'Nobody from OKpay will ever ask you for it.',
    ],
  };
}

function alreadyRegistered({ userOf }: Known, { user: id = '' }: Payload): Draft | undefined {
  const user = userOf(id);
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

function welcome({ userOf }: Known, { user: id = '' }: Payload): Draft | undefined {
  const user = userOf(id);
  return (
    user && {
      to: user.email,
      subject: 'Your OKpay account is open',
      lines: ['Your e-mail address is confirmed and your account is open. Log in:', '', 'okpay login'],
    }
  );
}

function received(
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

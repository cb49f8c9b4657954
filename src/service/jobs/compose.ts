import type { Deps } from '../deps.ts';
import { parseEmail } from '../identity/email.ts';
import { openMailSecrets } from '../identity/mail-secrets.ts';
import { makeProofCode, proofHashOf } from '../identity/proof-codes.ts';
import type { OutboxRow } from '../store/outbox.ts';
import { addressees } from '../store/users.ts';
import { onOneLine, type Mail } from './mail.ts';
import { alreadyRegistered, verify, welcome } from './mails/account.ts';
import { addressTaken, changeEmail, emailChangeAsked, emailChanged } from './mails/address.ts';
import { bankAccountAdded, bankAccountRemoved } from './mails/bank-accounts.ts';
import { withdrawalEnded } from './mails/withdrawals.ts';
import type { Composer, Known, Payload } from './mails/draft.ts';
import { received } from './mails/money.ts';
import {
  factorDisabled,
  factorEnabled,
  halfLogin,
  recoveryCodesReplaced,
  recoveryCodeUsed,
} from './mails/second-factor.ts';
import { newDevice, unlock } from './mails/security.ts';
import { tokenCreated } from './mails/tokens.ts';
import { forgotPassword, passwordChanged, passwordReset } from './mails/password.ts';
import { actAsked, actDone } from './mails/staff-acts.ts';
import { caseClosed, caseOpened, caseReply } from './mails/support.ts';

/** What each kind of event says, or undefined when there is nothing to send. */
const COMPOSERS: Readonly<Record<string, Composer>> = {
  'mail.verify': verify,
  'mail.already-registered': alreadyRegistered,
  'mail.welcome': welcome,
  'mail.new-device': newDevice,
  'mail.unlock': unlock,
  'mail.token-created': tokenCreated,
  'mail.forgot-password': forgotPassword,
  'mail.password-changed': passwordChanged,
  'mail.password-reset': passwordReset,
  'mail.change-email': changeEmail,
  'mail.address-taken': addressTaken,
  'mail.email-change-asked': emailChangeAsked,
  'mail.email-changed': emailChanged,
  'mail.bank-account-added': bankAccountAdded,
  'mail.bank-account-removed': bankAccountRemoved,
  'mail.withdrawal': withdrawalEnded,
  'mail.act-asked': actAsked,
  'mail.act-done': actDone,
  'transfer.done': received,

  'mail.factor-enabled': factorEnabled,
  'mail.factor-disabled': factorDisabled,
  'mail.recovery-codes-replaced': recoveryCodesReplaced,
  'mail.recovery-code-used': recoveryCodeUsed,
  'mail.half-login': halfLogin,
  'mail.case-opened': caseOpened,
  'mail.case-reply': caseReply,
  'mail.case-closed': caseClosed,
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
      payloads.set(event, read(deps, event));
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
    const payload = payloads.get(event) ?? read(deps, event);
    const draft = COMPOSERS[event.kind]?.(known, payload);
    if (!draft) return undefined;
    const proof = draft.proof ?? makeProofCode(deps, event.id);
    return {
      id: event.id,
      kind: event.kind.slice(event.kind.indexOf('.') + 1),
      to: parseEmail(draft.to).address,
      subject: onOneLine(draft.subject),
      text: `${[...draft.lines, '', ...footer(proof)].join('\n')}\n`,
      user: [payload['user'], payload['to']].find((id) => id !== undefined && users.has(id)),
      proofHash: proofHashOf(proof) ?? '',
    };
  };
}

/** How to find out whether the mail is ours. */
function footer(proof: string): string[] {
  return ['-- ', 'Is this mail really from OKpay? To find out:', `okpay support verify ${proof}`];
}

/** What an event carries, what was sealed of it included. Throws TypeError, and `keys_unusable`. */
function read({ keyring }: Pick<Deps, 'keyring'>, { id, payload }: OutboxRow): Payload {
  const value: unknown = JSON.parse(payload);
  const isFine =
    typeof value === 'object' &&
    value !== null &&
    Object.values(value).every((field) => typeof field === 'string');
  if (!isFine) throw new TypeError(`event ${id} has not the fields of one`);
  const { sealed, ...plain } = value as Payload;
  return sealed === undefined ? plain : { ...plain, ...openMailSecrets(keyring, id, sealed) };
}

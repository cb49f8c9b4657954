import { Refusal } from '../../core/contract/refusals.ts';
import { timestamp, type Actor, type Deps } from '../deps.ts';
import type { Writer } from '../store/engine/engine.ts';
import {
  countMailedCodeTry,
  deleteMailedCodes,
  deleteOldMailedCodes,
  giveTryBack,
  insertMailedCode,
  mailedCodeById,
  mailedCodeByLink,
  type MailedCodeRow,
} from '../store/mailed-codes.ts';
import { tokenHashOf } from './authenticate.ts';
import { codeHashOf, makeCode, makeLinkToken, readCode, sameHash } from './codes.ts';
import { knock, visitorOf } from './throttle.ts';
import { TERMS } from '../terms.ts';

/** What a mailed code is good for; it opens nothing else (ASVS V9.2). */
export type Purpose = 'reset-password' | 'unlock' | 'change-email';

/** How long a code is good, in milliseconds (OWASP ASVS 5.0, V6.5.5: 10 minutes at most). */
export const MAILED_CODE_LIFE_MS = 10 * 60_000;
/** Codes that may be typed for one mail. */
const MOST_TRIES = 5;
/** Older ones are deleted with each new one, so many at once, whatever jobs do. */
const TIDIED_AT_ONCE = 10;
/** How to get another one. */
const AGAIN: Readonly<Record<Purpose, string>> = {
  'reset-password': 'okpay password forgot',
  unlock: 'okpay unlock',
  'change-email': 'okpay email change',
};

type MailedCodeDraft = {
  readonly purpose: Purpose;
  readonly emailKey: string;
  /** Undefined when the address has no account: whoever asks must not see the difference. */
  readonly user: string | undefined;
  readonly details?: Readonly<Record<string, string>>;
};

/** The secrets that go into the mail, and what whoever asked is told. */
type MailedCode = {
  readonly id: string;
  readonly code: string;
  readonly token: string;
  readonly expiresAt: string;
};

/** Makes a code for an address, which ends all earlier ones of the same purpose. The caller has the mail sent. */
export async function issueMailedCode(tx: Writer, deps: Deps, draft: MailedCodeDraft): Promise<MailedCode> {
  const now = deps.now();
  const issued = {
    id: deps.newId('mailedCode'),
    code: makeCode(deps.random),
    token: makeLinkToken(deps.random),
    expiresAt: timestamp(now + MAILED_CODE_LIFE_MS),
  };
  await deleteOldMailedCodes(tx, timestamp(now - TERMS.mailedCodeMs), TIDIED_AT_ONCE);
  await deleteMailedCodes(tx, draft.emailKey, draft.purpose);
  await insertMailedCode(tx, {
    id: issued.id,
    purpose: draft.purpose,
    emailKey: draft.emailKey,
    userId: draft.user ?? null,
    details: draft.details ? JSON.stringify(draft.details) : null,
    codeHash: codeHashOf(issued.id, issued.code),
    linkHash: tokenHashOf(issued.token),
    expiresAt: issued.expiresAt,
    createdAt: timestamp(now),
  });
  return issued;
}

/** A code as it came back: typed, or as the token of the link. */
type GivenCode = { readonly id: string; readonly code: string };
type Right = MailedCodeRow & { userId: string };

/**
 * Checks a code without spending it, for what has to be done before that takes long. A right one costs no try. Throws
 * `code_invalid` alike for a code that is wrong, used, expired, tried too often, for something else, or for nobody.
 */
export async function checkMailedCode(deps: Deps, purpose: Purpose, given: GivenCode): Promise<Right> {
  const right = await deps.engine.transact(async (tx) => {
    const found = await tryCode(tx, deps, purpose, given);
    if (found) await giveTryBack(tx, found.id);
    return found;
  });
  return right ?? refuse(deps, purpose);
}

/**
 * Spends a code, typed or as the token of the link: `use` does with it what it is for, in the same transaction. Throws
 * `code_invalid` alike for a code that is wrong, used, expired, tried too often, for something else, or for nobody.
 */
export async function spendMailedCode<T>(
  deps: Deps,
  purpose: Purpose,
  given: GivenCode,
  use: (tx: Writer, spent: Right) => Promise<T>,
): Promise<T> {
  const used = await deps.engine.transact(async (tx) => {
    const found = await tryCode(tx, deps, purpose, given);
    if (!found) return undefined;
    await deleteMailedCodes(tx, found.emailKey, purpose);
    return { result: await use(tx, found) };
  });
  return used ? used.result : refuse(deps, purpose);
}

/** Counts a try, and gives the code when it is right. */
async function tryCode(
  tx: Writer,
  { now }: Deps,
  purpose: Purpose,
  { id, code }: GivenCode,
): Promise<Right | undefined> {
  // Counted before it is looked at, so that tries at the same time cannot share one count.
  if (!(await countMailedCodeTry(tx, id, MOST_TRIES))) return undefined;
  const found = await mailedCodeById(tx, id);
  const isRight =
    found?.purpose === purpose &&
    (sameHash(found.codeHash, codeHashOf(id, readCode(code))) || sameHash(found.linkHash, tokenHashOf(code)));
  const { userId = null } = found ?? {};
  if (!found || !isRight || userId === null || found.expiresAt <= timestamp(now())) return undefined;
  return { ...found, userId };
}

function refuse({ log }: Deps, purpose: Purpose): never {
  log.info('code_refused');
  throw codeInvalid(purpose);
}

/** What a code is refused with, whatever is wrong with it. */
export function codeInvalid(purpose: Purpose): Refusal {
  return new Refusal('code_invalid', { next: AGAIN[purpose] });
}

/**
 * What a link is good for, while it is. Looking changes nothing, but for being counted when there is none. Throws
 * `code_invalid`, and `too_many_attempts` to those from where many such links come.
 */
export async function readLink(
  deps: Deps,
  purpose: Purpose,
  token: string,
  caller: Pick<Actor, 'console' | 'address'>,
): Promise<Right> {
  const found = await mailedCodeByLink(deps.engine, tokenHashOf(token));
  const { userId = null } = found ?? {};
  if (found?.purpose === purpose && userId !== null && found.expiresAt > timestamp(deps.now()))
    return { ...found, userId };
  await knock(deps, 'mailed-code', visitorOf(caller));
  throw codeInvalid(purpose);
}

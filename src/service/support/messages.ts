import { LIMITS } from '../../core/contract/schemas.ts';
import { Refusal } from '../../core/contract/refusals.ts';
import { timestamp, type Deps } from '../deps.ts';
import { sealMailSecrets } from '../identity/mail-secrets.ts';
import { makeProofCode, proofHashOf } from '../identity/proof-codes.ts';
import { countMessages, countOpenCases, insertCaseMessage, type CaseRow } from '../store/cases.ts';
import type { Writer } from '../store/engine/engine.ts';
import { insertEvent } from '../store/outbox.ts';

type Case = Pick<CaseRow, 'id' | 'userId'>;

/** Refuses one more open case of a holder than there may be: `cases_too_many`. */
export async function checkOpenCases(tx: Writer, user: string): Promise<void> {
  if ((await countOpenCases(tx, user)) >= BigInt(LIMITS.openCases))
    throw new Refusal('cases_too_many', { limit: String(LIMITS.openCases) });
}

/** Adds what a holder writes; gives the message's id. Throws `case_full`. */
export async function addHolderMessage(
  tx: Writer,
  deps: Deps,
  { id: caseId, userId }: Case,
  text: string,
): Promise<string> {
  return addMessage(tx, deps, { caseId, author: userId, fromStaff: 0n, text, proofHash: null });
}

/**
 * Adds what staff write, and has it mailed to the holder with a code that shows it to be ours; gives the message's id
 * and the code. Throws `case_full`, `keys_unusable`.
 */
export async function addStaffMessage(
  tx: Writer,
  deps: Deps,
  { id: caseId, userId }: Case,
  { author, text, opens }: { readonly author: string; readonly text: string; readonly opens: boolean },
): Promise<{ message: string; proof: string }> {
  const mail = deps.newId('mail');
  const proof = makeProofCode(deps, mail);
  const proofHash = proofHashOf(proof) ?? null;
  const message = await addMessage(tx, deps, { caseId, author, fromStaff: 1n, text, proofHash });
  await insertEvent(tx, {
    id: mail,
    kind: opens ? 'mail.case-opened' : 'mail.case-reply',
    payload: JSON.stringify({
      user: userId,
      case: caseId,
      text,
      sealed: sealMailSecrets(deps.keyring, mail, { proof }),
    }),
    runAt: timestamp(deps.now()),
  });
  return { message, proof };
}

async function addMessage(
  tx: Writer,
  deps: Deps,
  message: Pick<
    Parameters<typeof insertCaseMessage>[1],
    'caseId' | 'author' | 'fromStaff' | 'text' | 'proofHash'
  >,
): Promise<string> {
  if ((await countMessages(tx, message.caseId)) >= BigInt(LIMITS.caseMessages))
    throw new Refusal('case_full', { limit: String(LIMITS.caseMessages) });
  const id = deps.newId('message');
  await insertCaseMessage(tx, { ...message, id, createdAt: timestamp(deps.now()) });
  return id;
}

import { knock, visitorOf, welcome } from '../../identity/throttle.ts';
import { maskEmail } from '../../identity/mask.ts';
import { proofHashOf } from '../../identity/proof-codes.ts';
import { messageByProof } from '../../store/cases.ts';
import { sentMailByProof } from '../../store/sent-mails.ts';
import type { UseCase } from '../use-case.ts';

/**
 * Whether the code in a mail, or with a message from staff, is one of ours: then of what kind that was, when it was
 * sent, and to which address, masked, so that a code copied out of somebody else's mail is seen for what it is.
 */
export const verifySupportCode: UseCase<'verify-support-code'> = async (deps, actor, { code }) => {
  const visitor = visitorOf(actor);
  await knock(deps, 'mailed-code', visitor);
  const proofHash = proofHashOf(code);
  if (proofHash === undefined) return { genuine: false };
  const mail = await sentMailByProof(deps.engine, proofHash);
  if (mail) {
    await deps.engine.transact((tx) => welcome(tx, 'mailed-code', visitor));
    const { kind, subject, sentAt, address } = mail;
    return { genuine: true, kind, subject, sentAt, to: address };
  }
  // Written, and not mailed yet.
  const message = await messageByProof(deps.engine, proofHash);
  if (!message) return { genuine: false };
  await deps.engine.transact((tx) => welcome(tx, 'mailed-code', visitor));
  return { genuine: true, kind: 'case-reply', sentAt: message.createdAt, to: maskEmail(message.email) };
};

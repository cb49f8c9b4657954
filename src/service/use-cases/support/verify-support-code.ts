import { knock } from '../../identity/throttle.ts';
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
  await knock(deps, 'mailed-code', { address: actor.address });
  const proofHash = proofHashOf(code);
  if (proofHash === undefined) return { genuine: false };
  const mail = await sentMailByProof(deps.engine, proofHash);
  if (mail) {
    const { kind, subject, sentAt, address } = mail;
    return { genuine: true, kind, subject, sentAt, to: address };
  }
  // Written, and not mailed yet.
  const message = await messageByProof(deps.engine, proofHash);
  if (!message) return { genuine: false };
  return { genuine: true, kind: 'case-reply', sentAt: message.createdAt, to: maskEmail(message.email) };
};

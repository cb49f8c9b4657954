import { timestamp, type Deps } from '../deps.ts';
import { maskEmail } from '../identity/mask.ts';
import type { OutboxRow } from '../store/outbox.ts';
import { composer, isKnown } from './compose.ts';
import type { Mail } from './mail.ts';
import type { SentMailRow } from '../store/sent-mails.ts';
import type { PostOffice } from './post-office.ts';

/** Mails on their way at once. */
const AT_ONCE = 8;

/** What became of one event: done with, to be tried again, or not tried because no mail gets out at all. */
type Fate = {
  readonly is: 'done' | 'again' | 'closed';
  /** The mail, when one went out. */
  readonly sent?: SentMailRow;
};

type Compose = (event: OutboxRow) => Mail | undefined;

export type SendMails = (events: readonly OutboxRow[]) => Promise<ReadonlyMap<OutboxRow, Fate>>;

/**
 * A sender of the mails that events ask for, a few at a time. It throws only when it cannot be read whom they are for.
 */
export function makeSender(deps: Deps, office: PostOffice, signal: AbortSignal): SendMails {
  const send = async (event: OutboxRow, compose: Compose): Promise<Fate> => {
    // Written by a newer version beside this one, which will see to it.
    if (!isKnown(event.kind)) return { is: 'again' };
    let mail: Mail | undefined;
    try {
      mail = compose(event);
    } catch (error) {
      return fail(event, error, 'again');
    }
    if (mail === undefined) return { is: 'done' };
    const going = mail;
    return office.send(going, deps.now(), signal).then(
      () => ({ is: 'done' as const, sent: sentMail(deps, event, going) }),
      (error: unknown) => fail(event, error, fateAfter(error)),
    );
  };

  const fail = (event: OutboxRow, error: unknown, is: Fate['is']): Fate => {
    const { code = 'unknown', responseCode = 0 } = error as { code?: string; responseCode?: number };
    const attempts = Number(event.attempts) + 1;
    deps.log.error('mail_failed', {
      mail: event.id,
      kind: event.kind,
      attempts,
      code,
      response: responseCode,
    });
    return { is };
  };

  return async (events) => {
    const fates = new Map<OutboxRow, Fate>();
    const compose = await composer(deps, events);
    const queue = events.values();
    const worker = async (): Promise<void> => {
      for (const event of queue) fates.set(event, await send(event, compose));
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    return fates;
  };
}

/** What is kept of a mail that has gone out. */
function sentMail(deps: Deps, { id: event }: OutboxRow, mail: Mail): SentMailRow {
  return {
    id: deps.newId('mail'),
    userId: mail.user ?? null,
    kind: mail.kind,
    subject: mail.subject,
    address: maskEmail(mail.to),
    event,
    proofHash: mail.proofHash,
    sentAt: timestamp(deps.now()),
  };
}

/** EENVELOPE and EMESSAGE are answers about this one mail; a 5xx is the last word on it (RFC 5321, 4.2.1). */
function fateAfter(error: unknown): Fate['is'] {
  const { code = '', responseCode = 0 } = error as { code?: string; responseCode?: number };
  if (!['EENVELOPE', 'EMESSAGE'].includes(code)) return 'closed';
  return responseCode >= 500 ? 'done' : 'again';
}

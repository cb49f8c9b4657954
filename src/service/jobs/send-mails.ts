import type { Deps } from '../deps.ts';
import type { OutboxRow } from '../store/outbox.ts';
import { composer, isKnown } from './compose.ts';
import type { Mail } from './mail.ts';
import type { PostOffice } from './post-office.ts';

/** Mails on their way at once. */
const AT_ONCE = 8;

/** What became of one event: done with, to be tried again, or not tried because no mail gets out at all. */
type Fate = 'done' | 'again' | 'closed';

type Compose = (event: OutboxRow) => Mail | undefined;

export type SendMails = (events: readonly OutboxRow[]) => Promise<ReadonlyMap<OutboxRow, Fate>>;

/**
 * A sender of the mails that events ask for, a few at a time. It throws only when it cannot be read whom they are for.
 */
export function makeSender(deps: Deps, office: PostOffice, signal: AbortSignal): SendMails {
  const send = async (event: OutboxRow, compose: Compose): Promise<Fate> => {
    // Written by a newer version beside this one, which will see to it.
    if (!isKnown(event.kind)) return 'again';
    let mail: Mail | undefined;
    try {
      mail = compose(event);
    } catch (error) {
      return fail(event, error, 'again');
    }
    if (mail === undefined) return 'done';
    return office.send(mail, deps.now(), signal).then(
      () => 'done',
      (error: unknown) => fail(event, error, fateAfter(error)),
    );
  };

  const fail = (event: OutboxRow, error: unknown, fate: Fate): Fate => {
    const { code = 'unknown', responseCode = 0 } = error as { code?: string; responseCode?: number };
    const attempts = Number(event.attempts) + 1;
    deps.log.error('mail_failed', {
      mail: event.id,
      kind: event.kind,
      attempts,
      code,
      response: responseCode,
    });
    return fate;
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

/** EENVELOPE and EMESSAGE are answers about this one mail; a 5xx is the last word on it (RFC 5321, 4.2.1). */
function fateAfter(error: unknown): Fate {
  const { code = '', responseCode = 0 } = error as { code?: string; responseCode?: number };
  if (!['EENVELOPE', 'EMESSAGE'].includes(code)) return 'closed';
  return responseCode >= 500 ? 'done' : 'again';
}

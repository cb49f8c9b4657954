import { firstIdAt, type IdKind } from '../../core/contract/ids.ts';
import { timestamp, type Deps } from '../deps.ts';
import { SESSION_LIFE_MS } from '../identity/authenticate.ts';
import { DEVICE_LIFE_MS } from '../identity/devices.ts';
import { MAILED_CODE_KEPT_MS } from '../identity/mailed-codes.ts';
import { FORMER_ADDRESS_MS } from '../identity/tell-holder.ts';
import { REGISTRATION_LIFE_MS } from '../identity/verification-mail.ts';
import { deletePastTerm, findPastTerm, type Bounds } from '../store/past-term.ts';

const DAY_MS = 24 * 3_600_000;
/** How long a holder may say that a payment was not theirs (Directive (EU) 2015/2366, article 71: 13 months). */
const DISPUTE_MS = 400 * DAY_MS;
/** How long what has ended still answers “ended” instead of “unknown”. */
const ENDED_MS = 30 * DAY_MS;
/** How long a second factor waits for its first code. */
const BEGUN_MS = DAY_MS;

/** Rows of a kind deleted in one transaction, so that nobody waits long behind it. */
const PIECE = 500;

/**
 * Deletes a piece of what is past its term (OWASP ASVS 5.0, V14.2.7), only when `claim` says that it is this node's work;
 * docs/data.md has the terms. Never the ledger, nor the audit log. Gives whether there may be more.
 */
export async function forget({ engine, now }: Deps, claim: () => Promise<boolean>): Promise<boolean> {
  const bounds = boundsAt(now());
  const names = await findPastTerm(engine, bounds);
  if (names.length === 0 || !(await claim())) return false;
  return (await engine.transact((tx) => deletePastTerm(tx, names, bounds, PIECE))) === PIECE;
}

function boundsAt(now: number): Bounds {
  const idFor = (kind: IdKind, termMs: number) => firstIdAt(kind, now - termMs);
  const timeFor = (termMs: number) => timestamp(now - termMs);
  return {
    quotes: idFor('quote', DISPUTE_MS),
    sentMails: idFor('mail', DISPUTE_MS),
    registrations: idFor('registration', REGISTRATION_LIFE_MS),
    mailedCodes: idFor('mailedCode', MAILED_CODE_KEPT_MS),
    sessions: idFor('session', SESSION_LIFE_MS + ENDED_MS),
    tokens: timeFor(ENDED_MS),
    devices: timeFor(DEVICE_LIFE_MS),
    formerAddresses: timeFor(FORMER_ADDRESS_MS),
    throttles: timeFor(0),
    begunFactors: timeFor(BEGUN_MS),
  };
}

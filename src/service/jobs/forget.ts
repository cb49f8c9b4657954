import { firstIdAt, type IdKind } from '../../core/contract/ids.ts';
import { timestamp, type Deps } from '../deps.ts';
import { SESSION_LIFE_MS } from '../identity/authenticate.ts';
import { TERMS } from '../terms.ts';
import { deletePastTerm, findPastTerm, type Bounds } from '../store/past-term.ts';

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
    quotes: idFor('quote', TERMS.disputeMs),
    sentMails: idFor('mail', TERMS.disputeMs),
    registrations: idFor('registration', TERMS.registrationMs),
    mailedCodes: idFor('mailedCode', TERMS.mailedCodeMs),
    sessions: idFor('session', SESSION_LIFE_MS + TERMS.endedMs),
    tokens: timeFor(TERMS.endedMs),
    devices: timeFor(TERMS.deviceMs),
    formerAddresses: timeFor(TERMS.formerAddressMs),
    throttles: timeFor(0),
    begunFactors: timeFor(TERMS.begunFactorMs),
  };
}

import { hash } from 'node:crypto';
import { Refusal } from '../../core/contract/refusals.ts';
import { placeOf } from '../audit-log/network-of.ts';
import { timestamp, type Actor, type Deps } from '../deps.ts';
import { knock, visitorOf } from './throttle.ts';
import { sessionByToken, touchSession, type SessionRow } from '../store/sessions.ts';
import { tokenByHash } from '../store/tokens.ts';
import { admitToken, TOKEN_PREFIX } from './admit-token.ts';

/** How long a session lives, at most and when it is not used, in milliseconds (OWASP ASVS 5.0 V7.3). */
export const SESSION_LIFE_MS = 30 * 24 * 3_600_000;
export const SESSION_IDLE_MS = 7 * 24 * 3_600_000;
/** Staff sessions end sooner. */
export const STAFF_SESSION_LIFE_MS = 12 * 3_600_000;
export const STAFF_SESSION_IDLE_MS = 30 * 60_000;
/** The last use is written at most this often, so that reading stays reading. */
const TOUCH_EVERY_MS = 60_000;

/** What is stored of a token. Tokens carry 256 random bits, so a plain SHA-256 is enough (no guessing). */
export function tokenHashOf(token: string): string {
  return hash('sha256', token, 'base64url');
}

/** Whether a session still lets its owner in: neither too old nor too long unused. */
export function isAlive(session: SessionRow, now: number): boolean {
  const idleMs = session.role === null ? SESSION_IDLE_MS : STAFF_SESSION_IDLE_MS;
  return session.expiresAt > timestamp(now) && now - Date.parse(session.lastUsedAt) <= idleMs;
}

/**
 * Who the token belongs to, of a session or for programs; without a token an actor with no user.
 * Throws `session_expired` for a session that is unknown, ended, or too long unused, `too_many_attempts` to those from
 * where many unknown ones come, and what admitToken throws.
 */
export async function authenticate(
  deps: Deps,
  token: string | undefined,
  { console, address }: { console: boolean; address?: string | undefined },
): Promise<Actor> {
  const actor: Actor = {
    user: undefined,
    email: undefined,
    displayName: undefined,
    session: undefined,
    role: undefined,
    device: undefined,
    deviceId: undefined,
    withFactor: false,
    limits: null,
    provedAt: undefined,
    token: undefined,
    console,
    address,
  };
  if (token === undefined) return actor;
  if (token.startsWith(TOKEN_PREFIX))
    return admitToken(deps, await tokenByHash(deps.engine, tokenHashOf(token)), actor);
  const session = await sessionByToken(deps.engine, tokenHashOf(token));
  const now = deps.now();
  if (!session) await refuseToken(deps, actor);
  if (!session || !isAlive(session, now)) throw new Refusal('session_expired');
  if (now - Date.parse(session.lastUsedAt) > TOUCH_EVERY_MS) {
    await deps.engine.transact((tx) => touchSession(tx, session.id, timestamp(now)));
  }
  const { id, userId: user, email, displayName, device } = session;
  return {
    ...actor,
    user,
    email,
    displayName,
    session: id,
    role: session.role ?? undefined,
    device,
    deviceId: session.deviceId ?? undefined,
    withFactor: session.withFactor === 1n,
    limits: session.limits,
    provedAt: session.provedAt === '' ? undefined : Date.parse(session.provedAt),
  };
}

/** A token that is nobody's was guessed, or has ended. Looked up before it is counted: good ones must not wait for bad ones. */
async function refuseToken(deps: Deps, caller: Pick<Actor, 'console' | 'address'>): Promise<void> {
  deps.log.info('token_refused', { network: placeOf(caller) });
  await knock(deps, 'token', visitorOf(caller));
}

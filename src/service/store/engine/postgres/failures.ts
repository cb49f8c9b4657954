import pg from 'pg';
import { Refusal } from '../../../../core/contract/refusals.ts';

/** SQLSTATE codes: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const SERIALISATION = ['40001', '40P01'];
const UNIQUE = '23505';
const DISK_FULL = '53100';
const READ_ONLY = '25006';
/** Out of memory or connections, a lock not had in time, a statement that took too long. */
const OVERLOADED = ['53200', '53300', '53400', '55P03', '57014'];
/** With these the server ends the connection: shutting down, starting up, waited too long for us. */
const ENDED = ['57P01', '57P02', '57P03', '57P04', '57P05', '25P03', '25P04'];
/** What the driver says of a connection that broke: it has no codes of its own for that. */
const BROKEN = /Connection terminated|not queryable|timeout expired|Client was closed|SSL connection/;

function stateOf(error: unknown): string {
  return error instanceof pg.DatabaseError ? (error.code ?? '') : '';
}

/** Whether the transaction lost against another one and may be tried again: nothing of it was written. */
export function lostRace(error: unknown): boolean {
  return SERIALISATION.includes(stateOf(error));
}

/** Whether a row of that name is there already. */
export function isTaken(error: unknown): boolean {
  return stateOf(error) === UNIQUE;
}

/** Whether the connection is no use any more, rather than the database having said no on it. */
export function isBroken(error: unknown): boolean {
  const state = stateOf(error);
  if (error instanceof pg.DatabaseError)
    return ENDED.includes(state) || state === READ_ONLY || state.startsWith('08');
  if (isSilence(error)) return true;
  const { code, syscall, message } = error as NodeJS.ErrnoException;
  return syscall !== undefined || code?.startsWith('ERR_TLS') === true || BROKEN.test(message);
}

/** Whether the server has no such function, or does not support it. */
export function isUnknownFunction(error: unknown): boolean {
  return ['42883', '0A000'].includes(stateOf(error));
}

class Silence extends Error {}

/** For a connection on which nothing has been answered for so long that it is no use any more. */
export function silence(): Error {
  return new Silence('The database does not answer.');
}

export function isSilence(error: unknown): boolean {
  return error instanceof Silence;
}

/** Whether the database said no, so that what it was asked did not happen. */
export function isAnswer(error: unknown): boolean {
  return error instanceof pg.DatabaseError;
}

/** Whether a COMMIT that failed so has certainly been rolled back: a conflict or a constraint. */
export function isRolledBack(error: unknown): boolean {
  const state = stateOf(error);
  return lostRace(error) || state === '40002' || state.startsWith('23');
}

/**
 * What a failure means for whoever asked: a refusal when nothing happened for a reason outside the program, otherwise
 * the error itself. Not for a COMMIT, after which nothing is certain: see `commit`.
 */
export function failureOf(error: unknown): unknown {
  if (error instanceof Refusal) return error;
  const state = stateOf(error);
  if (state === DISK_FULL) return new Refusal('storage_full');
  if (OVERLOADED.includes(state) || lostRace(error)) return new Refusal('busy');
  return isBroken(error) ? unreachable() : error;
}

export function unreachable(reason = 'The database does not answer.'): Refusal {
  return new Refusal('service_unreachable', { reason });
}

/** A failure to connect, said to whoever runs the service. The server's words name users and databases, no secrets. */
export function connectFailureOf(error: unknown): unknown {
  const state = stateOf(error);
  if (state.startsWith('28') || state.startsWith('3D'))
    return unreachable(`The database lets us not in: ${(error as Error).message}.`);
  if (/certificate|altnames|self-signed/i.test((error as Error).message))
    return unreachable(`The database's certificate is not accepted: ${(error as Error).message}.`);
  return failureOf(error);
}

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

const UNREACHABLE = 'The database does not answer.';

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
  const { code, syscall, message, errors } = error as NodeJS.ErrnoException & Partial<AggregateError>;
  // A name that has several addresses fails once for each.
  if (errors !== undefined) return errors.some(isBroken);
  return syscall !== undefined || code?.startsWith('ERR_TLS') === true || BROKEN.test(message);
}

/** Whether the server has no such function, or does not support it. */
export function isUnknownFunction(error: unknown): boolean {
  return ['42883', '0A000'].includes(stateOf(error));
}

class Silence extends Error {}

/** For a connection on which nothing has been answered for so long that it is no use any more. */
export function silence(): Error {
  return new Silence(UNREACHABLE);
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

export function unreachable(reason = UNREACHABLE): Refusal {
  return new Refusal('service_unreachable', { reason });
}

/** A failure to connect. Who calls is told that the database does not answer, and nothing of where it is. */
class ConnectFailure extends Refusal {
  /** For whoever runs the service: the words of the server or of the system name hosts, users and databases, no secrets. */
  readonly words: string;

  constructor(words: string) {
    super('service_unreachable', { reason: UNREACHABLE });
    this.words = words;
  }
}

/** What a failure to connect means; whoever opens a database gets its words from `openFailureOf`. */
export function connectFailureOf(error: unknown): unknown {
  const { message, syscall, errors = [] } = error as NodeJS.ErrnoException & Partial<AggregateError>;
  const isRefused = error instanceof pg.DatabaseError && error.severity === 'FATAL';
  if (isRefused && !OVERLOADED.includes(stateOf(error)))
    return new ConnectFailure(`The database lets us not in: ${message}.`);
  if (/certificate|altnames|self-signed/i.test(message))
    return new ConnectFailure(`The database's certificate is not accepted: ${message}.`);
  const tried = errors.length > 0 ? errors.map((each) => (each as Error).message).join(', ') : message;
  if (syscall !== undefined || errors.length > 0)
    return new ConnectFailure(`The database does not answer: ${tried}.`);
  return failureOf(error);
}

/** What a failure means for whoever opens a database: they run the service, and are told where and why. */
export function openFailureOf(error: unknown): unknown {
  return error instanceof ConnectFailure ? unreachable(error.words) : failureOf(error);
}

import { hostname } from 'node:os';
import type { Log } from '../deps.ts';
import { LOG_FIELDS, type LogFields } from '../log-fields.ts';

export type LogLevel = 'silent' | 'error' | 'info';

export type LogSettings = {
  /** The least that is written; `info` unless given. */
  readonly level?: LogLevel;
  /** Names this process among others, on every line; the host and the process unless given. */
  readonly node?: string;
  /** Where lines go; stderr unless given. */
  readonly write?: (line: string) => void;
};

/** Whatever else is passed is left out, so that no secret or address slips in. */
const FIELDS: ReadonlySet<string> = new Set(LOG_FIELDS);
const LONGEST_VALUE = 200;
const LONGEST_STACK = 4_000;

/**
 * A log of JSON lines: time in UTC, level, node, event, and allow-listed fields. Values are cut, and JSON keeps each
 * event on one line whatever is in them (OWASP ASVS 5.0, V16.2 and V16.4.1).
 */
export async function makeLog(settings: LogSettings = {}): Promise<Log> {
  const { level = 'info', node = `${hostname()}:${process.pid}`, write } = settings;
  const { pino } = await import('pino');
  const options = {
    base: { node },
    level,
    messageKey: 'message',
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
  };
  const logger = pino(options, write ? { write } : pino.destination({ fd: 2, sync: false }));
  return {
    info: (event, fields) => logger.info(allowed(event, fields)),
    error: (event, fields) => logger.error(allowed(event, fields)),
  };
}

function allowed(event: string, fields: LogFields = {}): object {
  const kept = Object.entries(fields).filter(([name]) => FIELDS.has(name));
  return { message: event, ...Object.fromEntries(kept.map(([name, value]) => [name, cut(name, value)])) };
}

function cut(name: string, value: string | number): string | number {
  if (typeof value !== 'string') return value;
  return name === 'stack' ? withoutQuotes(value).slice(0, LONGEST_STACK) : value.slice(0, LONGEST_VALUE);
}

/** Where a stack says in which file a call was, and nothing else. */
const FRAME = /^ {4}at [\w.<>[\] #$]*\(?(?:file:\/\/|node:|\/|[A-Z]:\\)[^\n]*:\d+:\d+\)?$/;
/** A code from a mail, of a recovery, or of an authenticator app. */
const CODE = /\b(?:[0-9A-Z]{4}(?:-[0-9A-Z]{4})+|\d{6})\b/g;
const ID = /^[a-z]{3}_[0-9a-z]{26}$/;

/**
 * The stack of an error without what may be in its message of other people's: JSON.parse, databases and URLs quote what
 * they could not read. Words in quotes, addresses, codes, and whatever is long enough for a token are left out.
 */
function withoutQuotes(stack: string): string {
  return stack
    .split('\n')
    .map((line) => {
      if (FRAME.test(line)) return line.replace(/\?[^\s:]*/, '');
      return line
        .replace(/^([^"'`“‘«]*["'`“‘«])[^]*["'`”’»]/, '$1…')
        .replace(/\S+/g, (word) => (/.@./.test(word) ? '…' : word))
        .replace(CODE, '…')
        .replace(/[\w.~+/=-]{16,}/g, (word) => (ID.test(word) ? word : '…'));
    })
    .join('\n');
}

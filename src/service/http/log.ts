import type { Log } from '../deps.ts';

/** The fields a log line may have. Whatever else is passed is left out, so that no secret or address slips in. */
const FIELDS: ReadonlySet<string> = new Set([
  'method',
  'route',
  'status',
  'ms',
  'operation',
  'user',
  'session',
  'registration',
  'by',
  'role',
  'mail',
  'kind',
  'attempts',
  'code',
  'response',
  'url',
  'stack',
]);
const LONGEST_VALUE = 200;
const LONGEST_STACK = 4_000;

/**
 * A log of JSON lines on stderr (or where `write` says): time in UTC, level, event, and allow-listed fields. Values are
 * cut, and JSON keeps each event on one line whatever is in them (OWASP ASVS 5.0, V16.4.1).
 */
export async function makeLog(write?: (line: string) => void): Promise<Log> {
  const { pino } = await import('pino');
  const options = {
    base: null,
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

function allowed(event: string, fields: Readonly<Record<string, string | number>> = {}): object {
  const kept = Object.entries(fields).filter(([name]) => FIELDS.has(name));
  return { message: event, ...Object.fromEntries(kept.map(([name, value]) => [name, cut(name, value)])) };
}

function cut(name: string, value: string | number): string | number {
  const longest = name === 'stack' ? LONGEST_STACK : LONGEST_VALUE;
  return typeof value === 'string' ? value.slice(0, longest) : value;
}

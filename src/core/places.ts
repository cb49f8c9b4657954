import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Refusal } from './contract/refusals.ts';

/** Environment variables, as process.env gives them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The folders OKpay keeps things in, each absolute. Nothing is created until something is written. */
export type Places = {
  /** Profiles and session tokens. */
  readonly config: string;
  /** The database of the in-process service. */
  readonly data: string;
  readonly cache: string;
  /** Where the in-process service writes mail, as `.eml` files. */
  readonly outbox: string;
  /** The database of the service: `sqlite:PATH` or `postgres://…`. */
  readonly databaseUrl: string;
};

/**
 * Where things are kept: all under OKPAY_HOME when it is set, else the platform's own places (XDG on Linux).
 * The database may be elsewhere: OKPAY_DATABASE_URL.
 */
export async function findPlaces(environment: Environment): Promise<Places> {
  const { config, data, cache } = environment['OKPAY_HOME']
    ? foldersUnder(resolve(environment['OKPAY_HOME']))
    : await platformFolders();
  return {
    config,
    data,
    cache,
    outbox: join(data, 'outbox'),
    databaseUrl: environment['OKPAY_DATABASE_URL'] || `sqlite:${join(data, 'okpay.db')}`,
  };
}

/** Makes a folder, and those above it, that only the user can enter. Returns its path. */
export function makePrivateFolder(path: string): string {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  return path;
}

function foldersUnder(home: string) {
  return { config: home, data: home, cache: join(home, 'cache') };
}

async function platformFolders() {
  const { default: envPaths } = await import('env-paths');
  return envPaths('okpay', { suffix: '' });
}

/**
 * Checks the address of a server as a person typed it and returns its origin, `https://host[:port]`; `http://` only
 * on this machine, because passwords and tokens go there.
 * Throws `usage_invalid`, naming what was set as `named`; a password in the address is refused, because it would end up in files and logs.
 */
export function checkServerUrl(text: string, named = '--url, OKPAY_URL'): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !['http:', 'https:'].includes(url.protocol))
    throw new Refusal('usage_invalid', {
      reason: `A server address looks like https://wallet.example.com (${named}).`,
    });
  if (url.username !== '' || url.password !== '')
    throw new Refusal('usage_invalid', {
      reason: `A server address has no user name or password in it (${named}).`,
    });
  if (url.protocol === 'http:' && !isThisMachine(url.hostname))
    throw new Refusal('usage_invalid', {
      reason: `Over http:// a password could be read on the way to ${url.hostname}; write https:// (${named}).`,
    });
  return url.origin;
}

/** True for a host name or address that never leaves this machine. */
export function isThisMachine(host: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[?::1\]?)$/.test(host);
}

/** Names the service a session belongs to: the server's origin, or the database, without its password. */
export function placeOf(url: string | undefined, databaseUrl: string): string {
  return url ?? databaseUrl.replace(/^(postgres(?:ql)?:\/\/)[^@/]*@/, '$1');
}

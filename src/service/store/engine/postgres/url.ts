import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { Refusal } from '../../../../core/contract/refusals.ts';

export type Host = {
  /** A name, an address, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly ssl: false | Readonly<TlsOptions>;
};

type TlsOptions = {
  rejectUnauthorized: true;
  minVersion: 'TLSv1.2';
  ca?: string;
  cert?: string;
  key?: string;
};

/** Where a PostgreSQL database is and who we are there. */
export type Address = {
  /** More than one: a primary and those that may take its place. */
  readonly hosts: readonly [Host, ...Host[]];
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly database: string | undefined;
  readonly applicationName: string;
  /** The most connections for reads and ordinary transactions. */
  readonly poolSize: number;
  /** Files of certificates and keys, by the name of the parameter that gives them. */
  readonly certificates: Readonly<Record<string, string>>;
  /** The URL without anything secret, for people to read. */
  readonly place: string;
};

const FIELD = 'OKPAY_DATABASE_URL';
const SHAPE = /^postgres(?:ql)?:\/\/(?:([^:@/?#]*)(?::([^@/?#]*))?@)?([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/;
const PARAMETERS = [
  'application_name',
  'host',
  'password',
  'pool_size',
  'port',
  'sslcert',
  'sslkey',
  'sslmode',
  'sslrootcert',
  'target_session_attrs',
  'user',
];
/** Only a server that takes writes will do, so it need not be said. */
const SESSION_ATTRIBUTES = ['read-write', 'primary'];
const CERTIFICATES = ['sslrootcert', 'sslcert', 'sslkey'];
const DEFAULT_PORT = 5432;
const DEFAULT_POOL_SIZE = 10;
const LARGEST_POOL_SIZE = 200;

/**
 * Reads a database URL as libpq does (https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING):
 * several hosts, `host` for the folder of a Unix socket, `sslrootcert`, `sslcert` and `sslkey` for files. TLS with a
 * verified certificate (`sslmode=verify-full`) is the default and the only choice beyond this machine. Beside those,
 * `pool_size`. Throws `input_invalid`, never naming anything secret.
 */
export function readPostgresUrl(url: string): Address {
  const [, user, password, authority = '', database, query] =
    SHAPE.exec(url) ?? refuse('takes postgres://user:password@host:port/database');
  const parameters = new URLSearchParams(query);
  for (const name of parameters.keys())
    if (!PARAMETERS.includes(name)) refuse(`takes ${PARAMETERS.join(', ')}; not ${name}`);
  const attributes = parameters.get('target_session_attrs');
  if (attributes !== null && !SESSION_ATTRIBUTES.includes(attributes))
    refuse(`takes target_session_attrs=read-write, as only a primary will do; not ${attributes}`);
  const places = (parameters.get('host') ?? decoded(authority)).split(',').map((each) => placeOf(each));
  const port = numberIn(parameters.get('port') ?? String(DEFAULT_PORT), 65_535, 'port');
  const hosts = places.map((each) => {
    const place = { host: each.host, port: each.port ?? port };
    return { ...place, ssl: tlsOf(place.host, parameters) };
  });
  const shown = hosts.map(({ host, port }) => `${isIP(host) === 6 ? `[${host}]` : host}:${port}`).join(',');
  const name = database ? decoded(database) : undefined;
  return {
    hosts: hosts as [Host, ...Host[]],
    user: user ? decoded(user) : (parameters.get('user') ?? undefined),
    password: password ? decoded(password) : (parameters.get('password') ?? undefined),
    database: name,
    applicationName: parameters.get('application_name') ?? 'okpay',
    poolSize: numberIn(
      parameters.get('pool_size') ?? String(DEFAULT_POOL_SIZE),
      LARGEST_POOL_SIZE,
      'pool_size',
    ),
    certificates: Object.fromEntries(
      CERTIFICATES.flatMap((each) => {
        const path = parameters.get(each);
        return path === null ? [] : [[each, path]];
      }),
    ),
    place: `postgres://${shown}/${name ?? ''}`,
  };
}

function placeOf(text: string): { host: string; port?: number } {
  if (text === '') return { host: 'localhost' };
  if (text.startsWith('/')) return { host: text };
  const found = /^(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(text);
  if (!found) return refuse('names a host that is none');
  const host = found[1] ?? found[2] ?? '';
  return found[3] === undefined ? { host } : { host, port: numberIn(found[3], 65_535, 'port') };
}

/** Whether bytes to this host stay on the machine. */
function isHere(host: string): boolean {
  return host.startsWith('/') || host === 'localhost' || host === '::1' || /^127(\.\d+){3}$/.test(host);
}

function tlsOf(host: string, parameters: URLSearchParams): Host['ssl'] {
  const mode = parameters.get('sslmode') ?? (isHere(host) ? 'disable' : 'verify-full');
  if (mode === 'disable' && isHere(host)) return false;
  if (mode !== 'verify-full')
    refuse(
      mode === 'disable'
        ? 'takes sslmode=disable only for a database on this machine'
        : `takes sslmode=verify-full, which checks who answers; not ${mode}`,
    );
  const options: TlsOptions = { rejectUnauthorized: true, minVersion: 'TLSv1.2' };
  const files = { ca: 'sslrootcert', cert: 'sslcert', key: 'sslkey' } as const;
  for (const [option, parameter] of Object.entries(files) as [keyof typeof files, string][]) {
    const path = parameters.get(parameter);
    if (path !== null && path !== 'system') options[option] = readFile(path, parameter);
  }
  return options;
}

function readFile(path: string, parameter: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    return refuse(
      `names a file in ${parameter} that cannot be read (${(error as NodeJS.ErrnoException).code})`,
    );
  }
}

function numberIn(text: string, most: number, what: string): number {
  const number = Number(text);
  return /^\d+$/.test(text) && number >= 1 && number <= most
    ? number
    : refuse(`takes a ${what} from 1 to ${most}`);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return refuse('has a percent sign that encodes nothing');
  }
}

function refuse(reason: string): never {
  throw new Refusal('input_invalid', { field: FIELD, reason });
}

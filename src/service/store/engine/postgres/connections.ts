import { Socket } from 'node:net';
import pg from 'pg';
import { Refusal } from '../../../../core/contract/refusals.ts';
import { silence, unreachable } from './failures.ts';
import { makeHosts, type Led } from './hosts.ts';
import type { Address, Host } from './url.ts';
import { TYPES } from './values.ts';
import { within } from './waiting.ts';

/** How long to wait for a connection, new or from the pool, in milliseconds. */
const CONNECT_MS = 5_000;
const IDLE_MS = 30_000;
/** Connections are made anew now and then, so that a server that came back gets its share. */
const LIFE_SECONDS = 1_800;
const KEEP_ALIVE_MS = 10_000;
/** How many may wait for a connection of the pool before others are turned away (`busy`). */
const MOST_WAITING = 500;
/** When an answer takes longer, another look is taken at who is the primary. */
const DOUBT_MS = 2_000;

/** What a connection is for, which decides how long the server lets it work, wait for locks, and dawdle. */
export type Purpose = 'ordinary' | 'asking' | 'claiming' | 'posting' | 'snapshot';

/** On these, questions follow each other without waiting for answers. */
const PIPELINED: readonly Purpose[] = ['asking', 'posting'];

const ORDINARY = {
  statement_timeout: '15s',
  lock_timeout: '5s',
  idle_in_transaction_session_timeout: '15s',
};
const LIMITS: Readonly<Record<Purpose, Readonly<Record<string, string>>>> = {
  ordinary: ORDINARY,
  asking: ORDINARY,
  // The outbox is empty, or very long, and statistics of it are never true: a plan made while it was empty would sort all
  // of it for each claim.
  claiming: { ...ORDINARY, enable_seqscan: 'off', enable_bitmapscan: 'off' },
  // No statement_timeout: a commit is never cancelled. Fresh tables have no statistics, and a plan made then would read
  // whole tables for ever: there is an index for everything the lane asks.
  posting: {
    statement_timeout: '0',
    lock_timeout: '5s',
    idle_in_transaction_session_timeout: '10s',
    enable_seqscan: 'off',
    jit: 'off',
    plan_cache_mode: 'force_generic_plan',
  },
  snapshot: {
    statement_timeout: '10min',
    lock_timeout: '5s',
    idle_in_transaction_session_timeout: '10min',
  },
};

export type ConnectionOptions = {
  readonly poolSize?: number;
  /** How many may wait for a connection of the pool. */
  readonly mostWaiting?: number;
  /** How long one waits for a connection, in milliseconds. */
  readonly connectMs?: number;
};

/** A connection that its owner may cut off in the middle of anything. */
export type OwnClient = pg.Client &
  Led & {
    /** Sends what is asked from now to the end of this turn of the event loop in one piece, as each write is dear. */
    readonly together: () => void;
    /** Sends what `ask` asks in one piece, and now, even if this turn lasts. */
    readonly atOnce: (ask: () => void) => void;
  };

export type PooledClient = pg.PoolClient & Led;

export type Connections = {
  /** A connection of the pool. Release it, with `true` when it is broken. Throws `busy` or `service_unreachable`. */
  readonly borrow: () => Promise<PooledClient>;
  /** A connection of its own, which the caller ends. Throws `service_unreachable`. */
  readonly open: (purpose: Purpose) => Promise<OwnClient>;
  /** Gives what `work` does. While it takes long, looks whether another host has become the primary. */
  readonly watched: <T>(work: Promise<T>) => Promise<T>;
  /** Connections of the pool, and how many wait for one. */
  readonly count: () => { readonly open: number; readonly idle: number; readonly waiting: number };
  readonly close: () => Promise<void>;
};

/**
 * Makes connections to the first of the hosts that answers and takes writes; when it goes away, or says nothing any more
 * and another one has taken its place, to the next one. An error of a connection that nobody uses at the moment ends nothing: the next use finds out.
 */
export function makeConnections(address: Address, options: ConnectionOptions = {}): Connections {
  const { hosts, poolSize } = address;
  const { mostWaiting = MOST_WAITING, connectMs = CONNECT_MS } = options;
  const following = makeHosts(hosts.length);

  class Client extends pg.Client implements Led {
    readonly cut: () => void;
    readonly together: () => void;
    readonly atOnce: (ask: () => void) => void;
    readonly leadsTo: number;

    constructor(given: pg.ClientConfig = {}) {
      const socket = new Socket();
      const host = following.current();
      super({
        ...(hosts[host] as Host),
        user: address.user,
        password: address.password,
        database: address.database,
        application_name: address.applicationName,
        connectionTimeoutMillis: connectMs,
        keepAlive: true,
        keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
        types: TYPES,
        pipeline: given.pipeline,
        stream: () => socket,
      });
      this.leadsTo = host;
      this.cut = () => void socket.destroy();
      this.together = () => {
        socket.cork();
        process.nextTick(() => socket.uncork());
      };
      this.atOnce = (ask) => {
        socket.cork();
        ask();
        socket.uncork();
      };
      this.on('end', () => following.ended(this));
      // Every client for as long as it lives: an error event that nobody listens to would end the process.
      this.on('error', () => undefined);
    }
  }

  const pool = new pg.Pool({
    Client,
    max: options.poolSize ?? poolSize,
    connectionTimeoutMillis: connectMs,
    idleTimeoutMillis: IDLE_MS,
    maxLifetimeSeconds: LIFE_SECONDS,
    // The pool waits for it, whatever its types say.
    // eslint-disable-next-line @typescript-eslint/no-misused-promises
    onConnect: (client) => prepare(client as PooledClient, 'ordinary'),
  });
  pool.on('error', () => undefined);

  const prepare = async (client: pg.ClientBase & Led, purpose: Purpose): Promise<void> => {
    await within(connectMs, setLimits(client, LIMITS[purpose]), silence);
    if (hosts.length === 1) return;
    const asked = client.query<{ standby: bigint }>('SELECT pg_is_in_recovery() AS standby');
    const { rows } = await within(connectMs, asked, silence);
    if (rows[0]?.standby === 1n) throw unreachable('The database takes no writes.');
    if (!following.accept(client)) throw unreachable('Another server has become the primary.');
  };

  const open = (purpose: Purpose): Promise<OwnClient> =>
    following.onAny(async () => {
      const client = new Client({ pipeline: PIPELINED.includes(purpose) });
      try {
        await client.connect();
        await prepare(client, purpose);
        return client;
      } catch (error) {
        client.cut();
        throw error;
      }
    });

  let looking = false;
  const look = async (): Promise<void> => {
    if (looking) return;
    looking = true;
    try {
      await (await open('ordinary')).end();
    } catch {
      // Nobody takes writes: whoever waits has limits of their own.
    } finally {
      looking = false;
    }
  };

  return {
    borrow: async () => {
      if (pool.waitingCount >= mostWaiting) throw new Refusal('busy');
      return following.onAny(async () => {
        try {
          return (await pool.connect()) as PooledClient;
        } catch (error) {
          if ((error as Error).message === 'timeout exceeded when trying to connect')
            throw new Refusal('busy');
          if (pool.ending) throw new Refusal('service_stopping');
          throw error;
        }
      });
    },
    open,
    watched: async (work) => {
      if (hosts.length === 1) return work;
      const doubt = setInterval(() => void look(), DOUBT_MS);
      try {
        return await work;
      } finally {
        clearInterval(doubt);
      }
    },
    count: () => ({ open: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    close: () => pool.end(),
  };
}

/**
 * Sets what the server shall hold us to. Engines that speak PostgreSQL's protocol do not know every setting: those are
 * left out there. Commits are durable whatever the server's default, but not less than it.
 */
async function setLimits(client: pg.ClientBase, limits: Readonly<Record<string, string>>): Promise<void> {
  const durable = `CASE current_setting('synchronous_commit') WHEN 'off' THEN 'on'
    ELSE current_setting('synchronous_commit') END`;
  const settings = [
    ...Object.entries(limits).map(([name, value]) => `set_config('${name}', '${value}', false)`),
    `set_config('synchronous_commit', ${durable}, false)`,
  ];
  try {
    await client.query(`SELECT ${settings.join(', ')}`);
  } catch (error) {
    if (!isUnknownSetting(error)) throw error;
    for (const setting of settings) {
      await client.query(`SELECT ${setting}`).catch((one: unknown) => {
        if (!isUnknownSetting(one)) throw one;
      });
    }
  }
}

function isUnknownSetting(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === '42704';
}

import type pg from 'pg';
import { Refusal } from '../../../../core/contract/refusals.ts';
import type { Engine, EngineGauge, Reader, Row, Snapshot, Value, Writer } from '../engine.ts';
import { makeFuse } from '../fuse.ts';
import { makeGather, sqlOfQuestions } from '../gather.ts';
import { makeTurns } from '../turn.ts';
import { makeAsking, type Asking } from './asking.ts';
import { postgresClaims } from './claims.ts';
import { commit, type Ended } from './commit.ts';
import {
  makeConnections,
  type ConnectionOptions,
  type Connections,
  type OwnClient,
  type PooledClient,
} from './connections.ts';
import {
  failureOf,
  isBroken,
  isSilence,
  isUnknownFunction,
  lostRace,
  openFailureOf,
  silence,
} from './failures.ts';
import { makeLane, type LaneOptions } from './lane.ts';
import { migrate } from './migrate.ts';
import { makeStatements, type Statement } from './statements.ts';
import { readPostgresUrl } from './url.ts';
import { checked, texts } from './values.ts';
import { pause, within } from './waiting.ts';

export type PostgresOptions = ConnectionOptions &
  LaneOptions & {
    readonly url: string;
    /** How long one waits for an answer to anything but a commit, in milliseconds. */
    readonly askMs?: number;
  };

/** A little longer than the server's own limit: it ends only what no server answers any more. */
const ASK_MS = 20_000;
/** How long a commit is waited for, and when its connection is let go that still has not answered. */
const COMMIT_MS = 10_000;
const PATIENCE_MS = 60_000;

/** How often a transaction is tried that loses against others, before it is `busy`. */
const MOST_TRIES = 10;
/** Audits and exports at once; each keeps the server from tidying up while it runs. */
const MOST_SNAPSHOTS = 4;

type Ask = (sql: string, values?: readonly Value[]) => Promise<pg.QueryResult>;

/**
 * Opens a PostgreSQL database, and makes or upgrades its tables if needed. Any number of nodes may have it open.
 * Ordinary transactions are SERIALIZABLE: what a use-case reads and then writes holds as if it had been alone, as on
 * SQLite; one that would not is tried again. Throws `service_unreachable`, `database_newer`, `database_damaged`, and
 * `input_invalid` for a URL that is none or would not verify who answers.
 */
export async function openPostgres(options: PostgresOptions): Promise<Engine> {
  const address = readPostgresUrl(options.url);
  const connections = makeConnections(address, options);
  try {
    const client = await connections.open('ordinary');
    try {
      await migrate(client, address.place);
    } finally {
      await client.end();
    }
  } catch (error) {
    await connections.close();
    throw openFailureOf(error);
  }
  const { askMs = ASK_MS, commitMs = COMMIT_MS, patienceMs = PATIENCE_MS } = options;
  const statementOf = makeStatements();
  const atEndOfTurn = makeTurns();
  const { watched } = connections;
  const lane = makeLane(() => connections.open('posting'), watched, options);
  const asking = makeAsking(() => connections.open('asking'));
  const claiming = makeAsking(() => connections.open('claiming'));
  const snapshots = new Set<OwnClient>();

  /** Asks on a connection of the pool; again on another one when it turns out to be broken, as a read changes nothing. */
  const ask: Ask = async (sql, values) => {
    for (let tries = 1; ; tries++) {
      const client = await connections.borrow();
      try {
        const result = await within(askMs, watched(query(client, statementOf(sql), values)), silence);
        client.release();
        return result;
      } catch (error) {
        client.release(isBroken(error));
        if (tries > 2 || isSilence(error) || !(isBroken(error) || lostRace(error))) throw failureOf(error);
        // All connections of the pool may have broken at once: meanwhile it finds out about the others.
        await pause(tries);
      }
    }
  };

  /** The same on a connection of its own, behind what others ask there; when that is broken, over the pool. */
  const askOn =
    (line: Asking): Ask =>
    async (sql, values) => {
      const put = (client: pg.ClientBase) =>
        within(askMs, watched(query(client, statementOf(sql), values)), silence);
      try {
        return await line.ask(put);
      } catch (error) {
        if (isSilence(error) || !(isBroken(error) || lostRace(error))) throw failureOf(error);
        return ask(sql, values);
      }
    };

  const { all: askTogether } = readerOf(askOn(asking));
  const sqlOf = sqlOfQuestions((column) => `${column} = ANY (CAST(? AS TEXT[]))`);

  const transact = async <T>(work: (tx: Writer) => Promise<T>): Promise<T> => {
    for (let tries = 1; ; tries++) {
      const client = await connections.borrow();
      let begun = false;
      let result: T;
      try {
        await within(askMs, watched(client.query('BEGIN ISOLATION LEVEL SERIALIZABLE')), silence);
        begun = true;
        result = await work(
          writerOf((sql, values) => within(askMs, watched(query(client, statementOf(sql), values)), silence)),
        );
      } catch (error) {
        await rollBack(client, error);
        const again = lostRace(error) || (isBroken(error) && !begun && !isSilence(error));
        if (tries === MOST_TRIES || !again) throw failureOf(error);
        await pause(tries);
        continue;
      }
      const ended = await within(commitMs, finish(client), () => new Refusal('outcome_unknown'));
      if (ended.state === 'committed') return result;
      if (ended.state === 'unknown') throw new Refusal('outcome_unknown');
      if (tries === MOST_TRIES || !lostRace(ended.error)) throw failureOf(ended.error);
      await pause(tries);
    }
  };

  /** Commits, and lets go of the connection when that has ended, however late; never rejects. */
  const finish = async (client: PooledClient): Promise<Ended> => {
    const impatient = setTimeout(() => client.cut(), patienceMs);
    const ended = await watched(commit(client));
    clearTimeout(impatient);
    client.release(ended.state === 'unknown');
    return ended;
  };

  /**
   * A commit waits for the standby to have all that was written before it, if it writes anything itself. Engines that do
   * not know this way to write nothing show no commit before it is safe.
   */
  const confirm = async (): Promise<void> => {
    try {
      await transact((tx) => tx.all("SELECT pg_logical_emit_message(true, 'okpay', '')"));
    } catch (error) {
      if (!isUnknownFunction(error)) throw error;
    }
  };

  const openSnapshot = async (): Promise<Snapshot> => {
    if (snapshots.size >= MOST_SNAPSHOTS) throw new Refusal('busy');
    const client = await connections.open('snapshot');
    snapshots.add(client);
    const close = async (): Promise<void> => {
      if (snapshots.delete(client)) await client.end();
    };
    const reader = readerOf(async (sql, values) => {
      try {
        return await query(client, statementOf(sql), values);
      } catch (error) {
        throw failureOf(error);
      }
    });
    try {
      await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
      // The snapshot is taken with the first question, not with BEGIN.
      await reader.one('SELECT 1');
    } catch (error) {
      await close();
      throw failureOf(error);
    }
    return { ...reader, close };
  };

  return {
    name: 'postgres',
    place: address.place,
    // Nothing here blows it: posting a key again finds out what its commit did.
    fuse: makeFuse(),
    ...readerOf(ask),
    atEndOfTurn,
    gather: makeGather((question, keys) => askTogether(sqlOf(question), [texts(keys)]), atEndOfTurn),
    confirm,
    claims: postgresClaims(readerOf(askOn(claiming))),
    transact,
    post: lane.post,
    postsAtOnce: 2,
    openSnapshot,
    gauges: () => gaugesOf(connections),
    close: async () => {
      await Promise.all([lane.close(), asking.close(), claiming.close()]);
      await Promise.all([...snapshots].map((client) => client.end()));
      await connections.close();
    },
  };
}

function query(
  client: pg.ClientBase,
  statement: Statement,
  values?: readonly Value[],
): Promise<pg.QueryResult> {
  return client.query({ ...statement, values: checked(values) });
}

async function rollBack(client: pg.PoolClient, error: unknown): Promise<void> {
  if (isBroken(error)) return client.release(true);
  try {
    await client.query('ROLLBACK');
    client.release();
  } catch {
    client.release(true);
  }
}

function gaugesOf(connections: Connections): EngineGauge[] {
  const { open, idle, waiting } = connections.count();
  return [
    { name: 'pool_used', help: 'Connections of the pool in use.', value: open - idle },
    { name: 'pool_idle', help: 'Connections of the pool that nobody uses.', value: idle },
    { name: 'pool_waiting', help: 'Calls that wait for a connection of the pool.', value: waiting },
  ];
}

function readerOf(ask: Ask): Reader {
  return {
    all: async <R extends Row>(sql: string, values?: readonly Value[]) =>
      (await ask(sql, values)).rows as R[],
    one: async <R extends Row>(sql: string, values?: readonly Value[]) =>
      (await ask(sql, values)).rows[0] as R | undefined,
  };
}

function writerOf(ask: Ask): Writer {
  return { ...readerOf(ask), run: async (sql, values) => (await ask(sql, values)).rowCount ?? 0 };
}

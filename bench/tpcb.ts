/**
 * The transaction of TPC-B as pgbench has it: what a payment on PostgreSQL is measured against, on the same server.
 */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import pg from 'pg';

export const SCALE = 10;
export const CLIENTS = 8;
const TPCB_SECONDS = 5;
/** Debian's, when it is installed: it is what most servers run, and brings pgbench. Else the binaries from npm. */
const DEBIAN = '/usr/lib/postgresql/15/bin';
const PGBENCH = `${DEBIAN}/pgbench`;

/** The folder of the binaries to measure with, when it is there. */
export const BINARIES: { readonly binaries?: string } = existsSync(PGBENCH) ? { binaries: DEBIAN } : {};

export type Yardstick = {
  readonly by: string;
  readonly perSecond: () => Promise<number>;
  readonly close: () => Promise<unknown>;
};

/** pgbench's tables, made as it makes them, and its transaction: by pgbench itself where it is installed. */
export async function prepareTpcb(folder: string): Promise<Yardstick> {
  const settings = { host: folder, user: 'okpay', database: 'tpcb' };
  if (existsSync(PGBENCH)) {
    const pgbench = (...words: string[]) =>
      execFileSync(PGBENCH, ['-h', folder, '-U', 'okpay', ...words, 'tpcb'], {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'ignore'],
      });
    pgbench('-i', '-q', '-s', String(SCALE));
    return {
      by: 'pgbench of Debian',
      perSecond: async () => {
        const told = pgbench('-n', '-c', String(CLIENTS), '-j', '2', '-T', String(TPCB_SECONDS));
        return Number(/tps = ([\d.]+)/.exec(told)?.[1]);
      },
      close: async () => undefined,
    };
  }
  const clients = await Promise.all(
    Array.from({ length: CLIENTS }, async () => {
      const client = new pg.Client(settings);
      await client.connect();
      return client;
    }),
  );
  await (clients[0] as pg.Client).query(`
    CREATE TABLE pgbench_branches (bid int PRIMARY KEY, bbalance int, filler char(88));
    CREATE TABLE pgbench_tellers (tid int PRIMARY KEY, bid int, tbalance int, filler char(84));
    CREATE TABLE pgbench_accounts (aid int PRIMARY KEY, bid int, abalance int, filler char(84)) WITH (fillfactor = 100);
    CREATE TABLE pgbench_history (tid int, bid int, aid int, delta int, mtime timestamp, filler char(22));
    INSERT INTO pgbench_branches SELECT bid, 0 FROM generate_series(1, ${SCALE}) bid;
    INSERT INTO pgbench_tellers SELECT tid, (tid - 1) / 10 + 1, 0 FROM generate_series(1, ${SCALE * 10}) tid;
    INSERT INTO pgbench_accounts
      SELECT aid, (aid - 1) / 100000 + 1, 0, '' FROM generate_series(1, ${SCALE * 100_000}) aid;
  `);
  await (clients[0] as pg.Client).query('VACUUM ANALYZE');
  const below = (most: number) => 1 + Math.floor(Math.random() * most);
  return {
    by: 'its transaction through pg (no pgbench here)',
    perSecond: async () => {
      const end = performance.now() + TPCB_SECONDS * 1_000;
      let count = 0;
      await Promise.all(
        clients.map(async (client) => {
          while (performance.now() < end) {
            const [aid, bid, tid] = [below(SCALE * 100_000), below(SCALE), below(SCALE * 10)];
            const delta = below(10_001) - 5_001;
            await client.query('BEGIN');
            await client.query(
              `UPDATE pgbench_accounts SET abalance = abalance + ${delta} WHERE aid = ${aid}`,
            );
            await client.query(`SELECT abalance FROM pgbench_accounts WHERE aid = ${aid}`);
            await client.query(
              `UPDATE pgbench_tellers SET tbalance = tbalance + ${delta} WHERE tid = ${tid}`,
            );
            await client.query(
              `UPDATE pgbench_branches SET bbalance = bbalance + ${delta} WHERE bid = ${bid}`,
            );
            await client.query(
              `INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) VALUES (${tid}, ${bid}, ${aid}, ${delta}, CURRENT_TIMESTAMP)`,
            );
            await client.query('END');
            count += 1;
          }
        }),
      );
      return count / TPCB_SECONDS;
    },
    close: () => Promise.all(clients.map((client) => client.end())),
  };
}

/**
 * Failover: `npm run test:failover -- [failovers] [seed]`, ten by default, some five minutes. Two PostgreSQL servers on
 * the loopback address, a primary and a standby that each commit waits for; three nodes of okpay; holders who pay each
 * other all the time. It needs Debian's postgresql-15 (`OKPAY_PG_BIN` for other places), prints what it measured, ends
 * everything it started, and exits 1 when anything was lost or answered wrongly.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Settings } from '../../src/service/app.ts';
import { openBalancer } from './balancer.ts';
import { startLoad, type Load } from './load.ts';
import { findDamage, prepareHolders, randomFrom } from './payments.ts';
import { startPair, until, type Pair } from './postgres-pair.ts';
import { startServe } from './serve-process.ts';

const NODES = 3;
const SENDERS = 12;
const SETTLE_MS = 90_000;
/** What must have been acknowledged between two failovers. */
const PAYMENTS_BETWEEN = 100;

type Scene = { readonly pair: Pair; readonly load: Load };
type Ended = { readonly acknowledged: number; readonly settledLater: number; readonly damage: string[] };

/** Runs something while nodes serve a pair under load; then everything that was answered must be true. */
async function underLoad<T>(
  synchronous: boolean,
  seed: number,
  act: (scene: Scene) => Promise<T>,
): Promise<Ended & { readonly result: T }> {
  const home = mkdtempSync(join(tmpdir(), 'okpay-failover-'));
  const pair = await startPair();
  const balancer = await openBalancer();
  const settings: Settings = {
    databaseUrl: pair.url,
    outboxDirectory: join(home, 'outbox'),
    publicUrl: 'http://127.0.0.1',
  };
  const nodes: Awaited<ReturnType<typeof startServe>>[] = [];
  try {
    const tokens = await prepareHolders(settings);
    await pair.setSynchronous(synchronous);
    for (let node = 0; node < NODES; node++)
      nodes.push(await startServe({ OKPAY_HOME: join(home, `node${node}`), OKPAY_DATABASE_URL: pair.url }));
    balancer.send(nodes.map(({ url }) => url));
    const load = startLoad(balancer.url, tokens, SENDERS, randomFrom(seed));
    const result = await act({ pair, load });
    const settledLater = await load.stop(SETTLE_MS);
    await Promise.all(nodes.map((node) => node.end('SIGTERM')));
    const damage = [...load.contradictions, ...(await findDamage(settings, tokens, load.attempts))];
    return { result, acknowledged: load.acknowledged(), settledLater, damage };
  } finally {
    await Promise.all(nodes.map((node) => node.end('SIGKILL')));
    await balancer.close();
    await pair.close();
    rmSync(home, { recursive: true, force: true });
  }
}

const acknowledged = (load: Load, count: number) => {
  const enough = load.acknowledged() + count;
  return until(`${count} payments`, async () => load.acknowledged() >= enough, 120_000);
};
const rest = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** One after the other: primary gone, standby promoted, service back, old primary made the standby. */
async function failOver({ pair, load }: Scene, times: number, random: () => number): Promise<number[]> {
  const backMs: number[] = [];
  for (let time = 1; time <= times; time++) {
    await acknowledged(load, PAYMENTS_BETWEEN);
    await (random() < 0.5 ? pair.primary().kill() : pair.primary().stopImmediately());
    await rest(random() * 1_000);
    const { askedAt, doneAt } = await pair.promote();
    const back = (await load.nextAnswer()) - doneAt;
    backMs.push(Math.round(back));
    console.log(
      `failover ${time}: promoted in ${Math.round(doneAt - askedAt)} ms, writes back ${Math.round(back)} ms later,` +
        ` ${load.acknowledged()} acknowledged, ${load.open()} unknown`,
    );
    await pair.rebuildStandby();
    await pair.setSynchronous(true);
  }
  return backMs;
}

const [failovers = 10, seed = Date.now() % 1_000_000] = process.argv.slice(2).map(Number);
console.log(`${failovers} failovers with a synchronous standby, seed ${seed}`);
const random = randomFrom(seed);
const synchronous = await underLoad(true, seed, (scene) => failOver(scene, failovers, random));
console.log(JSON.stringify(synchronous, undefined, 2));

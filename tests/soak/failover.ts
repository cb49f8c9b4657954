/**
 * Failover: `npm run test:failover -- [failovers] [seed] [--only words]`, ten by default, some ten minutes. Two PostgreSQL servers on
 * the loopback address, a primary and a standby that each commit waits for; three nodes of okpay; holders who pay each
 * other all the time. It needs Debian's postgresql-15 (`OKPAY_PG_BIN` for other places), prints what it measured, ends
 * everything it started, and exits 1 when anything was lost or answered wrongly.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
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
/** Payments that are asked for at once when trouble has begun. */
const READY = 60;
/** How far a standby is behind, in milliseconds like the others. */
const LAG_MS = 1_000;
const FROZEN_MS = 30_000;
/** Longer than any caller is made to wait. */
const PATIENCE_MS = 35_000;
/** How long an old primary that nobody fenced runs beside the new one. */
const UNFENCED_MS = 10_000;
/** Writes must be back so long after the promotion. */
const BACK_MS = 5_000;

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
  return until(`${count} payments`, async () => load.acknowledged() >= enough, 180_000);
};
const rest = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** One after the other: primary gone, standby promoted, service back, old primary made the standby. */
async function failOver({ pair, load }: Scene, times: number, random: () => number): Promise<number[]> {
  const backMs: number[] = [];
  for (let time = 1; time <= times; time++) {
    await acknowledged(load, PAYMENTS_BETWEEN);
    const lags = time % 3 === 0;
    if (lags) {
      pair.standby().freeze();
      await rest(LAG_MS);
    }
    await (random() < 0.5 ? pair.primary().kill() : pair.primary().stopImmediately());
    if (lags) pair.standby().thaw();
    await rest(random() * 1_000);
    const { askedAt, doneAt } = await pair.promote();
    const back = Math.round((await load.nextAnswer()) - doneAt);
    backMs.push(back);
    console.log(
      `  ${time}: promoted in ${Math.round(doneAt - askedAt)} ms, writes back ${back} ms later, ` +
        `${load.acknowledged()} acknowledged, ${load.open()} unknown`,
    );
    await pair.rebuildStandby();
    await pair.setSynchronous(true);
  }
  return backMs;
}

/**
 * What callers were told while `during` ran; of payments whose outcome they did not know. `falseAcks` are those that
 * asked and were told “done” in that time, which nobody could know.
 */
async function toldDuring(load: Load, during: () => Promise<unknown>) {
  const from = performance.now();
  await during();
  const to = performance.now();
  // Those that asked before the end are answered some time.
  await rest(PATIENCE_MS);
  const told: Record<string, number> = {};
  for (const { ended, answeredAt } of load.calls)
    if (answeredAt > from && answeredAt < to) told[ended] = (told[ended] ?? 0) + 1;
  const calls = load.calls.filter(({ askedAt }) => askedAt > from && askedAt < to);
  return {
    told,
    falseAcks: calls.filter(({ ended, answeredAt }) => ended === 'done' && answeredAt < to).length,
    longestMs: Math.round(Math.max(0, ...calls.map(({ askedAt, answeredAt }) => answeredAt - askedAt))),
  };
}

/** The standby does not answer for longer than callers are made to wait; then it does again. */
async function freezeStandby({ pair, load }: Scene) {
  await acknowledged(load, PAYMENTS_BETWEEN);
  const fire = await load.makeReady(READY);
  pair.standby().freeze();
  const during = await toldDuring(load, () => Promise.all([fire(), rest(FROZEN_MS)]));
  const thawedAt = performance.now();
  pair.standby().thaw();
  const backMs = Math.round((await load.nextAnswer()) - thawedAt);
  await acknowledged(load, PAYMENTS_BETWEEN);
  return { ...during, backMs };
}

/**
 * The trap: commits that wait for a standby that is cut off are cancelled by somebody, so that they are visible on the primary
 * and nowhere else. Then the primary is lost. Whatever was told until then must still be true.
 */
async function cancelCommits({ pair, load }: Scene) {
  await acknowledged(load, PAYMENTS_BETWEEN);
  let cancelled = 0;
  const fire = await load.makeReady(READY);
  await pair.cutLink();
  const during = await toldDuring(load, async () => {
    void fire();
    for (const deadline = Date.now() + FROZEN_MS / 2; Date.now() < deadline; await rest(500)) {
      const rows = await pair
        .primary()
        .ask("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'");
      cancelled += rows.length;
    }
    await pair.primary().kill();
  });
  const { doneAt } = await pair.promote();
  const backMs = Math.round((await load.nextAnswer()) - doneAt);
  await acknowledged(load, PAYMENTS_BETWEEN);
  return { cancelled, ...during, backMs };
}

/** The primary only hangs; the standby is promoted; then the old primary comes back, and nobody has fenced it. */
async function hangPrimary({ pair, load }: Scene) {
  await acknowledged(load, PAYMENTS_BETWEEN);
  const old = pair.primary();
  old.freeze();
  await rest(1_000);
  const { doneAt } = await pair.promote();
  const backMs = Math.round((await load.nextAnswer()) - doneAt);
  old.thaw();
  await rest(UNFENCED_MS);
  await old.kill();
  await acknowledged(load, PAYMENTS_BETWEEN);
  return { backMs };
}

/** Positive control: nobody waits for the standby, which is a little behind when the primary is lost. */
async function loseAsynchronous({ pair, load }: Scene) {
  await acknowledged(load, PAYMENTS_BETWEEN);
  await pair.cutLink();
  await acknowledged(load, PAYMENTS_BETWEEN);
  await pair.primary().kill();
  const { doneAt } = await pair.promote();
  return { backMs: Math.round((await load.nextAnswer()) - doneAt) };
}

const SCENES: Readonly<Record<string, (times: number, seed: number) => Promise<Report>>> = {
  failover: (times, seed) =>
    underLoad(true, seed, (scene) => failOver(scene, times, randomFrom(seed))).then(
      sound(({ result }) => result.length === times && Math.max(...result) <= BACK_MS),
    ),
  'frozen standby': (_, seed) =>
    underLoad(true, seed, freezeStandby).then(sound(({ result }) => result.falseAcks === 0)),
  'cancelled commits': (_, seed) =>
    underLoad(true, seed, cancelCommits).then(
      sound(({ result }) => result.falseAcks === 0 && result.cancelled > 0),
    ),
  'primary that hangs and comes back': (_, seed) => underLoad(true, seed, hangPrimary).then(sound()),
  'control: asynchronous standby': (_, seed) =>
    underLoad(false, seed, loseAsynchronous).then(({ damage, ...rest }) => ({
      ...rest,
      // The other way round: without the guarantee the checker must find that payments are gone.
      passed: damage.some((line) => /answered “done/.test(line)),
      found: damage.length,
      damage: damage.slice(0, 3),
    })),
};

type Report = { readonly passed: boolean; readonly damage: readonly string[] };

function sound<T>(also: (ended: Ended & { readonly result: T }) => boolean = () => true) {
  return (ended: Ended & { readonly result: T }): Report => ({
    ...ended,
    passed: ended.damage.length === 0 && also(ended),
    damage: ended.damage.slice(0, 10),
  });
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string', default: '' } },
});
const [times = 10, seed = Date.now() % 1_000_000] = positionals.map(Number);
console.log(`seed ${seed}`);
for (const [name, play] of Object.entries(SCENES)) {
  if (!name.includes(values.only)) continue;
  console.log(`${name}:`);
  const report = await play(times, seed);
  console.log(JSON.stringify(report, undefined, 2));
  if (!report.passed) process.exitCode = 1;
}

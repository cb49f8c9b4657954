/**
 * Durable transfers per second through the poster on PostgreSQL, in batches of 64, 256 and 1,000, against the TPC-B
 * transactions per second of pgbench on the same server, in turn. Payments are made before the clock starts: `plain`
 * ones move money from one holder to another under a key, `hot` ones all go to one holder, and `full` ones are what
 * `create-transfer` makes (a quote used once, a payment counted, a fee, a note, an event). `npm run bench:pg`, or
 * `node bench/posting-loop-pg.ts [rounds]`.
 */
import { makeIdMaker } from '../src/core/contract/ids.ts';
import { randomBytes } from 'node:crypto';
import { timestamp } from '../src/service/deps.ts';
import { clearingAccount, holderAccount } from '../src/service/ledger/accounts.ts';
import { fingerprintOf } from '../src/service/ledger/fingerprint.ts';
import type { Intent } from '../src/service/ledger/intent.ts';
import { makePoster } from '../src/service/ledger/poster.ts';
import { openPostgres } from '../src/service/store/engine/postgres/open.ts';
import { startPostgres, type PostgresServer } from '../tests/postgres.ts';
import { randomPayment } from './book.ts';
import { machine, median, record, round } from './results.ts';
import { BINARIES, CLIENTS, prepareTpcb, SCALE } from './tpcb.ts';

const HOLDERS = 10_000;
const START = 100_000_000n;
const SIZES = [64, 256, 1_000] as const;
/** What is asked: of TPC-B, by size of the batch; and a hot account, of random ones. */
const LEAST = { ofTpcb: { 64: 3, 256: 6, 1_000: 9 }, ofRandom: 0.9 };
/** Payments of one turn: as many as take a second or two. */
const COUNTS = { 64: 12_800, 256: 25_600, 1_000: 40_000 };

const rounds = Number(process.argv[2] ?? 5);
const server = await startPostgres({
  fsync: true,
  ...BINARIES,
});
try {
  report(await measure(server));
} finally {
  await server.stop();
}

async function measure({ createDatabase, folder, ask }: PostgresServer) {
  await createDatabase('tpcb');
  const tpcb = await prepareTpcb(folder);
  const book = await makeBook(await createDatabase('book'));
  const version = (await ask<{ server_version: string }>('SHOW server_version'))[0]?.server_version ?? '';
  const tps: number[] = [];
  const turns = SIZES.flatMap((size) =>
    (['plain', 'hot', 'full'] as const).map((kind) => ({ size, kind, perSecond: [] as number[] })),
  );
  for (let at = -1; at < rounds; at++) {
    const yardstick = await tpcb.perSecond();
    if (at >= 0) tps.push(yardstick);
    for (const turn of turns) {
      const perSecond = await book.perSecond(turn.kind, turn.size);
      if (at >= 0) turn.perSecond.push(perSecond);
    }
  }
  await Promise.all([book.engine.close(), tpcb.close()]);
  return { tps, turns, version, by: tpcb.by };
}

type Kind = 'plain' | 'hot' | 'full';

async function makeBook(url: string) {
  const engine = await openPostgres({ url });
  const poster = makePoster(engine, () => timestamp(Date.now()));
  const newId = makeIdMaker(Date.now, randomBytes);
  const holders = Array.from({ length: HOLDERS }, () => newId('user'));
  const any = () => holders[Math.floor(Math.random() * HOLDERS)] as string;
  const from = clearingAccount('BENCH', 'EUR');
  await Promise.all(
    holders.map((holder) => poster.post(intent('system:bench', from, holderAccount(holder, 'EUR'), START))),
  );

  function intent(owner: string, payer: typeof from, payee: typeof from, amount: bigint): Intent {
    return {
      id: newId('transfer'),
      initiator: owner,
      key: {
        owner,
        key: newId('key'),
        fingerprint: fingerprintOf({ operation: 'send', amount: `${amount} EUR` }),
      },
      transfer: { kind: 'transfer', from: payer, to: payee, paid: amount, fee: 0n, received: amount },
      entries: [
        { account: payer, amount: -amount },
        { account: payee, amount },
      ],
    };
  }
  const payment = (kind: Kind): Intent => {
    if (kind === 'full') return randomPayment({ newId, holders });
    const [owner, payee] = [any(), kind === 'hot' ? (holders[0] as string) : any()];
    if (owner === payee) return payment(kind);
    return intent(owner, holderAccount(owner, 'EUR'), holderAccount(payee, 'EUR'), 1n);
  };
  return {
    engine,
    /** Posts batches of one size, each made of payments that wait when the last one is done. */
    perSecond: async (kind: Kind, size: (typeof SIZES)[number]): Promise<number> => {
      const payments = Array.from({ length: COUNTS[size] }, () => payment(kind));
      const start = performance.now();
      for (let at = 0; at < payments.length; at += size) {
        const outcomes = await Promise.all(payments.slice(at, at + size).map(poster.post));
        if (outcomes.some(({ state }) => state !== 'done')) throw new Error('a payment was not done');
      }
      return (payments.length * 1_000) / (performance.now() - start);
    },
  };
}

function report({ tps, turns, version, by }: Awaited<ReturnType<typeof measure>>): void {
  console.log(
    `Durable transfers per second over ${HOLDERS} holders on PostgreSQL ${version}; ${rounds} rounds on ${machine()}`,
  );
  console.log(`TPC-B by ${by}, scale ${SCALE}, ${CLIENTS} clients: ${median(tps).toFixed(0)}/s`);
  const of = (values: readonly number[], others: readonly number[]) =>
    median(values.map((value, at) => value / (others[at] ?? Number.NaN)));
  const figures = turns.map(({ size, kind, perSecond }) => {
    const plain = turns.find((turn) => turn.size === size && turn.kind === 'plain')?.perSecond ?? [];
    const figure = {
      size,
      kind,
      perSecond: Math.round(median(perSecond)),
      ofTpcb: round(of(perSecond, tps), 1),
      ofPlain: round(of(perSecond, plain)),
    };
    console.log(
      `${String(size).padStart(5)} ${kind.padEnd(5)} ${String(figure.perSecond).padStart(6)}/s   ${figure.ofTpcb.toFixed(1).padStart(4)}x TPC-B   ${figure.ofPlain.toFixed(2)}x plain`,
    );
    return figure;
  });
  const enough = figures.every(({ size, kind, ofTpcb, ofPlain }) => {
    if (kind === 'plain') return ofTpcb >= LEAST.ofTpcb[size];
    return kind === 'full' || ofPlain >= LEAST.ofRandom;
  });
  console.log(
    `asked: plain at least ${Object.values(LEAST.ofTpcb).join(', ')}x TPC-B, hot at least ${LEAST.ofRandom}x plain: ${enough ? 'ok' : 'TOO SLOW'}`,
  );
  record('posting-loop-pg', {
    rounds,
    holders: HOLDERS,
    least: LEAST,
    version,
    by,
    tpcb: Math.round(median(tps)),
    figures,
  });
  if (!enough) process.exitCode = 1;
}

/**
 * Durable transfers per second over HTTP, everybody logged in, against a hand-written SQLite loop that writes the same
 * rows in batches, in turn. Server, load and loop are processes of their own; payments are made before the clock
 * starts. `npm run bench:http`, or `node bench/http.ts [rounds]`.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeIdMaker } from '../src/core/contract/ids.ts';
import type { Intent } from '../src/service/ledger/intent.ts';
import { anyOf, makeBook, paymentFrom } from './book.ts';
import { openHttpBench, WAYS, type HttpBench, type Way } from './http-bench.ts';
import type { Timing } from './http-load.ts';
import { rawLoop, type RawLoop } from './raw-loop.ts';
import { machine, median, record, round } from './results.ts';

const HOLDERS = 10_000;
const rounds = Number(process.argv[2] ?? 5);

/** What is asked: one each at 64 connections and bulk, of the raw loop at 64 and 1,000; a p99 at half of the peak. */
const LEAST = { single: 0.45, bulk: 0.75 };
const MOST = { p99OfCommit: 10 };

/** Batches of the raw loop: the same rows as single calls make, and as rows of one payer's list. */
const LOOPS = { 1: 500, 64: 12_800, 1_000: 20_000 } as const;
type Size = keyof typeof LOOPS;
const SIZE_OF: Readonly<Record<Way, Size>> = {
  'single, 1 connection': 1,
  'single, 8 connections': 64,
  'single, 64 connections': 64,
  'single, 64, one hot account': 64,
  'bulk of 1,000': 1_000,
  'bulk, one hot account': 1_000,
};

type Figures = { perSecond: number[]; ofLoop: number[]; p50: number[]; p99: number[] };

const folder = mkdtempSync(join(tmpdir(), 'okpay-bench-http-'));
try {
  await main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function main(): Promise<void> {
  const bench = await openHttpBench(`sqlite:${join(folder, 'served.db')}`, HOLDERS);
  const loop = await openLoop();
  try {
    report(await measure(bench, loop), bench.peakMemory());
  } finally {
    loop.close();
    await bench.close();
  }
  console.log('books: sound');
}

async function measure(bench: HttpBench, loop: Loop) {
  const ways = new Map<Way, Figures>();
  const loops = new Map<Size, number[]>();
  const paced: { rate: number; p50: number; p99: number; ofCommit: number }[] = [];
  for (let at = -1; at < rounds; at++) {
    const raw = { 1: loop.perSecond(1), 64: loop.perSecond(64), 1_000: loop.perSecond(1_000) };
    if (at >= 0) for (const size of [1, 64, 1_000] as const) add(loops, size, raw[size]);
    let peak = 0;
    for (const [way, job] of Object.entries(WAYS) as [Way, (typeof WAYS)[Way]][]) {
      const timing = await bench.run(job);
      const perSecond = (job.calls * Math.max(1, job.rows) * 1_000) / timing.ms;
      if (way === 'single, 64 connections') peak = perSecond;
      if (at < 0) continue;
      const figures = ways.get(way) ?? { perSecond: [], ofLoop: [], p50: [], p99: [] };
      ways.set(way, figures);
      push(figures, { perSecond, ofLoop: perSecond / raw[SIZE_OF[way]] }, timing);
    }
    const rate = Math.round(peak / 2);
    const timing = await bench.run({ calls: rate * 2, connections: 64, rows: 0, hot: false, rate });
    const commitMs = 1_000 / loop.perSecond(1);
    if (at >= 0) paced.push({ rate, p50: timing.p50, p99: timing.p99, ofCommit: timing.p99 / commitMs });
  }
  return { ways, loops, paced };
}

function push(
  figures: Figures,
  { perSecond, ofLoop }: { perSecond: number; ofLoop: number },
  timing: Timing,
): void {
  figures.perSecond.push(perSecond);
  figures.ofLoop.push(ofLoop);
  figures.p50.push(timing.p50);
  figures.p99.push(timing.p99);
}

function add(map: Map<Size, number[]>, size: Size, value: number): void {
  map.set(size, [...(map.get(size) ?? []), value]);
}

type Loop = Pick<RawLoop, 'close'> & { readonly perSecond: (size: Size) => number };

async function openLoop(): Promise<Loop> {
  const path = join(folder, 'raw.db');
  const { engine, holders } = await makeBook(path, HOLDERS);
  await engine.close();
  const loop = rawLoop(path);
  const newId = makeIdMaker(Date.now, randomBytes);
  return {
    close: loop.close,
    perSecond: (size) => {
      const batches: Intent[][] = [];
      for (let left = LOOPS[size]; left > 0; left -= size) {
        const owner = anyOf(holders);
        const payer = () => (size === 1_000 ? owner : anyOf(holders));
        batches.push(Array.from({ length: size }, () => paymentFrom(payer(), { newId, holders })));
      }
      const from = performance.now();
      for (const batch of batches) loop.write(batch);
      return (LOOPS[size] * 1_000) / (performance.now() - from);
    },
  };
}

function report({ ways, loops, paced }: Awaited<ReturnType<typeof measure>>, peakMemory: number): void {
  console.log(`Durable transfers per second over HTTP, ${HOLDERS} holders; ${rounds} rounds on ${machine()}`);
  for (const [size, values] of loops)
    console.log(`${`raw loop, batches of ${size}`.padEnd(30)}${median(values).toFixed(0).padStart(7)}/s`);
  const figures = [...ways].map(([name, { perSecond, ofLoop, p50, p99 }]) => {
    console.log(
      `${name.padEnd(30)}${median(perSecond).toFixed(0).padStart(7)}/s  ${median(ofLoop).toFixed(2)}x raw loop at ${SIZE_OF[name]}  p50 ${median(p50).toFixed(2)} ms  p99 ${median(p99).toFixed(2)} ms`,
    );
    return {
      name,
      perSecond: Math.round(median(perSecond)),
      rawLoopAt: SIZE_OF[name],
      ofRawLoop: round(median(ofLoop)),
      p50Ms: round(median(p50)),
      p99Ms: round(median(p99)),
    };
  });
  const half = {
    perSecond: Math.round(median(paced.map(({ rate }) => rate))),
    p50Ms: round(median(paced.map(({ p50 }) => p50))),
    p99Ms: round(median(paced.map(({ p99 }) => p99))),
    p99OfCommit: round(median(paced.map(({ ofCommit }) => ofCommit)), 1),
  };
  console.log(
    `at half of the peak, ${half.perSecond}/s: p50 ${half.p50Ms} ms, p99 ${half.p99Ms} ms, ${half.p99OfCommit}x a commit of the raw loop`,
  );
  console.log(`the server's memory at most: ${Math.round(peakMemory / 2 ** 20)} MiB`);
  const of = (name: Way) => figures.find((each) => each.name === name)?.ofRawLoop ?? 0;
  const isEnough =
    of('single, 64 connections') >= LEAST.single &&
    of('bulk of 1,000') >= LEAST.bulk &&
    half.p99OfCommit <= MOST.p99OfCommit;
  console.log(
    `asked: single at least ${LEAST.single}x, bulk ${LEAST.bulk}x, p99 at most ${MOST.p99OfCommit} commits: ${isEnough ? 'ok' : 'TOO SLOW'}`,
  );
  record('http', {
    rounds,
    holders: HOLDERS,
    least: LEAST,
    most: MOST,
    rawLoop: Object.fromEntries([...loops].map(([size, values]) => [size, Math.round(median(values))])),
    figures,
    half,
    peakMemoryMiB: Math.round(peakMemory / 2 ** 20),
  });
  if (!isEnough) process.exitCode = 1;
}

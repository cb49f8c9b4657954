/**
 * Durable transfers per second over HTTP on PostgreSQL, everybody logged in, against the TPC-B transactions per second of
 * pgbench on the same server, in turn. Database, service and load are processes of their own.
 * `npm run bench:pg`, or `node bench/http-pg.ts [rounds]`.
 */
import { startPostgres, type PostgresServer } from '../tests/postgres.ts';
import { openHttpBench, WAYS, type Way } from './http-bench.ts';
import { machine, median, record, round } from './results.ts';
import { BINARIES, CLIENTS, prepareTpcb, SCALE } from './tpcb.ts';

const HOLDERS = 10_000;
const rounds = Number(process.argv[2] ?? 3);
/** What is asked, of TPC-B: one each at 64 connections, and a thousand at once. */
const LEAST = { single: 2.5, bulk: 9 };

type Figures = { perSecond: number[]; ofTpcb: number[]; p50: number[]; p99: number[] };

const server = await startPostgres({ fsync: true, ...BINARIES });
try {
  report(await measure(server));
} finally {
  await server.stop();
}

async function measure({ createDatabase, folder }: PostgresServer) {
  await createDatabase('tpcb');
  const tpcb = await prepareTpcb(folder);
  const bench = await openHttpBench(await createDatabase('book'), HOLDERS);
  const ways = new Map<Way, Figures>();
  const tps: number[] = [];
  for (let at = -1; at < rounds; at++) {
    const yardstick = await tpcb.perSecond();
    if (at >= 0) tps.push(yardstick);
    for (const [way, job] of Object.entries(WAYS) as [Way, (typeof WAYS)[Way]][]) {
      const { ms, p50, p99 } = await bench.run(job);
      if (at < 0) continue;
      const perSecond = (job.calls * Math.max(1, job.rows) * 1_000) / ms;
      const figures = ways.get(way) ?? { perSecond: [], ofTpcb: [], p50: [], p99: [] };
      ways.set(way, figures);
      figures.perSecond.push(perSecond);
      figures.ofTpcb.push(perSecond / yardstick);
      figures.p50.push(p50);
      figures.p99.push(p99);
    }
  }
  const peakMemory = bench.peakMemory();
  await Promise.all([bench.close(), tpcb.close()]);
  return { ways, tps, peakMemory, by: tpcb.by };
}

function report({ ways, tps, peakMemory, by }: Awaited<ReturnType<typeof measure>>): void {
  console.log(
    `Durable transfers per second over HTTP on PostgreSQL, ${HOLDERS} holders; ${rounds} rounds on ${machine()}`,
  );
  console.log(`TPC-B by ${by}, scale ${SCALE}, ${CLIENTS} clients: ${median(tps).toFixed(0)}/s`);
  const figures = [...ways].map(([name, { perSecond, ofTpcb, p50, p99 }]) => {
    console.log(
      `${name.padEnd(30)}${median(perSecond).toFixed(0).padStart(7)}/s  ${median(ofTpcb).toFixed(1)}x TPC-B  p50 ${median(p50).toFixed(2)} ms  p99 ${median(p99).toFixed(2)} ms`,
    );
    return {
      name,
      perSecond: Math.round(median(perSecond)),
      ofTpcb: round(median(ofTpcb), 1),
      p50Ms: round(median(p50)),
      p99Ms: round(median(p99)),
    };
  });
  console.log(`a node's memory at most: ${Math.round(peakMemory / 2 ** 20)} MiB; books: sound`);
  const of = (name: Way) => figures.find((each) => each.name === name)?.ofTpcb ?? 0;
  const isEnough = of('single, 64 connections') >= LEAST.single && of('bulk of 1,000') >= LEAST.bulk;
  console.log(
    `asked: single at least ${LEAST.single}x, bulk ${LEAST.bulk}x: ${isEnough ? 'ok' : 'TOO SLOW'}`,
  );
  record('http-pg', { rounds, holders: HOLDERS, least: LEAST, tpcb: Math.round(median(tps)), by, figures });
  if (!isEnough) process.exitCode = 1;
}

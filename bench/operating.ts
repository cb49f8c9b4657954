/**
 * What operating costs, for the arithmetic in docs/operating.md: bytes a payment takes, and how long a backup, a
 * restore and a proof take, each divided by copying the file to the disk in the same run; and what metrics and traces
 * cost in processor time, divided by the same payments without. Some minutes: `npm run bench:operating`, or `node bench/operating.ts [payments]`.
 */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdtempSync,
  openSync,
  rmSync,
  statSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Call } from '../src/core/transport/transport.ts';
import { openService, type Service } from '../src/service/app.ts';
import { timestamp } from '../src/service/deps.ts';
import { tokenHashOf } from '../src/service/identity/authenticate.ts';
import { openMaintenance } from '../src/service/maintenance/open.ts';
import { insertSession } from '../src/service/store/sessions.ts';
import { observe, type Observed } from '../src/service/watch/observe.ts';
import { startPostgres } from '../tests/postgres.ts';
import { makeBookAt } from './book.ts';
import { machine, median, record, round } from './results.ts';

const HOLDERS = 500;
const AT_ONCE = 64;
const ROUNDS = 8;
const LIFE_MS = 86_400_000;
const PUBLIC_URL = 'http://127.0.0.1:7227';

const payments = Number(process.argv[2] ?? 20_000);
const folder = mkdtempSync(join(tmpdir(), 'okpay-operating-'));
try {
  console.log(machine());
  const figures = {
    payments,
    sqlite: await sqlite(),
    postgres: await postgres(),
    watching: await watching(),
  };
  console.log(JSON.stringify(figures, undefined, 2));
  record('operating', figures);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function sqlite() {
  const path = join(folder, 'okpay.db');
  const wallet = await open(`sqlite:${path}`);
  await wallet.close();
  const before = statSync(path).size;
  const again = await open(`sqlite:${path}`, wallet.holders);
  await again.pay(payments);
  await again.close();
  const bytes = statSync(path).size - before;
  const database = maintenance(`sqlite:${path}`);
  const copy = join(folder, 'copy');
  const backup = join(folder, 'backup.db');
  const times: Record<'copy' | 'backup' | 'verify' | 'restore', number[]> = {
    copy: [],
    backup: [],
    verify: [],
    restore: [],
  };
  for (let round = 0; round < ROUNDS; round++) {
    times.copy.push(await secondsOf(async () => copyDurably(path, copy)));
    times.backup.push(await secondsOf(() => database.backUp(backup, true)));
    times.verify.push(await secondsOf(() => database.verify()));
    const place = join(folder, `restored-${round}.db`);
    times.restore.push(await secondsOf(() => maintenance(`sqlite:${place}`).restore(backup, false)));
    rmSync(place);
  }
  const megabytes = statSync(path).size / 1e6;
  const medians = Object.entries(times).map(([name, seconds]) => [name, round(median(seconds), 3)]);
  return {
    bytesAPayment: Math.round(bytes / payments),
    megabytes: round(megabytes, 1),
    seconds: Object.fromEntries(medians) as Record<string, number>,
    verifiedASecond: Math.round(payments / median(times.verify)),
    timesCopy: {
      backup: round(median(times.backup.map((seconds, at) => seconds / (times.copy[at] ?? 1)))),
      restore: round(median(times.restore.map((seconds, at) => seconds / (times.copy[at] ?? 1)))),
    },
  };
}

async function postgres() {
  const debian = '/usr/lib/postgresql/15/bin';
  const hasPrograms = existsSync(join(debian, 'pg_dump'));
  if (hasPrograms) process.env['PATH'] = `${debian}:${process.env['PATH'] ?? ''}`;
  const server = await startPostgres({ fsync: true, ...(hasPrograms ? { binaries: debian } : {}) });
  try {
    const url = await server.createDatabase('books');
    const size = async () =>
      Number((await server.ask<{ size: string }>(`SELECT pg_database_size('books') AS size`))[0]?.size);
    const wallet = await open(url);
    const before = await size();
    const some = Math.round(payments / 4);
    await wallet.pay(some);
    await wallet.close();
    const bytes = (await size()) - before;
    const database = maintenance(url);
    const verify = await secondsOf(() => database.verify());
    if (!hasPrograms)
      return { bytesAPayment: Math.round(bytes / some), verifiedASecond: Math.round(some / verify) };
    const dump = join(folder, 'backup.dump');
    const backup = await secondsOf(() => database.backUp(dump, true));
    const other = maintenance(await server.createDatabase('other'));
    const restore = await secondsOf(() => other.restore(dump, false));
    return {
      bytesAPayment: Math.round(bytes / some),
      dumpBytesAPayment: Math.round(statSync(dump).size / some),
      verifiedASecond: Math.round(some / verify),
      backedUpASecond: Math.round(some / backup),
      restoredASecond: Math.round(some / restore),
    };
  } finally {
    await server.stop();
  }
}

/** The same payments without and with somebody who watches, turn and turn about. */
async function watching() {
  const collector = createServer((request, response) =>
    request.resume().once('end', () => response.end('{}')),
  );
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] =
    `http://127.0.0.1:${(collector.address() as AddressInfo).port}`;
  const metrics = { host: '127.0.0.1', port: 0 };
  const endpoint = { OTEL_EXPORTER_OTLP_ENDPOINT: 'set' };
  const some = { ...endpoint, OTEL_TRACES_SAMPLER: 'traceidratio', OTEL_TRACES_SAMPLER_ARG: '0.01' };
  const variants = {
    nobody: { environment: {} },
    metrics: { environment: {}, metrics },
    'one trace in a hundred': { environment: some },
    'every trace': { environment: endpoint },
  };
  const costs: Record<string, number[]> = {};
  for (let round = 0; round < ROUNDS; round++) {
    // Another one first each time: who goes first has the coldest caches.
    const order = Object.entries(variants);
    for (const [name, settings] of [
      ...order.slice(round % order.length),
      ...order.slice(0, round % order.length),
    ]) {
      const observed = await observe({ logLevel: 'silent', version: '0', ...settings });
      const wallet = await open(`sqlite:${join(folder, `watched-${name}-${round}.db`)}`, undefined, observed);
      await wallet.pay(500);
      const count = Math.round(payments / 5);
      const before = process.cpuUsage();
      await wallet.pay(count);
      const { user, system } = process.cpuUsage(before);
      (costs[name] ??= []).push((user + system) / count);
      await wallet.close();
      await observed.close();
    }
  }
  collector.closeAllConnections();
  collector.close();
  const without = costs['nobody'] ?? [];
  const ratios = Object.entries(costs).map(([name, each]) => [
    name,
    round(median(each.map((cost, at) => cost / (without[at] ?? 1)))),
  ]);
  return {
    microsecondsWithout: Math.round(median(without)),
    timesWithout: Object.fromEntries(ratios) as Record<string, number>,
  };
}

function maintenance(databaseUrl: string) {
  return openMaintenance({ databaseUrl, outboxDirectory: join(folder, 'outbox'), publicUrl: PUBLIC_URL });
}

type Wallet = {
  readonly holders: readonly string[];
  /** Quotes and pays so often, as holders do, many at once. */
  readonly pay: (count: number) => Promise<void>;
  readonly close: () => Promise<void>;
};

/** A service on a database, with holders who are logged in, have money, and want no mails. */
async function open(databaseUrl: string, known?: readonly string[], observed?: Observed): Promise<Wallet> {
  let holders = known;
  if (!holders) {
    const book = await makeBookAt(databaseUrl, HOLDERS);
    holders = book.holders;
    await book.engine.transact(async (tx) => {
      for (const holder of book.holders) {
        const now = Date.now();
        await insertSession(tx, {
          id: book.newId('session'),
          userId: holder,
          tokenHash: tokenHashOf(holder),
          device: '',
          createdAt: timestamp(now),
          expiresAt: timestamp(now + LIFE_MS),
        });
      }
    });
    await book.engine.close();
  }
  const service = await openService({
    databaseUrl,
    outboxDirectory: join(folder, 'outbox'),
    publicUrl: PUBLIC_URL,
    ...(observed?.watch ? { watch: observed.watch } : {}),
  });
  const all = holders;
  return {
    holders: all,
    pay: async (count) => {
      let left = count;
      const payer = async (): Promise<void> => {
        while (left-- > 0) await payOnce(service, all);
      };
      await Promise.all(Array.from({ length: AT_ONCE }, payer));
    },
    close: () => service.close(),
  };
}

async function payOnce(service: Service, holders: readonly string[]): Promise<void> {
  const from = Math.floor(Math.random() * holders.length);
  const token = holders[from] ?? '';
  const to = `holder-${(from + 1) % holders.length}@example.com`;
  // Everybody from a place of their own: so many quotes from one place would have to wait.
  const address = `10.${from >> 16}.${(from >> 8) & 255}.${from & 255}`;
  const call = async (call: Omit<Call, 'token'>) =>
    (await service.perform({ ...call, token }, { console: false, address })) as { output: { id: string } };
  const amount = { amount: '0.01', currency: 'EUR' };
  const { output } = await call({ operation: 'create-quote', input: { to, amount } });
  const key = randomBytes(12).toString('hex');
  await call({ operation: 'create-transfer', input: { quote: output.id }, key });
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return (performance.now() - startedAt) / 1_000;
}

function copyDurably(from: string, to: string): void {
  copyFileSync(from, to);
  const file = openSync(to, 'r');
  fsyncSync(file);
  closeSync(file);
}

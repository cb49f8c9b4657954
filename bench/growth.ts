/**
 * Whether reading costs the same however long the book is: `list-balances`, `list-transfers` (its first page) and
 * `get-transfer` with a million transfers against a thousand, for ordinary holders and for 25 busy ones who share half
 * of all payments, as a call over HTTP costs whoever makes it, and of that what happens inside the service; and how much
 * memory an export of the whole book takes. Takes some minutes: `npm run bench:growth`, or
 * `node bench/growth.ts [transfers]`.
 */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { packAndInstall } from '../scripts/pack-and-install.ts';
import { networkTransport } from '../src/core/transport/network.ts';
import { timestamp, type Deps } from '../src/service/deps.ts';
import { tokenHashOf } from '../src/service/identity/authenticate.ts';
import { perform } from '../src/service/perform.ts';
import { openEngine } from '../src/service/store/engine/open.ts';
import { insertSession } from '../src/service/store/sessions.ts';
import { setRole } from '../src/service/store/users.ts';
import { anyOf, makeBook, randomPayment, type Book } from './book.ts';
import { serve } from './http-bench.ts';
import { machine, median, record, round } from './results.ts';

const SMALL = 1_000;
const BUSY = 25;
/** Payments for each ordinary holder: more than a page, as in the small book. */
const EACH = 40;
const CALLED = ['list-balances', 'list-transfers', 'get-transfer'] as const;
const CALLS = 3_000;
/** How many holders call, at most. */
const LOGGED_IN = 2_000;
const AT_ONCE = 1_000;
const MOST = { timesSmall: 1.5, exportMegabytes: 150 };

/** Said by a process at its end: the most memory it had, in KiB. */
const TELL_MEMORY = `process.on('exit', () => {
  process.stderr.write('peak ' + process.resourceUsage().maxRSS + '\\n');
});`;

const large = Number(process.argv[2] ?? 1_000_000);
const folder = mkdtempSync(join(tmpdir(), 'okpay-growth-'));
try {
  const small = await fill('small.db', SMALL);
  const big = await fill('large.db', large);
  await report(small, big);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

type Filled = {
  book: Book;
  path: string;
  groups: Record<'ordinary' | 'busy', readonly string[]>;
  /** Of the holders who are logged in. */
  tokens: Map<string, string>;
};

/** A book with so many payments: half between busy holders, half between all others. */
async function fill(file: string, transfers: number): Promise<Filled> {
  const path = join(folder, file);
  const book = await makeBook(path, BUSY + Math.ceil(transfers / 2 / EACH) * 2);
  const groups = { busy: book.holders.slice(0, BUSY), ordinary: book.holders.slice(BUSY) };
  const from = performance.now();
  for (let done = 0; done < transfers; done += AT_ONCE) {
    const payments = Array.from({ length: AT_ONCE }, (_, at) =>
      randomPayment({ ...book, holders: at % 2 === 0 ? groups.busy : groups.ordinary }),
    );
    const outcomes = await Promise.all(payments.map(book.poster.post));
    if (outcomes.some(({ state }) => state !== 'done')) throw new Error('a payment was refused');
  }
  const seconds = (performance.now() - from) / 1_000;
  // Nobody waits for these notices.
  await book.engine.transact((tx) => tx.run('DELETE FROM outbox'));
  const megabytes = statSync(path).size / 2 ** 20;
  console.log(`${file}: ${transfers} transfers in ${seconds.toFixed(0)} s, ${megabytes.toFixed(0)} MiB`);
  const tokens = new Map<string, string>();
  for (const holders of Object.values(groups)) {
    const count = Math.min(holders.length, LOGGED_IN);
    for (let at = 0; at < count; at++) {
      const holder = holders[Math.floor((at * holders.length) / count)] ?? '';
      tokens.set(holder, await logIn(book, holder));
    }
  }
  return { book, path, groups, tokens };
}

type Group = keyof Filled['groups'];
type Called = (typeof CALLED)[number];
/** Makes a call with somebody's token; gives its answer. */
type Ask = (operation: Called, token: string, input: object) => Promise<unknown>;

/** The median time of each call in microseconds, small book and large book in turn. */
async function compare(books: readonly { filled: Filled; ask: Ask }[], group: Group) {
  const callers = await Promise.all(
    books.map(({ filled, ask }) => prepare(filled, filled.groups[group], ask)),
  );
  const times = callers.map(() => Object.fromEntries(CALLED.map((call) => [call, [] as number[]])));
  for (let at = 0; at < CALLS; at++) {
    for (const [which, timed] of callers.entries()) {
      for (const call of CALLED) times[which]?.[call]?.push(await timed(call));
    }
  }
  return CALLED.map((call) => {
    const [before = 0, after = 0] = times.map((each) => median(each[call] ?? []));
    return {
      call,
      holders: group,
      microseconds: round(after, 1),
      small: round(before, 1),
      times: round(after / before),
    };
  });
}

/** Makes what has a random one of some holders ask, and tells its microseconds. */
async function prepare({ tokens }: Filled, holders: readonly string[], ask: Ask) {
  const known: { token: string; transfers: readonly { id: string }[] }[] = [];
  for (const holder of holders) {
    const token = tokens.get(holder);
    if (token === undefined) continue;
    known.push({ token, ...((await ask('list-transfers', token, {})) as { transfers: { id: string }[] }) });
  }
  return async (operation: Called) => {
    const { token, transfers } = anyOf(known);
    const input = operation === 'get-transfer' ? { transfer: anyOf(transfers).id } : {};
    const from = performance.now();
    await ask(operation, token, input);
    return (performance.now() - from) * 1_000;
  };
}

/** Asks the service in this process, without a network in between. */
function askInside({ book }: Filled): Ask {
  const now = Date.now();
  const deps = { ...book, now: () => now, log: { info: () => {}, error: console.error } } as unknown as Deps;
  return async (operation, token, input) => {
    const answer = await perform(deps, { operation, token, input }, { console: true });
    return (answer as { output: unknown }).output;
  };
}

/** Compares what the calls cost inside the service, then what they cost over HTTP. Closes the books. */
async function compareAll(filled: readonly Filled[]) {
  const inside = filled.map((each) => ({ filled: each, ask: askInside(each) }));
  const ofInside = [...(await compare(inside, 'ordinary')), ...(await compare(inside, 'busy'))];
  const served = [];
  for (const each of filled) {
    await each.book.engine.close();
    const { server, url } = await serve(`sqlite:${each.path}`, join(folder, 'home'));
    const transport = networkTransport(url);
    const ask: Ask = async (operation, token, input) =>
      ((await transport.call({ operation, token, input })) as { output: unknown }).output;
    served.push({ filled: each, ask, end: () => Promise.all([transport.close(), endOf(server)]) });
  }
  const overHttp = [...(await compare(served, 'ordinary')), ...(await compare(served, 'busy'))];
  await Promise.all(served.map(({ end }) => end()));
  return { overHttp, inside: ofInside };
}

async function endOf(server: ChildProcess): Promise<void> {
  server.kill('SIGTERM');
  await once(server, 'exit');
}

async function logIn({ engine, newId }: Book, user: string): Promise<string> {
  const token = newId('session');
  const [at, expiresAt] = [timestamp(Date.now()), '2999-01-01T00:00:00.000Z'];
  const session = {
    id: newId('session'),
    userId: user,
    device: 'bench',
    createdAt: at,
    expiresAt,
    withFactor: true,
  };
  await engine.transact((tx) => insertSession(tx, { ...session, tokenHash: tokenHashOf(token) }));
  return token;
}

/**
 * Has the packed and installed okpay export the book in each format to nowhere, in-process, as a member of staff would,
 * and asks each run at its end how much memory it took at most.
 */
async function exportAll({ book, path }: Filled) {
  const { binary } = await packAndInstall(resolve(import.meta.dirname, '..'), folder);
  const [staff = ''] = book.holders;
  const engine = await openEngine(`sqlite:${path}`);
  await engine.transact((tx) => setRole(tx, staff, 'senior'));
  const token = await logIn({ ...book, engine }, staff);
  await engine.close();
  const tell = `data:text/javascript,${encodeURIComponent(TELL_MEMORY)}`;
  const env = { OKPAY_HOME: join(folder, 'home'), OKPAY_DATABASE_URL: `sqlite:${path}`, OKPAY_TOKEN: token };
  const exports = [];
  for (const format of ['hledger', 'beancount', 'csv', 'jsonl']) {
    const file = join(folder, `book.${format}`);
    const words = ['admin', 'export', 'journal', '--format', format, '--out', file, '--reason', 'bench'];
    const from = performance.now();
    const { stderr } = await execa(process.execPath, ['--import', tell, binary, ...words], { env });
    const seconds = round((performance.now() - from) / 1_000, 1);
    const peakKib = Number(/^peak (\d+)$/m.exec(stderr)?.[1]);
    const megabytes = Math.round(statSync(file).size / 1e6);
    exports.push({ format, seconds, megabytes, peakMegabytes: Math.round((peakKib * 1_024) / 1e6) });
    rmSync(file);
  }
  return exports;
}

async function report(small: Filled, big: Filled): Promise<void> {
  const { overHttp, inside } = await compareAll([small, big]);
  console.log(`Reading with ${large} transfers against ${SMALL}, on ${machine()}`);
  const show = (rows: typeof inside, where: string, asked: string) => {
    for (const { call, holders, microseconds, small: before, times } of rows)
      console.log(
        `${call.padEnd(15)}${holders.padEnd(10)}${where.padEnd(10)}${before} -> ${microseconds} us  ${times}x${asked}`,
      );
  };
  show(overHttp, 'over HTTP', `  (at most ${MOST.timesSmall}x)`);
  show(inside, 'inside', '');
  const exports = await exportAll(big);
  for (const { format, seconds, megabytes, peakMegabytes } of exports)
    console.log(
      `export ${format.padEnd(10)}${megabytes} MB in ${seconds} s, ${peakMegabytes} MB of memory  (at most ${MOST.exportMegabytes} MB)`,
    );
  record('growth', { transfers: large, against: SMALL, calls: CALLS, most: MOST, overHttp, inside, exports });
  const tooMuch =
    overHttp.some(({ times }) => times > MOST.timesSmall) ||
    exports.some(({ peakMegabytes }) => peakMegabytes > MOST.exportMegabytes);
  console.log(tooMuch ? 'TOO MUCH' : 'ok');
  if (tooMuch) process.exitCode = 1;
}

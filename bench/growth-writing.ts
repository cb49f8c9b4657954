/**
 * Whether a payment costs the same however long the book is: posted by 256 senders at once on a book with five million
 * transfers (10^7 entries) against one with five thousand, both of ten thousand holders, turn and turn about. Takes some
 * minutes: `npm run bench:growth-writing`, or `node bench/growth-writing.ts [transfers]`.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeBook, randomPayment, type Book } from './book.ts';
import { machine, median, record, round } from './results.ts';

const HOLDERS = 10_000;
const SMALL = 5_000;
const AT_ONCE = 256;
const PAYMENTS = 12_800;
const ROUNDS = 7;
const MOST_TIMES_SMALL = 1.3;

const large = Number(process.argv[2] ?? 5_000_000);
const folder = mkdtempSync(join(tmpdir(), 'okpay-growth-'));
try {
  const small = await fill('small.db', SMALL);
  const big = await fill('large.db', large);
  report(await compare(small, big));
  await small.engine.close();
  await big.engine.close();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function fill(file: string, transfers: number): Promise<Book> {
  const path = join(folder, file);
  const book = await makeBook(path, HOLDERS);
  const from = performance.now();
  for (let done = 0; done < transfers; done += 1_000) await pay(book, 1_000, 1_000);
  const seconds = (performance.now() - from) / 1_000;
  const megabytes = statSync(path).size / 2 ** 20;
  console.log(`${file}: ${transfers} transfers in ${seconds.toFixed(0)} s, ${megabytes.toFixed(0)} MiB`);
  return book;
}

/** So many payments, so many at a time; gives the microseconds of one. */
async function pay(book: Book, count: number, atOnce: number): Promise<number> {
  const payments = Array.from({ length: count }, () => randomPayment(book));
  const from = performance.now();
  const sender = async () => {
    for (let intent = payments.pop(); intent; intent = payments.pop()) {
      const { state } = await book.poster.post(intent);
      if (state !== 'done') throw new Error(`a payment ended ${state}`);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, sender));
  const microseconds = ((performance.now() - from) * 1_000) / count;
  // Nobody waits for these notices.
  await book.engine.transact((tx) => tx.run('DELETE FROM outbox'));
  return microseconds;
}

async function compare(small: Book, big: Book) {
  const times = { small: [] as number[], big: [] as number[] };
  for (let at = -1; at < ROUNDS; at++) {
    const [one, other] = [await pay(small, PAYMENTS, AT_ONCE), await pay(big, PAYMENTS, AT_ONCE)];
    if (at < 0) continue;
    times.small.push(one);
    times.big.push(other);
  }
  return { small: median(times.small), big: median(times.big) };
}

function report({ small, big }: { small: number; big: number }): void {
  const times = round(big / small);
  console.log(`A payment with ${large} transfers against ${SMALL}, ${HOLDERS} holders, on ${machine()}`);
  console.log(`${small.toFixed(1)} -> ${big.toFixed(1)} us  ${times}x  (at most ${MOST_TIMES_SMALL}x)`);
  const figures = { microseconds: round(big, 1), small: round(small, 1), times, most: MOST_TIMES_SMALL };
  record('growth-writing', { transfers: large, against: SMALL, holders: HOLDERS, ...figures });
  if (times > MOST_TIMES_SMALL) process.exitCode = 1;
}

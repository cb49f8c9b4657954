/**
 * Durable transfers per second through the real poster, with 1, 16 and 256 senders at once, against a hand-written
 * SQLite loop that writes the same rows in batches of the same size, in turn. Payments are made before the clock starts. `npm run bench`, or `node bench/poster.ts [rounds]`.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Intent } from '../src/service/ledger/intent.ts';
import { makeBook, randomPayment, type Book } from './book.ts';
import { rawLoop, type RawLoop } from './raw-loop.ts';
import { machine, median, record, round } from './results.ts';

const HOLDERS = 10_000;
const SENDERS = [1, 16, 256];
/** What is asked: of the raw loop with 256 senders, and of its own speed with one. */
const LEAST = { ofRawLoop: 0.6, ofOneSender: 5 };

const rounds = Number(process.argv[2] ?? 5);
/** Payments of one turn: as many as take about a second. */
const COUNTS: Readonly<Record<number, number>> = { 1: 2_000, 16: 6_000, 256: 12_000 };
const folder = mkdtempSync(join(tmpdir(), 'okpay-poster-'));
try {
  report(await measure());
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function measure() {
  const rows = [];
  for (const senders of SENDERS) {
    const book = await makeBook(join(folder, `poster-${senders}.db`), HOLDERS);
    const yardstick = await makeBook(join(folder, `raw-${senders}.db`), HOLDERS);
    await yardstick.engine.close();
    const loop = rawLoop(join(folder, `raw-${senders}.db`));
    rows.push({ senders, book, yardstick, loop, poster: [] as number[], raw: [] as number[] });
  }
  for (let at = -1; at < rounds; at++) {
    for (const row of rows) {
      const poster = await perSecond(row.book, row.senders);
      const raw = perSecondRaw(row.yardstick, row.loop, row.senders);
      if (at < 0) continue;
      row.poster.push(poster);
      row.raw.push(raw);
    }
  }
  for (const { book, loop } of rows) {
    await book.engine.close();
    loop.close();
  }
  return rows;
}

/** Senders who each pay, wait until it is durable, and pay again. */
async function perSecond(book: Book, senders: number): Promise<number> {
  const payments = makePayments(book, senders);
  const from = performance.now();
  let next = 0;
  const sender = async () => {
    for (let intent = payments[next++]; intent; intent = payments[next++]) {
      const outcome = await book.poster.post(intent);
      if (outcome.state !== 'done') throw new Error(`a payment ended ${outcome.state}`);
    }
  };
  await Promise.all(Array.from({ length: senders }, sender));
  return (payments.length * 1_000) / (performance.now() - from);
}

function perSecondRaw(book: Pick<Book, 'newId' | 'holders'>, loop: RawLoop, size: number): number {
  const payments = makePayments(book, size);
  const from = performance.now();
  for (let at = 0; at < payments.length; at += size) loop.write(payments.slice(at, at + size));
  return (payments.length * 1_000) / (performance.now() - from);
}

function makePayments(book: Pick<Book, 'newId' | 'holders'>, senders: number): Intent[] {
  return Array.from({ length: COUNTS[senders] ?? 0 }, () => randomPayment(book));
}

function report(rows: Awaited<ReturnType<typeof measure>>): void {
  console.log(`Durable transfers per second over ${HOLDERS} holders; ${rounds} rounds on ${machine()}`);
  const alone = rows[0]?.poster ?? [];
  const figures = rows.map(({ senders, poster, raw }) => {
    const ofRawLoop = median(poster.map((value, at) => value / (raw[at] ?? Number.NaN)));
    const ofOneSender = median(poster.map((value, at) => value / (alone[at] ?? Number.NaN)));
    console.log(
      `${String(senders).padStart(4)} senders  ${median(poster).toFixed(0).padStart(6)}/s   raw loop ${median(raw).toFixed(0).padStart(6)}/s   ${ofRawLoop.toFixed(2)}x raw loop   ${ofOneSender.toFixed(1)}x one sender`,
    );
    return {
      senders,
      perSecond: Math.round(median(poster)),
      rawLoopPerSecond: Math.round(median(raw)),
      ofRawLoop: round(ofRawLoop),
      ofOneSender: round(ofOneSender, 1),
    };
  });
  const most = figures.at(-1);
  const enough = most && most.ofRawLoop >= LEAST.ofRawLoop && most.ofOneSender >= LEAST.ofOneSender;
  console.log(
    `asked at ${most?.senders}: at least ${LEAST.ofRawLoop}x the raw loop and ${LEAST.ofOneSender}x one sender: ${enough ? 'ok' : 'TOO SLOW'}`,
  );
  record('poster', { rounds, holders: HOLDERS, least: LEAST, figures });
  if (!enough) process.exitCode = 1;
}

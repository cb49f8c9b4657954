/**
 * Writes a month of one account with okpay itself (`statement --month … --out FILE`), in every format, and says how fast that
 * is beside a plain loop over the same rows in the same run, and how much memory the whole process takes. `node
 * bench/statement.ts [entries]`; 100,000 unless said otherwise: `npm run bench:statement`.
 */
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { execa } from 'execa';
import { timestamp } from '../src/service/deps.ts';
import { tokenHashOf } from '../src/service/identity/authenticate.ts';
import { insertSession } from '../src/service/store/sessions.ts';
import { makeBook, randomPayment } from './book.ts';
import { machine, record, round } from './results.ts';

const FORMATS = ['json', 'text', 'html', 'camt053'] as const;
const AT_ONCE = 1_000;
const MOST_MEGABYTES = 200;
const BINARY = resolve(import.meta.dirname, '../bin/okpay.js');
const TOKEN = `bench-statement-${process.pid}`;

/** Said by a process at its end: the most memory it had, in KiB. */
const TELL_MEMORY = `data:text/javascript,${encodeURIComponent(`process.on('exit', () => {
  process.stderr.write('peak ' + process.resourceUsage().maxRSS + '\\n');
});`)}`;

const folder = mkdtempSync(join(tmpdir(), 'okpay-statement-'));
try {
  await main(Number(process.argv[2] ?? '100000'));
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function main(entries: number): Promise<void> {
  const file = join(folder, 'book.db');
  const who = await fill(file, entries);
  console.log(`A month of ${entries} entries on ${machine()}`);
  const env = { OKPAY_HOME: join(folder, 'home'), OKPAY_DATABASE_URL: `sqlite:${file}`, OKPAY_TOKEN: TOKEN };
  const plainSeconds = timedPlain(file, who);
  const figures = [];
  for (const format of FORMATS) {
    const out = join(folder, format);
    const from = performance.now();
    const words = ['statement', '--format', format, '--out', out];
    const { stderr } = await execa(process.execPath, ['--import', TELL_MEMORY, BINARY, ...words], { env });
    const seconds = round((performance.now() - from) / 1_000);
    const peakKib = Number(/^peak (\d+)$/m.exec(stderr)?.[1]);
    const figure = {
      ...{ format, seconds, ratio: round(plainSeconds / seconds) },
      peakMegabytes: Math.round((peakKib * 1_024) / 1e6),
      megabytes: Math.round(statSync(out).size / 1e6),
    };
    figures.push(figure);
    console.log(
      `${format}: ${Math.round(entries / seconds)} entries/s, ${figure.ratio} of a plain loop, ${figure.peakMegabytes} MB at most, ${figure.megabytes} MB written`,
    );
  }
  record('statement', { entries, mostMegabytes: MOST_MEGABYTES, plainSeconds: round(plainSeconds), figures });
  if (figures.every(({ peakMegabytes }) => peakMegabytes <= MOST_MEGABYTES)) return;
  console.log('NOT REACHED');
  process.exitCode = 1;
}

/** Makes a book in which the first of two holders has so many entries and is logged in; gives their id. */
async function fill(file: string, entries: number): Promise<string> {
  const book = await makeBook(file, 2);
  for (let done = 1; done < entries; done += AT_ONCE)
    await Promise.all(
      Array.from({ length: Math.min(AT_ONCE, entries - done) }, () => book.poster.post(randomPayment(book))),
    );
  const [userId = ''] = book.holders;
  await book.engine.transact(async (tx) => {
    // Nobody waits for these notices.
    await tx.run('DELETE FROM outbox');
    await insertSession(tx, {
      ...{ id: `ses_${TOKEN}`, userId, tokenHash: tokenHashOf(TOKEN), device: 'bench' },
      ...{ createdAt: timestamp(Date.now()), expiresAt: '2999-01-01T00:00:00.000Z' },
    });
  });
  await book.engine.close();
  return userId;
}

/** The same rows read once, in one question, and written as JSON with nothing checked: in seconds. */
function timedPlain(file: string, who: string): number {
  const db = new DatabaseSync(file, { readOnly: true });
  const from = performance.now();
  let bytes = 0;
  const rows = db
    .prepare(
      `SELECT e.seq, e.transfer, t.at, t.kind, e.amount, e.balance_after, t.note FROM entries e
        JOIN transfers t ON t.id = e.transfer JOIN accounts a ON a.id = e.account WHERE a.owner = ? ORDER BY e.transfer`,
    )
    .iterate(who);
  for (const row of rows) bytes += JSON.stringify(row).length;
  const seconds = (performance.now() - from) / 1_000;
  db.close();
  if (bytes === 0) throw new Error('there is nothing to write');
  return seconds;
}

/**
 * Exports every transfer of a book with the packed and installed okpay (`admin export transactions`), in turn with the
 * sqlite3 command line writing the same rows as CSV, and says how fast that is against it and how much memory it takes.
 * Where there is no sqlite3, a plain loop over node:sqlite stands in for it. Takes some minutes: `npm run bench:export`,
 * or `node bench/export.ts [transfers | file with a book, which is copied]`.
 */
import { createHash } from 'node:crypto';
import { copyFileSync, createReadStream, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { execa } from 'execa';
import { packAndInstall } from '../scripts/pack-and-install.ts';
import { timestamp } from '../src/service/deps.ts';
import { tokenHashOf } from '../src/service/identity/authenticate.ts';
import { openEngine } from '../src/service/store/engine/open.ts';
import { insertSession } from '../src/service/store/sessions.ts';
import { setRole } from '../src/service/store/users.ts';
import { makeBook, randomPayment } from './book.ts';
import { machine, median, record, round } from './results.ts';

const ROUNDS = 5;
const HOLDERS = 25_000;
const AT_ONCE = 1_000;
const LEAST_RATIO = 0.5;
const MOST_MEGABYTES = 150;

/** What the export writes, asked for in one question: columns, order and figures, but no cell made harmless. */
const SAME_ROWS = `SELECT t.id AS transfer, t.at, t.kind, NULL AS direction, NULL AS amount, NULL AS currency,
  NULL AS balance_after, coalesce(a.owner, a.name) AS "from",
  coalesce(ua.display_name, CASE a.kind WHEN 'clearing' THEN 'Bank' ELSE a.kind END) AS from_name,
  coalesce(b.owner, b.name) AS "to",
  coalesce(ub.display_name, CASE b.kind WHEN 'clearing' THEN 'Bank' ELSE b.kind END) AS to_name,
  printf('%d.%02d', t.paid / 100, t.paid % 100) AS paid, a.currency AS paid_currency,
  printf('%d.%02d', t.fee / 100, t.fee % 100) AS fee, printf('%d.%02d', t.received / 100, t.received % 100) AS received,
  b.currency AS received_currency, NULL AS rate, t.note, t.quote, t.initiator, t.details
  FROM transfers t JOIN accounts a ON a.id = t.from_account LEFT JOIN users ua ON ua.id = a.owner
  JOIN accounts b ON b.id = t.to_account LEFT JOIN users ub ON ub.id = b.owner ORDER BY t.id`;

/** Said by a process at its end: the most memory it had, in KiB. */
const TELL_MEMORY = `data:text/javascript,${encodeURIComponent(`process.on('exit', () => {
  process.stderr.write('peak ' + process.resourceUsage().maxRSS + '\\n');
});`)}`;

const folder = mkdtempSync(join(tmpdir(), 'okpay-export-'));
const [ours, theirs] = [join(folder, 'ours.csv'), join(folder, 'theirs.csv')];
try {
  await main(process.argv[2] ?? '1000000');
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function main(wanted: string): Promise<void> {
  const path = join(folder, 'book.db');
  if (existsSync(wanted)) copyFileSync(wanted, path);
  else await fill(path, Number(wanted));
  const { token, transfers } = await logIn(path);
  const { binary } = await packAndInstall(resolve(import.meta.dirname, '..'), folder);
  const yardstick = await findYardstick();
  console.log(`Exporting ${transfers} transfers on ${machine()}, against ${yardstick.name}`);
  const env = { OKPAY_HOME: join(folder, 'home'), OKPAY_DATABASE_URL: `sqlite:${path}`, OKPAY_TOKEN: token };
  const words = ['admin', 'export', 'transactions', '--reason', 'bench', '--force', '--out', ours];
  const rounds = [];
  for (let at = 0; at < ROUNDS; at++) {
    const mine = await timed(() =>
      execa(process.execPath, ['--import', TELL_MEMORY, binary, ...words], { env }),
    );
    const plain = await timed(() => yardstick.write(path));
    if (at === 0) await compare();
    const peakKib = Number(/^peak (\d+)$/m.exec(mine.result.stderr)?.[1]);
    const figures = {
      seconds: round(mine.seconds),
      yardstickSeconds: round(plain.seconds),
      ratio: round(plain.seconds / mine.seconds),
      peakMegabytes: Math.round((peakKib * 1_024) / 1e6),
    };
    rounds.push(figures);
    console.log(
      `${figures.seconds} s against ${figures.yardstickSeconds} s: ${figures.ratio} of its speed, ${figures.peakMegabytes} MB of memory`,
    );
  }
  const ratio = median(rounds.map((each) => each.ratio));
  const peakMegabytes = Math.max(...rounds.map((each) => each.peakMegabytes));
  const megabytes = Math.round(statSync(ours).size / 1e6);
  console.log(
    `${megabytes} MB at ${ratio} of the speed of ${yardstick.name} (at least ${LEAST_RATIO}), at most ${peakMegabytes} MB of memory (at most ${MOST_MEGABYTES})`,
  );
  const most = { leastRatio: LEAST_RATIO, mostMegabytes: MOST_MEGABYTES };
  record('export', {
    transfers,
    yardstick: yardstick.name,
    megabytes,
    ...most,
    ratio,
    peakMegabytes,
    rounds,
  });
  if (ratio < LEAST_RATIO || peakMegabytes > MOST_MEGABYTES) {
    console.log('NOT REACHED');
    process.exitCode = 1;
  }
}

/** Makes a book of so many payments. */
async function fill(path: string, transfers: number): Promise<void> {
  const book = await makeBook(path, Math.min(HOLDERS, Math.max(2, transfers)));
  for (let done = 0; done < transfers; done += AT_ONCE) {
    const payments = Array.from({ length: Math.min(AT_ONCE, transfers - done) }, () => randomPayment(book));
    await Promise.all(payments.map(book.poster.post));
  }
  // Nobody waits for these notices.
  await book.engine.transact((tx) => tx.run('DELETE FROM outbox'));
  await book.engine.close();
}

/** Makes the first holder a member of staff who is logged in, and counts the transfers. */
async function logIn(path: string): Promise<{ token: string; transfers: number }> {
  const engine = await openEngine(`sqlite:${path}`);
  const token = `bench-export-${process.pid}`;
  const user = await engine.one<{ id: string }>('SELECT MIN(id) AS id FROM users');
  const at = timestamp(Date.now());
  await engine.transact(async (tx) => {
    await setRole(tx, user?.id ?? '', 'senior');
    await insertSession(tx, {
      id: `ses_${token}`,
      userId: user?.id ?? '',
      tokenHash: tokenHashOf(token),
      device: 'bench',
      withFactor: true,
      createdAt: at,
      expiresAt: '2999-01-01T00:00:00.000Z',
    });
  });
  const counted = await engine.one<{ count: bigint }>('SELECT COUNT(*) AS count FROM transfers');
  await engine.close();
  return { token, transfers: Number(counted?.count) };
}

type Yardstick = { readonly name: string; readonly write: (path: string) => Promise<unknown> };

async function findYardstick(): Promise<Yardstick> {
  const found = await execa('sqlite3', ['--version'], { reject: false });
  if (found.failed) {
    const loop = join(import.meta.dirname, 'export-loop.ts');
    return {
      name: 'a plain loop over node:sqlite (no sqlite3 here: apt-get install sqlite3)',
      write: (path) => execa(process.execPath, [loop, path, SAME_ROWS, theirs]),
    };
  }
  return {
    name: `sqlite3 ${found.stdout.split(' ')[0]}`,
    write: (path) =>
      execa('sqlite3', ['-readonly', path], {
        input: `.mode csv\n.headers on\n.output ${theirs}\n${SAME_ROWS.replaceAll('\n', ' ')};\n`,
      }),
  };
}

/** Both must be the same lines; sqlite3 puts more cells into quotes than it has to. */
async function compare(): Promise<void> {
  const [mine, plain] = [await digestOf(ours), await digestOf(theirs)];
  if (mine !== plain) throw new Error(`the two files differ: ${mine}, ${plain}`);
}

async function digestOf(file: string): Promise<string> {
  const digest = createHash('sha256');
  let lines = 0;
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    digest.update(`${line.replaceAll('"', '')}\n`);
    lines += 1;
  }
  return `${lines} lines, ${digest.digest('hex')}`;
}

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; seconds: number }> {
  const from = performance.now();
  const result = await work();
  return { result, seconds: (performance.now() - from) / 1_000 };
}

/**
 * Imports a bank statement of 100 MB with `okpay serve` in a process of its own, in turn with a plain streaming parse of the
 * same file (saxes alone, also in a process of its own), and says how fast that is, how much of a processor an entry takes, and
 * how much memory the server took; mapped files, the database and Node itself, are not memory, and said apart. First all is
 * new, then the same file comes again. `npm run bench:import`, or `node bench/import.ts [entries] [rounds]`.
 */
import type { ChildProcess } from 'node:child_process';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { bookWithStaff } from './book-with-staff.ts';
import { peakMemoryOf, serve } from './http-bench.ts';
import { machine, median, record, round } from './results.ts';

const HOLDERS = 10_000;
const LEAST_PER_SECOND = 5_000;
const MOST_MEGABYTES = 200;
const BYTES_OF_ENTRY = 1_000;

const entries = Number(process.argv[2] ?? '100000');
const rounds = Number(process.argv[3] ?? '3');
const folder = mkdtempSync(join(tmpdir(), 'okpay-bench-import-'));
try {
  await main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function main(): Promise<void> {
  console.log(`Importing ${entries} entries on ${machine()}, against saxes alone`);
  const measured = [];
  for (let at = 0; at < rounds; at++) {
    const databaseUrl = `sqlite:${join(folder, `round-${at}.db`)}`;
    const { token, references } = await bookWithStaff(databaseUrl, HOLDERS);
    const file = join(folder, 'statement.xml');
    const megabytes = writeFile(file, references) / 1e6;
    const { server, url } = await serve(databaseUrl, folder);
    const memory = watchMemory(server);
    const before = processorSeconds(server);
    const fresh = await timed(() => importFile(url, token, file));
    const processor = processorSeconds(server) - before;
    const plain = await timed(() =>
      execa(process.execPath, [join(import.meta.dirname, 'plain-parse.ts'), file]),
    );
    const again = await timed(() => importFile(url, token, file));
    const figures = {
      megabytes: Math.round(megabytes),
      perSecond: Math.round(entries / fresh.seconds),
      againPerSecond: Math.round(entries / again.seconds),
      plainPerSecond: Math.round(entries / plain.seconds),
      processorMicrosecondsOfEntry: Math.round((processor / entries) * 1e6),
      ratio: round(plain.seconds / fresh.seconds, 3),
      anonymousMegabytes: Math.round(memory.most().anonymous / 1e6),
      fileMegabytes: Math.round(memory.most().file / 1e6),
      peakMegabytes: Math.round(peakMemoryOf(server) / 1e6),
    };
    const reconciled = await call(url, token, '/v1/admin/reconciliation');
    if (!(reconciled as { reconciled: boolean }).reconciled) throw new Error('the bank and the book differ');
    server.kill('SIGTERM');
    measured.push(figures);
    console.log(
      `${figures.megabytes} MB: ${figures.perSecond} entries a second, ${figures.againPerSecond} the second time; saxes alone ${figures.plainPerSecond} (ratio ${figures.ratio}); ${figures.processorMicrosecondsOfEntry} µs of processor an entry; ${figures.anonymousMegabytes} MB of memory, and ${figures.fileMegabytes} MB of mapped files (${figures.peakMegabytes} MB together)`,
    );
  }
  const perSecond = median(measured.map((each) => each.perSecond));
  const ratio = median(measured.map((each) => each.ratio));
  const [megabytes, fileMegabytes] = [
    Math.max(...measured.map((each) => each.anonymousMegabytes)),
    Math.max(...measured.map((each) => each.fileMegabytes)),
  ];
  console.log(
    `${perSecond} entries a second (at least ${LEAST_PER_SECOND}), ${ratio} of the speed of saxes alone, at most ${megabytes} MB of memory (at most ${MOST_MEGABYTES}) beside ${fileMegabytes} MB of mapped files`,
  );
  const asked = { leastPerSecond: LEAST_PER_SECOND, mostMegabytes: MOST_MEGABYTES };
  record('import', { entries, ...asked, perSecond, ratio, megabytes, fileMegabytes, rounds: measured });
  if (perSecond < LEAST_PER_SECOND || megabytes > MOST_MEGABYTES) {
    console.log('NOT REACHED');
    process.exitCode = 1;
  }
}

/** A statement as banks write them: about a kilobyte an entry, nine of ten for a holder. Gives its size in bytes. */
function writeFile(path: string, references: readonly string[]): number {
  const file = openSync(path, 'w');
  const total = (BigInt(entries) * BigInt(entries + 1)) / 2n;
  const cents = (minor: bigint) => `${minor / 100n}.${String(minor % 100n).padStart(2, '0')}`;
  const balance = (code: string, amount: string) =>
    `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">${amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-02</Dt></Dt></Bal>\n`;
  writeSync(
    file,
    `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>BENCH</MsgId><CreDtTm>2026-03-02T20:00:00Z</CreDtTm></GrpHdr>
<Stmt><Id>BENCH</Id><CreDtTm>2026-03-02T20:00:00Z</CreDtTm><Acct><Id><IBAN>DE02120300000000202051</IBAN></Id><Ccy>EUR</Ccy></Acct>
${balance('OPBD', '0.00')}${balance('CLBD', cents(total))}`,
  );
  let text = '';
  for (let at = 1; at <= entries; at++) {
    const amount = cents(BigInt(at));
    const reference = at % 10 === 0 ? `Invoice ${at}` : (references[at % references.length] ?? '');
    const entry = `<Ntry><NtryRef>${at}</NtryRef><Amt Ccy="EUR">${amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
 <BookgDt><Dt>2026-03-02</Dt></BookgDt><ValDt><Dt>2026-03-02</Dt></ValDt><AcctSvcrRef>BENCH-${at}</AcctSvcrRef>
 <BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>
 <NtryDtls><TxDtls><Refs><MsgId>M${at}</MsgId><EndToEndId>NOTPROVIDED</EndToEndId></Refs><Amt Ccy="EUR">${amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd>
  <RltdPties><Dbtr><Pty><Nm>Payer number ${at}</Nm><PstlAdr><Ctry>DE</Ctry></PstlAdr></Pty></Dbtr><DbtrAcct><Id><IBAN>DE21500500009876543210</IBAN></Id></DbtrAcct></RltdPties>
  <RltdAgts><DbtrAgt><FinInstnId><BICFI>SPUEDE2UXXX</BICFI><Nm>A bank with a name of its own</Nm></FinInstnId></DbtrAgt></RltdAgts>
  <RmtInf><Ustrd>${reference}</Ustrd></RmtInf></TxDtls></NtryDtls>
`;
    text += `${entry}<AddtlNtryInf>${'SEPA CREDIT TRANSFER '.repeat(30).slice(0, Math.max(20, BYTES_OF_ENTRY - entry.length - 40))}</AddtlNtryInf></Ntry>\n`;
    if (text.length < 1_000_000) continue;
    writeSync(file, text);
    text = '';
  }
  writeSync(file, `${text}</Stmt></BkToCstmrStmt></Document>\n`);
  closeSync(file);
  return statSync(path).size;
}

/** The most memory of its own that a process has from now on, and apart from it the most of mapped files, in bytes. */
function watchMemory({ pid }: ChildProcess): { readonly most: () => { anonymous: number; file: number } } {
  const most = { anonymous: 0, file: 0 };
  const look = () => {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const bytesOf = (name: string) =>
      Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1]) * 1_024;
    most.anonymous = Math.max(most.anonymous, bytesOf('RssAnon'));
    most.file = Math.max(most.file, bytesOf('RssFile'));
  };
  const timer = setInterval(look, 20).unref();
  return {
    most: () => {
      clearInterval(timer);
      return most;
    },
  };
}

/** What a process has had of the processors so far. */
function processorSeconds({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

/** Sends it as whoever runs the server would, with the real command. */
async function importFile(url: string, token: string, file: string): Promise<void> {
  await execa(
    process.execPath,
    [join(import.meta.dirname, '../bin/okpay.js'), 'admin', 'deposit', 'import', file, '--json'],
    {
      env: { OKPAY_HOME: join(folder, 'home'), OKPAY_URL: url, OKPAY_TOKEN: token },
    },
  );
}

async function call(url: string, token: string, path: string): Promise<unknown> {
  const answer = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${token}` } });
  return answer.json();
}

async function timed<T>(work: () => Promise<T>): Promise<{ result: T; seconds: number }> {
  const from = performance.now();
  const result = await work();
  return { result, seconds: (performance.now() - from) / 1_000 };
}

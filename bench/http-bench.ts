import { fork, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { timestamp } from '../src/service/deps.ts';
import { tokenHashOf } from '../src/service/identity/authenticate.ts';
import { auditLedger } from '../src/service/ledger/audit.ts';
import { openEngine } from '../src/service/store/engine/open.ts';
import { insertFeeRule } from '../src/service/store/fee-rules.ts';
import { insertSession } from '../src/service/store/sessions.ts';
import { makeBookAt, type Book } from './book.ts';
import type { Job, Payer, Timing } from './http-load.ts';

/** A fee on every payment, in cents. */
const FEE = 5n;
const LIFE_MS = 86_400_000;
const CALL_MS = 120_000;

/** What is sent, on either database. */
export const WAYS = {
  'single, 1 connection': { calls: 1_000, connections: 1, rows: 0, hot: false },
  'single, 8 connections': { calls: 4_000, connections: 8, rows: 0, hot: false },
  'single, 64 connections': { calls: 8_000, connections: 64, rows: 0, hot: false },
  'single, 64, one hot account': { calls: 8_000, connections: 64, rows: 0, hot: true },
  'bulk of 1,000': { calls: 16, connections: 4, rows: 1_000, hot: false },
  'bulk, one hot account': { calls: 16, connections: 4, rows: 1_000, hot: true },
} as const;
export type Way = keyof typeof WAYS;

/** `okpay serve` in a process of its own, and another that sends it payments. */
export type HttpBench = {
  /** Sends the calls of a job; everybody is logged in. */
  readonly run: (job: Omit<Job, 'url'>) => Promise<Timing>;
  /** The most memory the server had so far, in bytes. */
  readonly peakMemory: () => number;
  /** Ends both processes and has the whole book derived again. Throws when it is not sound. */
  readonly close: () => Promise<void>;
};

/** Opens a new book at a database URL with so many holders who are logged in and have money, and serves it. */
export async function openHttpBench(databaseUrl: string, holders: number): Promise<HttpBench> {
  const home = mkdtempSync(join(tmpdir(), 'okpay-http-'));
  const book = await makeBookAt(databaseUrl, holders);
  const payers = await logIn(book);
  await book.engine.close();
  const { server, url } = await serve(databaseUrl, home);
  const load = fork(join(import.meta.dirname, 'http-load.ts'), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  load.send({ payers });
  return {
    run: async (job) => {
      const limit = AbortSignal.timeout(CALL_MS);
      load.send({ job: { ...job, url } });
      const [answer] = (await once(load, 'message', { signal: limit })) as [
        { timing?: Timing; error?: string },
      ];
      if (answer.timing) return answer.timing;
      throw new Error(answer.error);
    },
    peakMemory: () => peakMemoryOf(server),
    close: async () => {
      load.disconnect();
      server.kill('SIGTERM');
      await once(server, 'exit');
      await checkBook(databaseUrl);
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** A session for everybody, and a fee on every payment. */
async function logIn({ engine, holders, newId }: Book): Promise<Payer[]> {
  const now = Date.now();
  const at = timestamp(now);
  const payers = holders.map((id, place) => {
    return { id, email: `holder-${place}@example.com`, token: randomBytes(32).toString('base64url') };
  });
  await engine.transact(async (tx) => {
    await insertFeeRule(tx, {
      id: newId('feeRule'),
      kind: 'transfer',
      currency: 'EUR',
      basisPoints: 0n,
      fixed: FEE,
      minimum: 0n,
      maximum: null,
      effectiveFrom: at,
      createdAt: at,
      createdBy: 'system:bench',
    });
    for (const { id, token } of payers)
      await insertSession(tx, {
        id: newId('session'),
        userId: id,
        tokenHash: tokenHashOf(token),
        device: 'bench',
        createdAt: at,
        expiresAt: timestamp(now + LIFE_MS),
      });
  });
  return payers;
}

/** Serves a database with the real command and its ordinary settings, its log thrown away. */
export async function serve(
  databaseUrl: string,
  home: string,
): Promise<{ server: ChildProcess; url: string }> {
  const okpay = join(import.meta.dirname, '..', 'bin', 'okpay.js');
  const profile = process.env['OKPAY_BENCH_PROFILE'];
  const flags = profile === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profile}`];
  const server = spawn(process.execPath, [...flags, okpay, 'serve', '--port', '0', '--json', '--quiet'], {
    env: { PATH: process.env['PATH'], OKPAY_HOME: home, OKPAY_DATABASE_URL: databaseUrl },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  process.once('exit', () => server.kill('SIGKILL'));
  const [printed] = (await once(server.stdout, 'data')) as [Buffer];
  return { server, url: (JSON.parse(printed.toString()) as { url: string }).url };
}

export function peakMemoryOf({ pid }: ChildProcess): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? Number.NaN) * 1_024;
}

async function checkBook(databaseUrl: string): Promise<void> {
  const engine = await openEngine(databaseUrl);
  const snapshot = await engine.openSnapshot();
  const { sound, findings } = await auditLedger(snapshot);
  await snapshot.close();
  await engine.close();
  if (!sound) throw new Error(`the book is not sound: ${findings.join('\n')}`);
}

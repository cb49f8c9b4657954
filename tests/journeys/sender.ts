import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { OkpayClient } from '../../src/core/client.ts';
import type { Output } from '../../src/core/contract/operations.ts';
import { openService, type Service } from '../../src/service/app.ts';
import { timestamp } from '../../src/service/deps.ts';
import { tokenHashOf } from '../../src/service/identity/authenticate.ts';
import { clearingAccount, holderAccount } from '../../src/service/ledger/accounts.ts';
import { insertSession } from '../../src/service/store/sessions.ts';
import { insertUser } from '../../src/service/store/users.ts';

const BINARY = join(import.meta.dirname, '../../bin/okpay.js');
const NAMES = ['alice', 'bob', 'carol'] as const;

/** How one run of the binary ended. */
export type Ran = { readonly code: number | null; readonly stdout: string; readonly stderr: string };
export type Running = {
  readonly ended: Promise<Ran>;
  readonly kill: (signal: NodeJS.Signals) => void;
  /** Waits until stderr has this in it. */
  readonly says: (text: string) => Promise<void>;
};

/** A wallet on disk, in which alice (who may also verify the book), bob and carol are logged in. */
export type Wallet = {
  readonly home: string;
  readonly tokenOf: (name: (typeof NAMES)[number]) => string;
  /** Opens the service on it: nothing else may work on it meanwhile, except through it. */
  readonly open: () => Promise<Service>;
  /** Starts the real binary as alice. */
  readonly start: (words: string, environment?: Record<string, string>) => Running;
  readonly run: (words: string, environment?: Record<string, string>) => Promise<Ran>;
  /** Payments in the book, which is verified whole. */
  readonly payments: () => Promise<number>;
  readonly remove: () => void;
};

/** Makes the wallet, with 1000.00 EUR on alice's account. */
export async function makeWallet(): Promise<Wallet> {
  const home = mkdtempSync(join(tmpdir(), 'okpay-send-'));
  const open = () =>
    openService({
      databaseUrl: `sqlite:${join(home, 'okpay.db')}`,
      outboxDirectory: join(home, 'outbox'),
      publicUrl: 'http://127.0.0.1:7227',
    });
  const service = await open();
  for (const name of NAMES) await addHolder(service, name);
  await service.close();
  const start = (words: string, environment: Record<string, string> = {}) =>
    startBinary(words.split(' '), { OKPAY_HOME: home, OKPAY_TOKEN: tokenOf('alice'), ...environment });
  return {
    home,
    tokenOf,
    open,
    start,
    run: (words, environment) => start(words, environment).ended,
    payments: async () => {
      const checked = await open();
      try {
        const call = (name: Parameters<Service['perform']>[0]) => checked.perform(name, { console: true });
        const client = new OkpayClient({ place: '', close: async () => {}, call }, tokenOf('alice'));
        const proof: Output<'verify-ledger'> = await client.call('verify-ledger', {});
        if (!proof.sound) throw new Error(proof.findings.join('\n'));
        const row = await checked.deps.engine.one<{ count: bigint }>(
          "SELECT COUNT(*) AS count FROM transfers WHERE kind = 'transfer'",
        );
        return Number(row?.count);
      } finally {
        await checked.close();
      }
    },
    remove: () => rmSync(home, { recursive: true, force: true }),
  };
}

const tokenOf = (name: string) => `okp_test_${name}`;

async function addHolder({ deps }: Service, name: string): Promise<void> {
  const id = deps.newId('user');
  const at = timestamp(deps.now());
  const email = `${name}@example.com`;
  await deps.engine.transact(async (tx) => {
    await insertUser(tx, {
      id,
      email,
      emailKey: email,
      displayName: `${name.charAt(0).toUpperCase()}${name.slice(1)} Example`,
      phone: null,
      passwordHash: '',
      role: name === 'alice' ? 'admin' : null,
      depositReference: `RF${name}`,
      notifyReceived: 0n,
      createdAt: at,
    });
    await insertSession(tx, {
      id: deps.newId('session'),
      userId: id,
      tokenHash: tokenHashOf(tokenOf(name)),
      device: 'test',
      createdAt: at,
      expiresAt: timestamp(deps.now() + 3_600_000),
      withFactor: name === 'alice',
    });
  });
  if (name !== 'alice') return;
  const [bank, account] = [clearingAccount('TEST', 'EUR'), holderAccount(id, 'EUR')];
  await deps.poster.post({
    id: deps.newId('transfer'),
    initiator: 'system:test',
    key: { owner: 'system:test', key: 'start', fingerprint: 'start=1' },
    transfer: { kind: 'deposit', from: bank, to: account, paid: 100_000n, fee: 0n, received: 100_000n },
    entries: [
      { account: bank, amount: -100_000n },
      { account, amount: 100_000n },
    ],
  });
}

function startBinary(words: readonly string[], environment: Record<string, string>): Running {
  const child = spawn(process.execPath, [BINARY, ...words], {
    env: { PATH: process.env['PATH'], NO_COLOR: '1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const written = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (written.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (written.stderr += chunk.toString()));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...written }));
  return {
    ended,
    kill: (signal) => void child.kill(signal),
    says: async (text) => {
      while (!written.stderr.includes(text)) {
        const more = await Promise.race([once(child.stderr, 'data'), ended]);
        if (!Array.isArray(more)) throw new Error(`ended without saying “${text}”: ${written.stderr}`);
      }
    },
  };
}

import { execa } from 'execa';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { OkpayClient } from '../../src/core/client.ts';
import type { Output } from '../../src/core/contract/operations.ts';
import { Refusal } from '../../src/core/contract/refusals.ts';
import { networkTransport } from '../../src/core/transport/network.ts';
import { openService } from '../../src/service/app.ts';
import { timestamp } from '../../src/service/deps.ts';
import { tokenHashOf } from '../../src/service/identity/authenticate.ts';
import { clearingAccount, holderAccount } from '../../src/service/ledger/accounts.ts';
import { insertSession } from '../../src/service/store/sessions.ts';
import { insertUser } from '../../src/service/store/users.ts';

export type KillPlan = {
  readonly kills: number;
  readonly senders: number;
  readonly seed: number;
  /** Starts the server to be killed: words for node, from the root of the project. */
  readonly server?: readonly string[];
  readonly say?: (line: string) => void;
};

export type KillReport = {
  readonly kills: number;
  readonly acknowledged: number;
  readonly settledLater: number;
  readonly refused: number;
  /** What the checker found wrong; empty when nothing was lost, doubled or changed. */
  readonly damage: readonly string[];
};

type Attempt = { readonly owner: number; readonly key: string; readonly quote: string; outcome?: string };

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const SERVE = ['bin/okpay.js', 'serve', '--port', '0'];
const HOLDERS = 24;
const START = 1_000_000n;

/**
 * Kills a server without warning, again and again, while holders send each other money over HTTP; what was cut off is
 * asked for again under its key at the next server. In the end every answer that was given must still be true: each
 * acknowledged transfer is there once with the same figures, no key has two outcomes, no transfer is there that nobody
 * was told of, and the book is sound.
 */
export async function killServer(plan: KillPlan): Promise<KillReport> {
  const home = mkdtempSync(join(tmpdir(), 'okpay-kill-'));
  const random = randomFrom(plan.seed);
  try {
    const tokens = await prepare(home);
    const attempts: Attempt[] = [];
    const damage: string[] = [];
    let settledLater = 0;
    let opened = 0;
    for (let kill = 0; kill <= plan.kills; kill++) {
      const server = await startServer(home, plan.server ?? SERVE);
      const clients = tokens.map((token) => new OkpayClient(networkTransport(server.url), token));
      const open = attempts.filter((attempt) => attempt.outcome === undefined);
      for (const attempt of open) {
        if (await settle(clients[attempt.owner] as OkpayClient, attempt)) settledLater += 1;
      }
      if (kill === plan.kills) {
        await Promise.all(clients.map((client) => client.close()));
        await server.end('SIGTERM');
        break;
      }
      let running = true;
      const load = Array.from({ length: plan.senders }, async () => {
        while (running) {
          const owner = Math.floor(random() * HOLDERS);
          const attempt = await send(
            clients,
            owner,
            (owner + 1 + Math.floor(random() * (HOLDERS - 1))) % HOLDERS,
            `key-${++opened}`,
            random,
          );
          if (attempt) attempts.push(attempt);
        }
      });
      await new Promise((resolve) => setTimeout(resolve, 40 + random() * 160));
      running = false;
      await server.end('SIGKILL');
      await Promise.all(load);
      await Promise.all(clients.map((client) => client.close()));
      if ((kill + 1) % 50 === 0) plan.say?.(`${kill + 1} kills, ${attempts.length} payments tried`);
    }
    await check(home, tokens, attempts, damage);
    return {
      kills: plan.kills,
      acknowledged: attempts.filter(({ outcome }) => outcome?.startsWith('done')).length,
      settledLater,
      refused: attempts.filter(({ outcome }) => outcome?.startsWith('refused')).length,
      damage,
    };
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}

/** Holders with sessions and money, written where the server will find them. */
async function prepare(home: string): Promise<string[]> {
  const service = await openService(settingsOf(home));
  const { deps } = service;
  const now = deps.now();
  const at = timestamp(now);
  const tokens: string[] = [];
  for (let holder = 0; holder < HOLDERS; holder++) {
    const id = userId(holder);
    const token = `okp_test_${holder}`;
    tokens.push(token);
    await deps.engine.transact(async (tx) => {
      await insertUser(tx, {
        id,
        email: `holder${holder}@example.com`,
        emailKey: `holder${holder}@example.com`,
        displayName: `Holder ${holder}`,
        phone: null,
        passwordHash: '',
        role: holder === 0 ? 'admin' : null,
        depositReference: `RF${holder}`,
        notifyReceived: 0n,
        createdAt: at,
      });
      await insertSession(tx, {
        id: deps.newId('session'),
        userId: id,
        tokenHash: tokenHashOf(token),
        device: 'test',
        createdAt: at,
        lastUsedAt: at,
        expiresAt: timestamp(now + 3_600_000 * 10),
      });
    });
    const from = clearingAccount('TEST', 'EUR');
    const to = holderAccount(id, 'EUR');
    await deps.poster.post({
      id: deps.newId('transfer'),
      initiator: 'system:test',
      key: { owner: 'system:test', key: `start-${holder}`, fingerprint: 'start=1' },
      transfer: { kind: 'deposit', from, to, paid: START, fee: 0n, received: START },
      entries: [
        { account: from, amount: -START },
        { account: to, amount: START },
      ],
    });
  }
  await service.close();
  return tokens;
}

async function send(
  clients: readonly OkpayClient[],
  owner: number,
  to: number,
  key: string,
  random: () => number,
): Promise<Attempt | undefined> {
  const client = clients[owner] as OkpayClient;
  let quote: string;
  try {
    const amount = { amount: (1 + Math.floor(random() * 500) / 100).toFixed(2), currency: 'EUR' };
    quote = (await client.call('create-quote', { to: `holder${to}@example.com`, amount })).id;
  } catch {
    return undefined; // The server is gone; a quote moves no money.
  }
  const attempt: Attempt = { owner, key, quote };
  await settle(client, attempt);
  return attempt;
}

/** Asks for the payment under its key; remembers the outcome when there is one. */
async function settle(client: OkpayClient, attempt: Attempt): Promise<boolean> {
  try {
    attempt.outcome = doneText(
      await client.call('create-transfer', { quote: attempt.quote }, { key: attempt.key }),
    );
    return true;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    if (['outcome_unknown', 'service_unreachable', 'service_stopping', 'busy'].includes(error.code))
      return false;
    attempt.outcome = `refused ${error.code}`;
    return true;
  }
}

/** Every answer that was given, against the book as it is on the disk. */
async function check(
  home: string,
  tokens: readonly string[],
  attempts: readonly Attempt[],
  damage: string[],
): Promise<void> {
  const service = await openService(settingsOf(home));
  try {
    const transport = {
      place: '',
      close: async () => undefined,
      call: (call: Parameters<typeof service.perform>[0]) => service.perform(call, { console: false }),
    };
    const clients = tokens.map((token) => new OkpayClient(transport, token));
    for (const attempt of attempts) {
      if (attempt.outcome === undefined) {
        damage.push(`${attempt.key} was never settled`);
        continue;
      }
      const now = await (clients[attempt.owner] as OkpayClient).call('get-intent', { key: attempt.key });
      const told =
        now.state === 'done' && now.transfer
          ? doneText(now.transfer)
          : `${now.state} ${(now.problem as { code?: string })?.code ?? ''}`;
      if (told !== attempt.outcome)
        damage.push(`${attempt.key} was answered “${attempt.outcome}” and is now “${told}”`);
    }
    const row = await service.deps.engine.one<{ count: bigint }>(
      "SELECT COUNT(*) AS count FROM transfers WHERE kind = 'transfer'",
    );
    const done = new Set(
      attempts.map(({ outcome }) => outcome).filter((outcome) => outcome?.startsWith('done')),
    );
    if (row?.count !== BigInt(done.size))
      damage.push(`the book has ${row?.count} payments and ${done.size} were answered`);
    const proof = await (clients[0] as OkpayClient).call('verify-ledger', {});
    damage.push(...proof.findings);
  } finally {
    await service.close();
  }
}

function doneText(transfer: Output<'get-transfer'>): string {
  return `done ${transfer.id} ${transfer.paid.amount} ${transfer.received.amount} to ${transfer.to.id}`;
}

type Server = { readonly url: string; readonly end: (signal: 'SIGKILL' | 'SIGTERM') => Promise<void> };

async function startServer(home: string, words: readonly string[]): Promise<Server> {
  const child = execa(process.execPath, [...words], {
    cwd: ROOT,
    env: { OKPAY_HOME: home, OKPAY_URL: undefined, OKPAY_SMTP_URL: undefined },
    reject: false,
    buffer: false,
    stdin: 'ignore',
  });
  const url = await new Promise<string>((resolve, reject) => {
    let text = '';
    child.stderr.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const found = /http:\/\/[\d.]+:\d+/.exec(text);
      if (found) resolve(found[0]);
    });
    void child.then(() => reject(new Error(`the server did not start: ${text}`)));
  });
  return {
    url,
    end: async (signal) => {
      child.kill(signal);
      await child;
    },
  };
}

function settingsOf(home: string) {
  return {
    databaseUrl: `sqlite:${join(home, 'okpay.db')}`,
    outboxDirectory: join(home, 'outbox'),
    publicUrl: 'http://127.0.0.1',
  };
}

function userId(holder: number): string {
  return `usr_${String(holder).padStart(26, '0')}`;
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

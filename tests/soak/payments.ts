import { OkpayClient } from '../../src/core/client.ts';
import type { Output } from '../../src/core/contract/operations.ts';
import { Refusal } from '../../src/core/contract/refusals.ts';
import { openService, type Settings } from '../../src/service/app.ts';
import { timestamp } from '../../src/service/deps.ts';
import { tokenHashOf } from '../../src/service/identity/authenticate.ts';
import { clearingAccount, holderAccount } from '../../src/service/ledger/accounts.ts';
import { insertSession } from '../../src/service/store/sessions.ts';
import { insertUser } from '../../src/service/store/users.ts';

/** One payment that somebody asked for, and what they were told of it last; nothing while they do not know. */
export type Attempt = {
  readonly owner: number;
  readonly key: string;
  readonly quote: string;
  outcome?: string;
};

export const HOLDERS = 24;
const START = 1_000_000n;
/** Codes after which the caller knows nothing about the payment and asks again with the same key. */
const UNSETTLED = [
  'outcome_unknown',
  'service_unreachable',
  'service_stopping',
  'busy',
  'idempotency_running',
];

/**
 * Makes holders with sessions and money in a database; gives their tokens, the first one of an administrator.
 * `notifies` says who gets a mail for money they receive.
 */
export async function prepareHolders(
  settings: Settings,
  notifies: (holder: number) => boolean = () => false,
): Promise<string[]> {
  const service = await openService(settings);
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
        notifyReceived: notifies(holder) ? 1n : 0n,
        createdAt: at,
      });
      await insertSession(tx, {
        id: deps.newId('session'),
        userId: id,
        tokenHash: tokenHashOf(token),
        device: 'test',
        createdAt: at,
        expiresAt: timestamp(now + 3_600_000 * 10),
        withFactor: holder === 0,
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

/** Quotes a payment of a few euros to somebody else; undefined when nobody answers: a quote moves no money. */
export async function quote(
  client: OkpayClient,
  owner: number,
  key: string,
  random: () => number,
): Promise<Attempt | undefined> {
  const to = (owner + 1 + Math.floor(random() * (HOLDERS - 1))) % HOLDERS;
  const amount = { amount: (1 + Math.floor(random() * 500) / 100).toFixed(2), currency: 'EUR' };
  try {
    const { id } = await client.call('create-quote', { to: `holder${to}@example.com`, amount });
    return { owner, key, quote: id };
  } catch (error) {
    if (error instanceof Refusal && UNSETTLED.includes(error.code)) return undefined;
    throw error;
  }
}

/** What one call was told: an outcome, or `unsettled` with the code that says why it is not known. */
export type Told = { readonly outcome: string } | { readonly unsettled: string };

/** Asks for a payment under its key. */
export async function ask(client: OkpayClient, attempt: Attempt): Promise<Told> {
  try {
    const transfer = await client.call('create-transfer', { quote: attempt.quote }, { key: attempt.key });
    return { outcome: doneText(transfer) };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return UNSETTLED.includes(error.code) ? { unsettled: error.code } : { outcome: `refused ${error.code}` };
  }
}

/** Asks, and remembers the outcome when there is one; whether there is. */
export async function settle(client: OkpayClient, attempt: Attempt): Promise<boolean> {
  const told = await ask(client, attempt);
  if ('outcome' in told) attempt.outcome = told.outcome;
  return 'outcome' in told;
}

/** What one is told who only asks what became of a key. */
export async function look(client: OkpayClient, attempt: Attempt): Promise<Told> {
  const told = await outcomeInBook(client, attempt.key);
  return /^(?:done|refused) /.test(told) ? { outcome: told } : { unsettled: told };
}

/**
 * Holds every answer that was given against the book as it is in the database: each acknowledged transfer is there once
 * with the same figures, no key has two outcomes, no transfer is there that nobody was told of, and the book is sound.
 * Gives a sentence for each thing that is not so.
 */
export async function findDamage(
  settings: Settings,
  tokens: readonly string[],
  attempts: readonly Attempt[],
): Promise<string[]> {
  const damage: string[] = [];
  const service = await openService(settings);
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
      const told = await outcomeInBook(clients[attempt.owner] as OkpayClient, attempt.key);
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
  return damage;
}

async function outcomeInBook(client: OkpayClient, key: string): Promise<string> {
  try {
    const now = await client.call('get-intent', { key });
    if (now.state === 'done' && now.transfer) return doneText(now.transfer);
    return `${now.state} ${(now.problem as { code?: string })?.code ?? ''}`;
  } catch (error) {
    if (error instanceof Refusal) return error.code;
    throw error;
  }
}

function doneText(transfer: Output<'get-transfer'>): string {
  return `done ${transfer.id} ${transfer.paid.amount} ${transfer.received.amount} to ${transfer.to.id}`;
}

function userId(holder: number): string {
  return `usr_${String(holder).padStart(26, '0')}`;
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

import { randomBytes } from 'node:crypto';
import { makeIdMaker, type IdMaker } from '../src/core/contract/ids.ts';
import { timestamp } from '../src/service/deps.ts';
import { clearingAccount, holderAccount } from '../src/service/ledger/accounts.ts';
import { fingerprintOf } from '../src/service/ledger/fingerprint.ts';
import type { Intent } from '../src/service/ledger/intent.ts';
import { makePoster, type Poster } from '../src/service/ledger/poster.ts';
import type { Engine } from '../src/service/store/engine/engine.ts';
import { openEngine } from '../src/service/store/engine/open.ts';
import { paymentIntent, type Payment } from '../src/service/payments/payment.ts';
import { insertUser } from '../src/service/store/users.ts';

/** How much each holder starts with, in cents: enough for every run. */
const START = 100_000_000n;
const AT_ONCE = 1_000;

const NAMES = ['Ada Lovelace', 'Bo Diddley', 'Chiara Conti', 'Dmitri Kovač'];

/** A ledger file with holders who have money. */
export type Book = {
  readonly engine: Engine;
  readonly poster: Poster;
  readonly newId: IdMaker;
  readonly holders: readonly string[];
};

/** Opens a new book in the file `path` with so many holders, each with money in euro. */
export function makeBook(path: string, count: number): Promise<Book> {
  return makeBookAt(`sqlite:${path}`, count);
}

/** The same at a database URL. */
export async function makeBookAt(databaseUrl: string, count: number): Promise<Book> {
  const engine = await openEngine(databaseUrl);
  const poster = makePoster(engine, () => timestamp(Date.now()));
  const newId = makeIdMaker(Date.now, randomBytes);
  const holders = Array.from({ length: count }, () => newId('user'));
  await engine.transact(async (tx) => {
    for (const [at, id] of holders.entries()) await insertUser(tx, userRow(id, at));
  });
  for (let at = 0; at < count; at += AT_ONCE) {
    await Promise.all(holders.slice(at, at + AT_ONCE).map((holder) => poster.post(deposit(newId, holder))));
  }
  return { engine, poster, newId, holders };
}

function deposit(newId: IdMaker, holder: string): Intent {
  const from = clearingAccount('BENCH', 'EUR');
  const to = holderAccount(holder, 'EUR');
  return {
    id: newId('transfer'),
    initiator: 'system:bench',
    key: { owner: 'system:bench', key: holder, fingerprint: '' },
    transfer: { kind: 'deposit', from, to, paid: START, fee: 0n, received: START },
    entries: [
      { account: from, amount: -START },
      { account: to, amount: START },
    ],
  };
}

function userRow(id: string, at: number): Parameters<typeof insertUser>[1] {
  const email = `holder-${at}@example.com`;
  return {
    id,
    email,
    emailKey: email,
    displayName: NAMES[at % NAMES.length] ?? '',
    phone: null,
    passwordHash: '-'.repeat(97),
    role: null,
    depositReference: `OK${at}`,
    notifyReceived: 0n,
    createdAt: timestamp(Date.now()),
  };
}

/** A payment between two holders taken at random, as `create-transfer` makes it from a quote: with a fee and a note. */
export function randomPayment({ newId, holders }: Pick<Book, 'newId' | 'holders'>): Intent {
  const quote = { id: newId('quote'), expiresAt: '2999-01-01T00:00:00.000Z' };
  return paymentFrom(anyOf(holders), { newId, holders }, quote);
}

/** A payment to a holder taken at random; without a quote, as each row of `create-transfers` makes it. */
export function paymentFrom(
  owner: string,
  { newId, holders }: Pick<Book, 'newId' | 'holders'>,
  quote?: NonNullable<Payment['quote']>,
): Intent {
  const recipient = anyOf(holders);
  // Paying oneself is refused long before there is an intent.
  if (owner === recipient) return paymentFrom(owner, { newId, holders }, quote);
  const [received, fee] = [BigInt(100 + Math.floor(Math.random() * 900)), 5n];
  const [from, to] = [partyOf(owner), partyOf(recipient)];
  const note = 'Lunch on Friday';
  const fingerprint = fingerprintOf({ operation: 'create-transfer', quote: quote?.id, to: recipient, note });
  return paymentIntent(
    { newId },
    {
      kind: 'transfer',
      from,
      to,
      currency: 'EUR',
      receiveCurrency: 'EUR',
      paid: received + fee,
      fee,
      received,
      note,
      ...(quote ? { quote } : {}),
    },
    { owner, key: newId('key'), fingerprint },
  );
}

function partyOf(id: string): Payment['from'] {
  return { id, email: '', displayName: '' };
}

/** One of several things, at random. */
export function anyOf<T>(things: readonly T[]): T {
  const thing = things[Math.floor(Math.random() * things.length)];
  if (thing === undefined) throw new Error('there is nothing to take one of');
  return thing;
}

import { randomBytes } from 'node:crypto';
import { makeIdMaker, type IdMaker } from '../src/core/contract/ids.ts';
import { timestamp } from '../src/service/deps.ts';
import { clearingAccount, holderAccount } from '../src/service/ledger/accounts.ts';
import { fingerprintOf } from '../src/service/ledger/fingerprint.ts';
import type { Intent } from '../src/service/ledger/intent.ts';
import { makePoster, type Poster } from '../src/service/ledger/poster.ts';
import type { Engine } from '../src/service/store/engine/engine.ts';
import { openEngine } from '../src/service/store/engine/open.ts';
import type { QuoteRow } from '../src/service/store/quotes.ts';
import { transferIntent } from '../src/service/use-cases/money/create-transfer.ts';

/** How much each holder starts with, in cents: enough for every run. */
const START = 100_000_000n;

/** A ledger file with holders who have money. */
export type Book = {
  readonly engine: Engine;
  readonly poster: Poster;
  readonly newId: IdMaker;
  readonly holders: readonly string[];
};

/** Opens a new book in `path` with so many holders, each with money in euro. */
export async function makeBook(path: string, count: number): Promise<Book> {
  const engine = await openEngine(`sqlite:${path}`);
  const poster = makePoster(engine, () => timestamp(Date.now()));
  const newId = makeIdMaker(Date.now, randomBytes);
  const holders = Array.from({ length: count }, () => newId('user'));
  const from = clearingAccount('BENCH', 'EUR');
  await Promise.all(
    holders.map((holder) => {
      const to = holderAccount(holder, 'EUR');
      return poster.post({
        id: newId('transfer'),
        initiator: 'system:bench',
        key: { owner: 'system:bench', key: holder, fingerprint: '' },
        transfer: { kind: 'deposit', from, to, paid: START, fee: 0n, received: START },
        entries: [
          { account: from, amount: -START },
          { account: to, amount: START },
        ],
      });
    }),
  );
  return { engine, poster, newId, holders };
}

/** A payment between two holders taken at random, as `create-transfer` makes it from a quote: with a fee and a note. */
export function randomPayment({ newId, holders }: Pick<Book, 'newId' | 'holders'>): Intent {
  const [owner, recipient] = [anyOf(holders), anyOf(holders)];
  // Paying oneself is refused long before a quote is made.
  if (owner === recipient) return randomPayment({ newId, holders });
  const quote = quoteBetween(newId('quote'), owner, recipient);
  const key = newId('key');
  const note = 'Lunch on Friday';
  const fingerprint = fingerprintOf({ operation: 'create-transfer', quote: quote.id, note });
  return transferIntent({ newId }, quote, { owner, key, fingerprint }, { note });
}

function quoteBetween(id: string, owner: string, recipient: string): QuoteRow {
  const [received, fee] = [BigInt(100 + Math.floor(Math.random() * 900)), 5n];
  return {
    id,
    owner,
    kind: 'transfer',
    recipient,
    feeFrom: 'sender',
    currency: 'EUR',
    paid: received + fee,
    fee,
    received,
    warnings: '[]',
    createdAt: '2026-01-01T00:00:00.000Z',
    expiresAt: '2999-01-01T00:00:00.000Z',
  };
}

function anyOf(holders: readonly string[]): string {
  return holders[Math.floor(Math.random() * holders.length)] ?? '';
}

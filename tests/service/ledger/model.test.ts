import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { expect, test } from 'vitest';
import { Model, told } from './model.ts';
import { eachEngine } from '../../harness.ts';
import { openBook, type Book } from './new-book.ts';
import { makeRandomBatches, randomFrom, withoutRestrictions } from './random-intents.ts';

/** OKPAY_MODEL_OPERATIONS makes it longer; OKPAY_MODEL_SEED repeats a run. */
const OPERATIONS = Number(process.env['OKPAY_MODEL_OPERATIONS'] ?? 100_000);
const SEEDS = process.env['OKPAY_MODEL_SEED']
  ? [Number(process.env['OKPAY_MODEL_SEED'])]
  : [1, Date.now() % 2 ** 31];
/** The database is closed and opened again every so many batches. */
const REOPEN_EVERY = 150;

eachEngine((engine) => {
  // Each answer of a server takes a trip.
  const operations = Math.ceil(OPERATIONS / SEEDS.length / (engine.name === 'sqlite' ? 1 : 2));

  const runOn = async (model: Model, seed: number, size: number): Promise<void> => {
    const folder = mkdtempSync(join(tmpdir(), 'okpay-model-'));
    const url = await engine.makeUrl(folder);
    try {
      await run(model, seed, size, url);
    } finally {
      await engine.discard(url);
      rmSync(folder, { recursive: true });
    }
  };

  test.each(SEEDS)(
    'the ledger does what the model does, from seed %i',
    async (seed) => {
      try {
        await runOn(new Model(), seed, operations);
      } catch (error) {
        throw new Error(
          `OKPAY_MODEL_SEED=${seed} OKPAY_MODEL_OPERATIONS=${OPERATIONS} repeats this: ${String(error)}`,
          { cause: error },
        );
      }
    },
    60_000 + OPERATIONS,
  );

  test('positive control: a model that lets a hold be taken after its time differs', async () => {
    class Patient extends Model {
      protected override isTooLate(): boolean {
        return false;
      }
    }
    const difference = await runOn(new Patient(), 1, 5_000).then(
      () => undefined,
      (error: { actual: unknown[]; expected: unknown[] }) => error,
    );
    const at = difference?.actual.findIndex(
      (each, place) => !isDeepStrictEqual(each, difference.expected[place]),
    );
    expect(difference?.actual[at ?? 0]).toMatchObject({ code: 'hold_resolved', hold: 'expired' });
    expect(difference?.expected[at ?? 0]).not.toMatchObject({ code: 'hold_resolved' });
  });
});

async function run(model: Model, seed: number, operations: number, url: string): Promise<void> {
  const nextBatch = makeRandomBatches(seed);
  const clock = randomFrom(seed + 1);
  const seen = new Map<string, number>();
  let book = await openBook(url);
  try {
    for (let [done, batches] = [0, 0]; done < operations; batches++) {
      const intents = nextBatch(book);
      const now = new Date(book.clock.ms).toISOString();
      const expected = intents.map((intent) => model.take(intent, now));
      const outcomes = (await Promise.all(intents.map(book.post))).map(told);
      expect(outcomes).toEqual(expected);
      for (const outcome of outcomes) {
        const word = outcome.state === 'refused' ? outcome.code : outcome.state;
        seen.set(word, (seen.get(word) ?? 0) + 1);
      }
      done += intents.length;
      book.clock.ms += clock.below(3);
      if (batches % REOPEN_EVERY === REOPEN_EVERY - 1) {
        book = await book.reopen();
      }
    }
    await compare(book, model);
    const { sound, findings, transfers } = await book.audit();
    expect(withoutRestrictions(findings)).toEqual([]);
    expect(sound).toBe(findings.length === 0);
    expect(transfers).toBe(model.transfers);
  } finally {
    await book.close();
  }
  // The control: the run did reach every kind of answer.
  for (const word of ANSWERS) expect(seen.get(word) ?? 0, word).toBeGreaterThan(operations / 5_000);
}

const ANSWERS = [
  'done',
  'mismatch',
  'insufficient_funds',
  'quote_used',
  'reference_used',
  'quote_expired',
  'not_found',
  'hold_resolved',
  'hold_exceeded',
  'intent_abandoned',
  'account_restricted',
  'recipient_unavailable',
];

/** Every balance, hold, key and guard in the database is the model's, and there are no others. */
async function compare({ engine }: Book, model: Model): Promise<void> {
  const accounts = await engine.all<{ name: string; balance: bigint; held: bigint; entries: bigint }>(
    'SELECT name, balance, held, entries FROM accounts',
  );
  expect(sorted(accounts.map((row) => [row.name, row.balance, row.held, Number(row.entries)]))).toEqual(
    sorted([...model.accounts].map(([name, row]) => [name, row.balance, row.held, row.entries])),
  );
  const holds = await engine.all<{ id: string; account: string; amount: bigint; state: string }>(
    'SELECT h.id, a.name AS account, h.amount, h.state FROM holds h JOIN accounts a ON a.id = h.account',
  );
  expect(sorted(holds.map((row) => [row.id, row.account, row.amount, row.state]))).toEqual(
    sorted([...model.holds].map(([id, row]) => [id, row.account, row.amount, row.state])),
  );
  const guards = await engine.all<{ name: string; value: bigint }>('SELECT name, value FROM guards');
  // A guard of zero is one that nobody counts by.
  const counted = (all: [string, bigint][]) => sorted(all.filter(([, value]) => value !== 0n));
  expect(counted(guards.map((row) => [row.name, row.value]))).toEqual(counted([...model.guards]));
  const keys = await engine.all<{ owner: string; key: string; id: string; refusal: string | null }>(
    'SELECT owner, key, id, refusal FROM idempotency',
  );
  const codeOf = (refusal: string | null) =>
    refusal === null ? undefined : (JSON.parse(refusal) as { code: string }).code;
  expect(
    sorted(keys.map((row) => [JSON.stringify([row.owner, row.key]), row.id, codeOf(row.refusal)])),
  ).toEqual(sorted([...model.keys].map(([name, row]) => [name, row.id, row.code])));
}

function sorted<T extends [string, ...unknown[]]>(rows: T[]): T[] {
  return rows.sort(([one], [other]) => (one < other ? -1 : 1));
}

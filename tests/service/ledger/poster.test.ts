import { AssertionError } from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Refusal } from '../../../src/core/contract/refusals.ts';
import { holderAccount } from '../../../src/service/ledger/accounts.ts';
import type { Intent, Outcome } from '../../../src/service/ledger/intent.ts';
import { BATCH_LIMIT, QUEUE_LIMIT, makePoster } from '../../../src/service/ledger/poster.ts';
import { balanceByName } from '../../../src/service/store/balances.ts';
import { eachEngine } from '../../harness.ts';
import { NOON, capture, deposit, hold, newBook, newBookOn, release, send, type Book } from './new-book.ts';

const states = (outcomes: Outcome[]) =>
  outcomes.map((outcome) => (outcome.state === 'refused' ? outcome.refusal.code : outcome.state));

/** An engine that says which transfers are handed to the database together. */
function seeingRows(engine: Book['engine'], parts: string[][]): Book['engine'] {
  const see = ({ transfers }: { transfers: readonly { id: string }[] }) => {
    parts.push(transfers.map(({ id }) => id));
  };
  const post: typeof engine.post = (work) =>
    engine.post((store) =>
      work({
        ...store,
        append: (rows) => {
          see(rows);
          store.append(rows);
        },
        write: (changes) => {
          see(changes);
          return store.write(changes);
        },
      }),
    );
  return { ...engine, post };
}

eachEngine((engine) => {
  let book: Book;
  beforeEach(async () => {
    book = await newBookOn(engine);
  });
  afterEach(async () => {
    const { sound, findings } = await book.audit();
    expect(findings).toEqual([]);
    expect(sound).toBe(true);
    await book.close();
  });

  const balance = async (user: string) =>
    (await balanceByName(book.engine, holderAccount(user, 'EUR').name))?.balance ?? 0n;

  describe('a batch', () => {
    test('is decided in the order the intents came in', async () => {
      const outcomes = await Promise.all([
        book.post(send(book, 'alice', 'bob', 10n)),
        book.post(deposit(book, 'alice', 10n)),
        book.post(send(book, 'alice', 'bob', 10n)),
        book.post(send(book, 'alice', 'bob', 1n)),
        book.post(send(book, 'bob', 'alice', 4n)),
      ]);
      expect(states(outcomes)).toEqual(['insufficient_funds', 'done', 'done', 'insufficient_funds', 'done']);
      expect([await balance('alice'), await balance('bob')]).toEqual([4n, 6n]);
    });

    test('leaves the neighbours of a refused intent as if it had never been there', async () => {
      await book.post(deposit(book, 'alice', 100n));
      const refused: Intent = {
        ...send(book, 'alice', 'mallory', 101n, { quote: 'quo_1' }),
        makeHolds: [
          { id: 'hld_1', account: holderAccount('alice', 'EUR'), amount: 1n, reason: 'x', expiresAt: null },
        ],
        events: [{ id: 'evt_1', kind: 'transfer.done', payload: {} }],
      };
      const outcomes = await Promise.all([
        book.post(send(book, 'alice', 'bob', 30n)),
        book.post(refused),
        book.post(send(book, 'alice', 'bob', 70n)),
      ]);
      expect(states(outcomes)).toEqual(['done', 'insufficient_funds', 'done']);
      expect(await balance('bob')).toBe(100n);
      const left = await book.engine.all<{ table: string }>(
        `SELECT 'guard' AS "table" FROM guards UNION ALL SELECT 'hold' FROM holds UNION ALL SELECT 'event' FROM outbox
        UNION ALL SELECT name FROM accounts WHERE name = ?`,
        [holderAccount('mallory', 'EUR').name],
      );
      expect(left).toEqual([]);
    });

    test('makes and takes a hold on an account that it opens itself', async () => {
      const made = hold(book, 'alice', 60n);
      const other = hold(book, 'alice', 40n);
      const outcomes = await Promise.all([
        book.post(deposit(book, 'alice', 100n)),
        book.post(made),
        book.post(capture(book, made.id, 'alice', 'bob', 25n)),
        book.post(other),
        book.post(send(book, 'alice', 'bob', 36n)),
      ]);
      expect(states(outcomes)).toEqual(['done', 'done', 'done', 'done', 'insufficient_funds']);
      expect(await balance('alice')).toBe(75n);
      const account = await balanceByName(book.engine, holderAccount('alice', 'EUR').name);
      expect(account?.held).toBe(40n);
    });

    test('counts two guards of one name together', async () => {
      await book.post(deposit(book, 'alice', 10n));
      const guard = {
        name: 'limit:alice',
        add: 1n,
        most: 1n,
        refusal: { code: 'reference_used' as const, facts: { reference: 'x' } },
      };
      const twice = await book.post(send(book, 'alice', 'bob', 1n, { guards: [guard, guard] }));
      expect(states([twice])).toEqual(['reference_used']);
      expect(states([await book.post(send(book, 'alice', 'bob', 1n, { guards: [guard] }))])).toEqual([
        'done',
      ]);
    });

    test('larger than the limit goes out in several commits, all of it', async () => {
      const intents = Array.from({ length: 2 * BATCH_LIMIT + 1 }, () => deposit(book, 'alice', 1n));
      const outcomes = await Promise.all(intents.map(book.post));
      expect(outcomes.every(({ state }) => state === 'done')).toBe(true);
      expect(await balance('alice')).toBe(BigInt(intents.length));
    });

    test('whose rows go out while it is decided is one all the same, also when it opens accounts on the way', async () => {
      await book.post(deposit(book, 'alice', 600n));
      const parts: string[][] = [];
      const intents = [...Array(600).keys()].map((at) =>
        send(book, 'alice', at < 300 || at >= 400 ? 'bob' : `late-${at}`, at === 450 ? 1_000n : 1n),
      );
      const poster = makePoster(seeingRows(book.engine, parts), () => new Date(NOON).toISOString());
      await poster.post(deposit(book, 'bob', 1n));
      const outcomes = await Promise.all(intents.map(poster.post));
      expect(states(outcomes).filter((state) => state !== 'done')).toEqual(['insufficient_funds']);
      expect([await balance('alice'), await balance('bob'), await balance('late-399')]).toEqual([
        1n,
        500n,
        1n,
      ]);
      const made = intents.filter((_, at) => at !== 450).map(({ id }) => id);
      expect(parts.slice(1).flat()).toEqual(made);
      // The first hundreds one after the other; all once an account has to wait for its id.
      expect(parts.length).toBeGreaterThan(3);
      expect(parts.at(-1)?.length).toBeGreaterThan(250);
    });

    test('that turns out to be broken after rows of it went out leaves none of them', async () => {
      await book.post(deposit(book, 'alice', 600n));
      const broken = { ...send(book, 'alice', 'bob', 1n), entries: [] };
      const parts: string[][] = [];
      const poster = makePoster(seeingRows(book.engine, parts), () => new Date(NOON).toISOString());
      const whole = [...Array(400).keys()].map(() => deposit(book, 'alice', 1n));
      const all = await Promise.allSettled([...whole, broken].map(poster.post));
      expect(all.every(({ status }) => status === 'rejected')).toBe(true);
      expect(parts.length).toBeGreaterThan(2);
      book = await book.reopen();
      expect((await book.engine.all('SELECT id FROM transfers')).length).toBe(1);
      expect(await balance('alice')).toBe(600n);
    });

    test.each([
      ['made', (entries: Intent['entries']) => entries.map((entry) => ({ ...entry, amount: 5n }))],
      ['half written', (entries: Intent['entries']) => entries.slice(1)],
      ['without entries', () => []],
    ])('with money %s writes nothing, and nothing is written after it', async (_, entriesOf) => {
      const whole = deposit(book, 'alice', 5n);
      const broken = { ...whole, entries: entriesOf(whole.entries) };
      const batch = await Promise.allSettled([book.post(deposit(book, 'alice', 5n)), book.post(broken)]);
      const reason: unknown = expect.any(AssertionError);
      expect(batch).toEqual([
        { status: 'rejected', reason },
        { status: 'rejected', reason },
      ]);
      const next = deposit(book, 'alice', 5n);
      await expect(book.post(next)).rejects.toMatchObject({ code: 'service_stopping' });
      expect(await book.engine.fuse.blown).toBeInstanceOf(AssertionError);
      // Whoever begins anew has no part in it.
      book = await book.reopen();
      expect(await balance('alice')).toBe(0n);
      expect(states([await book.post(next)])).toEqual(['done']);
    });

    test('that waits behind a broken one is not decided', async () => {
      const broken = { ...deposit(book, 'alice', 5n), entries: [] };
      const full = Array.from({ length: BATCH_LIMIT - 1 }, () => deposit(book, 'alice', 1n));
      const posting = [broken, ...full, deposit(book, 'bob', 5n)].map((intent) =>
        book.post(intent).catch((error: unknown) => (error instanceof Refusal ? error.code : 'broken')),
      );
      const outcomes = await Promise.all(posting);
      expect(new Set(outcomes.slice(0, BATCH_LIMIT))).toEqual(new Set(['broken']));
      expect(outcomes.at(-1)).toBe('service_stopping');
      book = await book.reopen();
      expect(await balance('bob')).toBe(0n);
    });
  });

  describe('concurrent callers', () => {
    test('64 spenders of one balance take exactly what is there', async () => {
      await book.post(deposit(book, 'alice', 1_000n));
      const spenders = Array.from({ length: 64 }, async (_, at) => {
        const outcomes: Outcome[] = [];
        for (let round = 0; round < 10; round++) {
          outcomes.push(await book.post(send(book, 'alice', `payee${at}`, 7n)));
          if (at % 3 === 0) await new Promise((resolve) => setImmediate(resolve));
        }
        return outcomes;
      });
      const outcomes = states((await Promise.all(spenders)).flat());
      expect(outcomes.filter((state) => state === 'done')).toHaveLength(142);
      expect(outcomes.filter((state) => state === 'insufficient_funds')).toHaveLength(640 - 142);
      expect(await balance('alice')).toBe(1_000n - 142n * 7n);
      const low = await book.engine.one(
        'SELECT MIN(balance_after) AS low FROM entries e JOIN accounts a ON a.id = e.account WHERE a.floor = 0',
      );
      expect(low).toEqual({ low: 6n });
    });

    test('50 uses of one key have one effect and one answer', async () => {
      await book.post(deposit(book, 'alice', 1_000n));
      const uses = Array.from({ length: 50 }, async (_, at) => {
        if (at >= 25) await new Promise((resolve) => setImmediate(resolve));
        return book.post(send(book, 'alice', 'bob', 10n, { key: 'once' }));
      });
      const outcomes = await Promise.all(uses);
      expect(new Set(outcomes.map((outcome) => outcome.state === 'done' && outcome.id)).size).toBe(1);
      expect(outcomes.filter((outcome) => outcome.state === 'done' && !outcome.replayed)).toHaveLength(1);
      expect(await balance('bob')).toBe(10n);
    });

    test('of one key for different things: the first is done, the others are told the field', async () => {
      await book.post(deposit(book, 'alice', 1_000n));
      const outcomes = await Promise.all(
        [10n, 10n, 11n, 12n].map((amount) => book.post(send(book, 'alice', 'bob', amount, { key: 'k' }))),
      );
      expect(outcomes.map(({ state }) => state)).toEqual(['done', 'done', 'mismatch', 'mismatch']);
      expect(outcomes[2]).toEqual({ state: 'mismatch', field: 'amount' });
      expect(await balance('bob')).toBe(10n);
    });

    test('a refusal is the answer for ever, also when there is money later', async () => {
      const first = await book.post(send(book, 'alice', 'bob', 10n, { key: 'k' }));
      await book.post(deposit(book, 'alice', 1_000n));
      const second = await book.post(send(book, 'alice', 'bob', 10n, { key: 'k' }));
      expect(second).toEqual({ ...first, replayed: true });
      expect(await balance('bob')).toBe(0n);
    });

    test('owner and key are two things, whatever characters they hold', async () => {
      const wanted = [
        { owner: 'bank:1 2', key: '3' },
        { owner: 'bank:1', key: '2 3' },
      ];
      const outcomes = await Promise.all(wanted.map((each) => book.post(deposit(book, 'alice', 1n, each))));
      expect(outcomes.map((outcome) => outcome.state === 'done' && !outcome.replayed)).toEqual([true, true]);
      expect(await balance('alice')).toBe(2n);
    });

    test('beyond the queue are turned away with nothing written', async () => {
      const waiting = Array.from({ length: QUEUE_LIMIT }, () => book.post(deposit(book, 'alice', 1n)));
      await expect(book.post(deposit(book, 'alice', 1n))).rejects.toMatchObject({ code: 'busy' });
      await Promise.all(waiting);
      expect(await balance('alice')).toBe(BigInt(QUEUE_LIMIT));
      expect(book.poster.depth()).toBe(0);
    });
  });

  describe('rules', () => {
    test('notAfter is compared with the clock of the batch', async () => {
      const late = {
        at: new Date(NOON).toISOString(),
        refusal: { code: 'quote_expired' as const, facts: { expiresAt: 'then' } },
      };
      expect(states([await book.post({ ...deposit(book, 'alice', 5n), notAfter: late })])).toEqual(['done']);
      book.clock.ms += 1;
      expect(states([await book.post({ ...deposit(book, 'alice', 5n), notAfter: late })])).toEqual([
        'quote_expired',
      ]);
    });

    test('a dry run decides and writes nothing, not even the key', async () => {
      await book.post(deposit(book, 'alice', 5n));
      const intent = send(book, 'alice', 'bob', 5n, { key: 'k' });
      const outcomes = await Promise.all([
        book.post({ ...intent, dryRun: true }),
        book.post({ ...send(book, 'alice', 'bob', 6n, { key: 'k' }), dryRun: true }),
        book.post(intent),
        book.post({ ...intent, dryRun: true }),
      ]);
      expect(states(outcomes)).toEqual(['done', 'insufficient_funds', 'done', 'done']);
      expect(await balance('bob')).toBe(5n);
    });

    test('a hold is resolved once, for at most what it holds, and only on its own account', async () => {
      await book.post(deposit(book, 'alice', 100n));
      const made = hold(book, 'alice', 50n);
      await book.post(made);
      const outcomes = [
        await book.post(capture(book, made.id, 'alice', 'bob', 51n)),
        await book.post(release(book, made.id, 'bob', 'voided')),
        await book.post(release(book, 'hld_none', 'alice', 'voided')),
        await book.post(send(book, 'alice', 'bob', 51n)),
        await book.post(capture(book, made.id, 'alice', 'bob', 20n)),
        await book.post(release(book, made.id, 'alice', 'voided')),
      ];
      expect(states(outcomes)).toEqual([
        'hold_exceeded',
        'not_found',
        'not_found',
        'insufficient_funds',
        'done',
        'hold_resolved',
      ]);
      expect(await balance('alice')).toBe(80n);
    });

    describe('a hold that ends', () => {
      const ENDS = NOON + 60_000;
      const held = async (): Promise<string> => {
        const made = hold(book, 'alice', 50n, { endsAt: ENDS });
        await book.post(deposit(book, 'alice', 100n));
        expect(states([await book.post(made)])).toEqual(['done']);
        return made.id;
      };
      const ways = {
        posted: (id: string) => capture(book, id, 'alice', 'bob', 20n),
        voided: (id: string) => release(book, id, 'alice', 'voided'),
      };

      test.each([
        ['posted', -1, 'done'],
        ['posted', 0, 'hold_resolved'],
        ['posted', 1, 'hold_resolved'],
        ['voided', -1, 'done'],
        ['voided', 0, 'hold_resolved'],
        ['voided', 1, 'hold_resolved'],
      ] as const)('is %s %i ms from its end: %s', async (as, ms, expected) => {
        const id = await held();
        book.clock.ms = ENDS + ms;
        const outcome = await book.post(ways[as](id));
        expect(states([outcome])).toEqual([expected]);
        if (expected === 'done') return;
        expect(outcome).toMatchObject({ refusal: { facts: { state: 'expired' } } });
        // It is still to be let go, and the money is held until then.
        expect(await balance('alice')).toBe(100n);
        const { held: before } = (await balanceByName(book.engine, holderAccount('alice', 'EUR').name)) ?? {};
        expect(before).toBe(50n);
        expect(states([await book.post(release(book, id, 'alice', 'expired'))])).toEqual(['done']);
      });

      test.each([0, 1])('expires %i ms after its end', async (ms) => {
        const id = await held();
        book.clock.ms = ENDS + ms;
        expect(states([await book.post(release(book, id, 'alice', 'expired'))])).toEqual(['done']);
      });

      test.each([ENDS, undefined])('does not expire before its end: %s', async (endsAt) => {
        await book.post(deposit(book, 'alice', 100n));
        const made = hold(book, 'alice', 50n, endsAt === undefined ? {} : { endsAt });
        await book.post(made);
        book.clock.ms = ENDS - 1;
        const early = book.post(release(book, made.id, 'alice', 'expired'));
        await expect(early).rejects.toThrow('expires when its time has come');
        book = await book.reopen();
        // No key was used up: it expires in its time.
        expect(await book.engine.all('SELECT state FROM holds')).toEqual([{ state: 'pending' }]);
        book.clock.ms = ENDS;
        if (endsAt !== undefined)
          expect(states([await book.post(release(book, made.id, 'alice', 'expired'))])).toEqual(['done']);
      });

      test('positive control: rules that do not know the end let it be taken after it', async () => {
        const id = await held();
        const poster = makePoster(
          {
            ...book.engine,
            post: (work) =>
              book.engine.post((store) =>
                work({
                  ...store,
                  load: async (names) => {
                    const state = await store.load(names);
                    return { ...state, holds: state.holds.map((one) => ({ ...one, expiresAt: null })) };
                  },
                }),
              ),
          },
          () => new Date(ENDS).toISOString(),
        );
        expect(states([await poster.post(ways.posted(id))])).toEqual(['done']);
        // And the audit sees it.
        const { findings } = await book.audit();
        expect(findings).toEqual([
          expect.stringMatching(`Hold ${id} was posted at .*, and its time ended at`),
        ]);
        await book.tamper('UPDATE holds SET expires_at = NULL');
      });
    });

    test('no balance and no hold grows beyond 63 bits', async () => {
      const most = 2n ** 63n - 1n;
      expect(states([await book.post(deposit(book, 'alice', most))])).toEqual(['done']);
      expect(states([await book.post(deposit(book, 'alice', 1n))])).toEqual(['balance_limit']);
      const bank = {
        name: 'clearing:B:EUR',
        kind: 'clearing',
        owner: null,
        currency: 'EUR',
        floor: null,
      } as const;
      const holding = (amount: bigint): Intent => {
        const made = hold(book, 'bank', amount);
        return { ...made, makeHolds: [{ id: made.id, account: bank, amount, reason: 'x', expiresAt: null }] };
      };
      expect(states([await book.post(holding(most)), await book.post(holding(1n))])).toEqual([
        'done',
        'balance_limit',
      ]);
    });
  });

  describe('the database as the second wall', () => {
    test('refuses a balance below its floor when the rules let it pass', async () => {
      await book.post(deposit(book, 'alice', 5n));
      const poster = makePoster(
        {
          ...book.engine,
          // As if the rules did not know the floor.
          post: (work) =>
            book.engine.post((store) =>
              work({
                ...store,
                load: async (names) => {
                  const state = await store.load(names);
                  return { ...state, accounts: state.accounts.map((one) => ({ ...one, floor: null })) };
                },
              }),
            ),
        },
        () => new Date(NOON).toISOString(),
      );
      await expect(poster.post(send(book, 'alice', 'bob', 6n))).rejects.toThrow(
        /CHECK constraint failed.*floor|violates check constraint/s,
      );
      expect(await balance('alice')).toBe(5n);
      expect(states([await poster.post(send(book, 'alice', 'bob', 5n))])).toEqual(['done']);
    });
  });
});

describe('a full disk (ASVS V16.5.2, V16.5.3)', () => {
  /** Posts until the disk is full; gives how many were done, and the one that was not. */
  const fill = async (small: Book): Promise<{ done: number; refused: Intent }> => {
    for (let done = 0; ; done++) {
      const intent = deposit(small, `u${done}`, 1n, { note: 'n'.repeat(140) });
      try {
        await small.post(intent);
      } catch (error) {
        expect(error).toBeInstanceOf(Refusal);
        expect((error as Refusal).code).toBe('storage_full');
        return { done, refused: intent };
      }
    }
  };

  test('is said, writes nothing, and the poster goes on when there is space again', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'okpay-full-'));
    const path = join(folder, 'okpay.db');
    await (await newBook({ path })).close();
    const padding = new DatabaseSync(path);
    padding.exec(`CREATE TABLE padding (bytes BLOB); INSERT INTO padding VALUES (zeroblob(400000))`);
    const pages = Number(Object.values(padding.prepare('PRAGMA page_count').get() ?? {})[0]);
    const small = await newBook({ path, maximumPages: pages + 10 });

    const { done, refused } = await fill(small);
    expect((await small.audit()).transfers).toBe(done);
    await expect(small.post(refused)).rejects.toMatchObject({ code: 'storage_full' });
    padding.exec('DELETE FROM padding');
    padding.close();
    expect(states([await small.post(refused)])).toEqual(['done']);
    const { sound, transfers } = await small.audit();
    expect({ sound, transfers }).toEqual({ sound: true, transfers: done + 1 });
    await small.close();
    rmSync(folder, { recursive: true });
  });

  test('the same on a file system that is really full', async (context) => {
    const folder = mkdtempSync(join(tmpdir(), 'okpay-full-'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' });
    } catch {
      rmSync(folder, { recursive: true });
      return context.skip('only root can mount a small file system');
    }
    try {
      const junk = join(folder, 'junk');
      writeFileSync(junk, Buffer.alloc(200_000));
      const small = await newBook({ path: join(folder, 'okpay.db'), synchronous: 'FULL' });
      const { done, refused } = await fill(small);
      expect(done).toBeGreaterThan(0);
      await expect(small.post(refused)).rejects.toMatchObject({ code: 'storage_full' });
      rmSync(junk);
      expect(states([await small.post(refused)])).toEqual(['done']);
      const { sound, transfers } = await small.audit();
      expect({ sound, transfers }).toEqual({ sound: true, transfers: done + 1 });
      await small.close();
    } finally {
      execFileSync('umount', ['-l', folder]);
      rmSync(folder, { recursive: true });
    }
  });
});

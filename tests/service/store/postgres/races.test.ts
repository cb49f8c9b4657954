import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { clearingAccount, holderAccount } from '../../../../src/service/ledger/accounts.ts';
import type { Guard, Intent } from '../../../../src/service/ledger/intent.ts';
import { dropDatabase, newDatabase } from '../../../shared-postgres.ts';
import { deposit, release, hold, send } from '../../ledger/new-book.ts';
import { makeRandomBatches, randomFrom, withoutRestrictions } from '../../ledger/random-intents.ts';
import { balanceOf, findings, openNode, tally, times, word, type Node } from './nodes.ts';
import { startProxy, type Proxy } from './proxy.ts';

/** Two nodes on one database. */
let url: string;
let nodes: [Node, Node];
beforeEach(async () => {
  url = await newDatabase();
  nodes = await Promise.all([openNode({ url }), openNode({ url })]);
});
afterEach(async () => {
  expect(withoutRestrictions(await findings(nodes[0]))).toEqual([]);
  await Promise.all(nodes.map(({ engine }) => engine.close()));
  await dropDatabase(url);
});

const alice = holderAccount('alice', 'EUR');
const bob = holderAccount('bob', 'EUR');
const carol = holderAccount('carol', 'EUR');
/** So many postings, every other one on the other node. */
const onBoth = (count: number, make: (node: Node, at: number) => Intent) =>
  times(count, (at) => {
    const node = nodes[at % 2] as Node;
    return node.post(make(node, at));
  });

describe('one key on two nodes at once, 50 times on each', () => {
  test('has one effect and one answer', async () => {
    await nodes[0].post(deposit(nodes[0], 'alice', 1_000n));
    for (let round = 0; round < 20; round++) {
      const outcomes = await Promise.all(
        onBoth(100, (node) => send(node, 'alice', 'bob', 10n, { key: `once ${round}` })),
      );
      expect(new Set(outcomes.map((outcome) => outcome.state === 'done' && outcome.id)).size).toBe(1);
      expect(outcomes.filter((outcome) => outcome.state === 'done' && !outcome.replayed)).toHaveLength(1);
    }
    expect(await balanceOf(nodes[0], bob)).toBe(200n);
  });

  test('also when nothing but the key is shared, so that no lock decides who is first', async () => {
    for (let round = 0; round < 20; round++) {
      const outcomes = await Promise.all(
        onBoth(100, (node, at) => ({
          ...deposit(node, `to${at % 2}`, 1n, { key: `${round}`, owner: 'system:once' }),
          ...paidBy(`bank${at % 2}`, `to${at % 2}`),
        })),
      );
      const done = outcomes.filter((outcome) => outcome.state === 'done');
      expect(done.filter(({ replayed }) => !replayed)).toHaveLength(1);
      expect(new Set(done.map(({ id }) => id)).size).toBe(1);
    }
    const [row] = await nodes[0].engine.all<{ sum: bigint; count: bigint }>(
      'SELECT SUM(received) AS sum, COUNT(*) AS count FROM transfers',
    );
    expect(row).toEqual({ sum: 20n, count: 20n });
  });

  test('for different things: one is done, everybody else with something else is told', async () => {
    await nodes[0].post(deposit(nodes[0], 'alice', 1_000n));
    const counts = await tally(
      onBoth(100, (node, at) => send(node, 'alice', 'bob', BigInt(1 + (at % 2)), { key: 'k' })),
    );
    expect(counts).toEqual({ done: 50, mismatch: 50 });
  });
});

describe('one guard on two nodes at once', () => {
  const once: Guard = {
    name: 'reference:2026-1',
    add: 1n,
    most: 1n,
    refusal: { code: 'reference_used', facts: { reference: '2026-1' } },
  };

  test('lets one through, whose accounts nobody else touches', async () => {
    for (let round = 0; round < 20; round++) {
      const guards = [{ ...once, name: `reference:${round}` }];
      const counts = await tally(
        onBoth(20, (node, at) => ({
          ...deposit(node, `to${at}`, 1n),
          ...paidBy(`bank${at}`, `to${at}`),
          guards,
        })),
      );
      expect(counts).toEqual({ done: 1, reference_used: 19 });
    }
  });

  test('counts to its bound and no further, from both sides', async () => {
    const guards = [{ ...once, name: 'limit:alice', most: 100n }];
    const counts = await tally(
      onBoth(300, (node, at) => ({
        ...deposit(node, `to${at % 2}`, 1n),
        ...paidBy(`bank${at % 2}`, `to${at % 2}`),
        guards,
      })),
    );
    expect(counts).toEqual({ done: 100, reference_used: 200 });
    const guard = await nodes[0].engine.one('SELECT value FROM guards WHERE name = ?', ['limit:alice']);
    expect(guard).toEqual({ value: 100n });
  });
});

test('opposite payments keep the sum, and nobody waits in a circle', async () => {
  await Promise.all(['alice', 'bob', 'carol'].map((who) => nodes[0].post(deposit(nodes[0], who, 1_000n))));
  const people = ['alice', 'bob', 'carol'] as const;
  const counts = await tally(
    onBoth(2_000, (node, at) => {
      const [from, to] = at % 2 === 0 ? [at % 3, (at + 1) % 3] : [(at + 1) % 3, at % 3];
      return send(node, people[from] ?? '', people[to] ?? '', 1n);
    }),
  );
  expect(counts).toEqual({ done: 2_000 });
  const sums = await Promise.all([alice, bob, carol].map((account) => balanceOf(nodes[1], account)));
  expect(sums.reduce((sum, balance) => sum + balance)).toBe(3_000n);
});

test('an account that both open at once is opened once', async () => {
  for (let round = 0; round < 20; round++) {
    const counts = await tally(
      onBoth(20, (node, at) => ({
        ...deposit(node, '', 1n),
        ...paidBy(`bank${round}-${at % 2}`, `new${round}`),
      })),
    );
    expect(counts).toEqual({ done: 20 });
    expect(await balanceOf(nodes[0], holderAccount(`new${round}`, 'EUR'))).toBe(20n);
  }
});

test('64 spenders of one balance on two nodes take exactly what is there', async () => {
  await nodes[0].post(deposit(nodes[0], 'alice', 1_000n));
  const spenders = times(64, async (at) => {
    const node = nodes[at % 2] as Node;
    const words: string[] = [];
    for (let round = 0; round < 10; round++)
      words.push(await word(node.post(send(node, 'alice', `to${at}`, 7n))));
    return words;
  });
  const words = (await Promise.all(spenders)).flat();
  expect(words.filter((said) => said === 'done')).toHaveLength(142);
  expect(words.filter((said) => said === 'insufficient_funds')).toHaveLength(640 - 142);
  expect(await balanceOf(nodes[0], alice)).toBe(1_000n - 142n * 7n);
});

test('whatever comes on either node or on both at once ends one way, which is what the book says', async () => {
  const seed = Number(process.env['OKPAY_MODEL_SEED'] ?? Date.now() % 2 ** 31);
  const { chance, pick } = randomFrom(seed);
  const nextBatch = makeRandomBatches(seed);
  const told = new Map<string, Set<string>>();
  /** What the restrictions that were done came to, each key once: its guard must say the same, in whatever order they were. */
  const restrictions = new Map<string, Intent>();
  let posted = 0;
  while (posted < 6_000) {
    // Here a repetition may be decided before what it repeats, so an intent that makes a hold keeps the hold's id, and a restriction its own.
    const intents = nextBatch({ newId: nodes[0].newId, clock: { ms: Date.now() } }).map((intent) => ({
      ...intent,
      id: intent.watch
        ? intent.key.key
        : ((intent.transfer ? undefined : intent.makeHolds?.[0]?.id) ?? intent.id),
    }));
    await Promise.all(
      intents.map(async (intent) => {
        const on = chance(0.2) ? nodes : [pick(nodes)];
        for (const outcome of await Promise.all(on.map((node) => node.post(intent)))) {
          posted += 1;
          if (outcome.state === 'mismatch' || intent.dryRun) continue;
          const key = JSON.stringify([intent.key.key, intent.key.owner]);
          if (outcome.state === 'done' && intent.watch) restrictions.set(key, intent);
          const said = `${outcome.id} ${outcome.state === 'refused' ? outcome.refusal.code : 'done'}`;
          told.set(key, (told.get(key) ?? new Set()).add(said));
        }
      }),
    );
  }
  const rows = await nodes[1].engine.all<{ key: string; owner: string; id: string; refusal: string | null }>(
    'SELECT key, owner, id, refusal FROM idempotency',
  );
  const book = rows.map(({ key, owner, id, refusal }) => {
    const code = refusal === null ? 'done' : (JSON.parse(refusal) as { code: string }).code;
    return [JSON.stringify([key, owner]), new Set([`${id} ${code}`])] as const;
  });
  expect(told, `OKPAY_MODEL_SEED=${seed} repeats this`).toEqual(new Map(book));

  const sums = new Map<string, bigint>();
  for (const { guards = [] } of restrictions.values())
    for (const { name, add } of guards) sums.set(name, (sums.get(name) ?? 0n) + add);
  const guards = await nodes[1].engine.all<{ name: string; value: bigint }>(
    `SELECT name, value FROM guards WHERE name LIKE 'restricted:%'`,
  );
  expect(sums.size).toBeGreaterThan(5);
  for (const { name, value } of guards) expect([name, value]).toEqual([name, sums.get(name) ?? 0n]);
});

test('one hold is resolved once, whoever tries', async () => {
  await nodes[0].post(deposit(nodes[0], 'alice', 1_000n));
  for (let round = 0; round < 10; round++) {
    const made = hold(nodes[0], 'alice', 10n);
    await nodes[0].post(made);
    const counts = await tally(onBoth(20, (node) => release(node, made.id, 'alice', 'voided')));
    expect(counts).toEqual({ done: 1, hold_resolved: 19 });
  }
});

test('a batch that waits in a circle with somebody else is decided again', async () => {
  await nodes[0].post(deposit(nodes[0], 'alice', 100n));
  await nodes[0].post(deposit(nodes[0], 'bob', 100n));
  const { engine } = nodes[1];
  let runs = 0;
  const post = (work: Parameters<typeof engine.post>[0]) =>
    nodes[0].engine.post((store) => {
      runs += 1;
      return work(store);
    });
  // Locks bob, and when the lane has alice and waits for bob, alice: the lane notices first, and loses.
  let posting: Promise<unknown> | undefined;
  await engine.transact(async (tx) => {
    await tx.run("SET LOCAL deadlock_timeout = '60s'");
    await tx.all('SELECT id FROM accounts WHERE name = ? FOR UPDATE', [bob.name]);
    const { makePoster } = await import('../../../../src/service/ledger/poster.ts');
    const poster = makePoster({ ...nodes[0].engine, post } as typeof engine, () => new Date().toISOString());
    posting = poster.post(send(nodes[0], 'alice', 'bob', 5n));
    await waits(tx.one);
    await tx.all('SELECT id FROM accounts WHERE name = ? FOR UPDATE', [alice.name]);
  });
  expect(await posting).toMatchObject({ state: 'done', replayed: false });
  expect(runs).toBeGreaterThan(1);
  expect(await balanceOf(nodes[0], bob)).toBe(105n);
});

describe('positive control: without its locks', () => {
  let proxy: Proxy;
  let blind: [Node, Node];
  beforeEach(async () => {
    proxy = await startProxy(url);
    proxy.rules.toServer = (bytes) =>
      Buffer.from(bytes.toString('latin1').replaceAll('FOR UPDATE', '          '), 'latin1');
    blind = await Promise.all([openNode({ url: proxy.url }), openNode({ url: proxy.url })]);
  });

  test('two nodes overwrite each other’s balances, and the audit sees it', async () => {
    await nodes[0].post(deposit(nodes[0], 'alice', 1_000n));
    await nodes[0].post(deposit(nodes[0], 'bob', 1_000n));
    await Promise.all(
      blind.map(async (node) => {
        for (let at = 0; at < 100; at++) await word(node.post(send(node, 'alice', 'bob', 1n)));
      }),
    );
    const found = await findings(nodes[0]);
    await Promise.all(blind.map(({ engine }) => engine.close()));
    await proxy.stop();
    expect(found.some((sentence) => sentence.includes('which another entry has too'))).toBe(true);
    // The books of this database are beyond repair, and were meant to be.
    await nodes[0].engine.transact((tx) => tx.run('DELETE FROM entries'));
    for (const table of ['transfers', 'idempotency', 'accounts'])
      await nodes[0].engine.transact((tx) => tx.run(`DELETE FROM ${table}`));
  });
});

/** Overrides the two accounts of a deposit of 1: from a bank of this name to this holder. */
function paidBy(bank: string, to: string): Pick<Intent, 'entries' | 'transfer'> {
  const [from, holder] = [clearingAccount(bank, 'EUR'), holderAccount(to, 'EUR')];
  return {
    transfer: { kind: 'deposit', from, to: holder, paid: 1n, fee: 0n, received: 1n },
    entries: [
      { account: from, amount: -1n },
      { account: holder, amount: 1n },
    ],
  };
}

/** Until somebody else waits for a lock. */
async function waits(one: Node['engine']['one']): Promise<void> {
  for (;;) {
    const row = await one<{ count: bigint }>(
      `SELECT COUNT(*) AS count FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()`,
    );
    if (row?.count !== 0n) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

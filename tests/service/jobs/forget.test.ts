import { afterEach, beforeEach, expect, it } from 'vitest';
import { sealRecords } from '../../../src/service/audit-log/seal.ts';
import { verifyChain } from '../../../src/service/audit-log/verify.ts';
import { timestamp } from '../../../src/service/deps.ts';
import { forget } from '../../../src/service/jobs/forget.ts';
import { insertQuote } from '../../../src/service/store/quotes.ts';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import { fund, money, newKey } from '../money/wallet.ts';
import { tokenOf } from '../tokens/token-holder.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Where what has a term is, what names a row of it, and how long it is kept when it was made now, in milliseconds. */
const TERMS = [
  ['registrations', 'id', DAY],
  ['mailed_codes', 'id', DAY],
  ['second_factors', 'user_id', DAY],
  ['throttles', 'name', 30 * DAY],
  ['former_addresses', 'email', 30 * DAY],
  ['sessions', 'id', 60 * DAY],
  ['tokens', 'id', 120 * DAY],
  ['devices', 'id', 365 * DAY],
  ['quotes', 'id', 400 * DAY],
  ['sent_mails', 'id', 400 * DAY],
] as const;
type Term = (typeof TERMS)[number];
/** What is kept however old it is. */
const KEPT = ['users', 'accounts', 'transfers', 'entries', 'idempotency', 'guards', 'audit_log'];

eachEngine((engine) => {
  let harness: Harness;
  let alice: Holder;
  let bob: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    [alice, bob] = [await harness.holder('alice'), await harness.holder('bob')];
  });
  afterEach(() => harness.close());

  const db = () => harness.service.deps.engine;
  const namesOf = async (terms: readonly Term[]) => {
    const names: Record<string, string[]> = {};
    for (const [table, key] of terms) {
      const rows = await db().all<{ name: string }>(`SELECT ${key} AS name FROM ${table}`);
      names[table] = rows.map(({ name }) => name);
    }
    return names;
  };
  const countOf = async (table: string) => (await db().all(`SELECT 1 AS one FROM ${table}`)).length;
  it('past its term what has one is gone; ledger and audit log are whole (ASVS V14.2.7)', async () => {
    await fund(harness, alice, '10.00');
    const quote = await alice.client.call('create-quote', { to: bob.email, amount: money('1.00 EUR') });
    const key = newKey();
    const paid = await alice.client.call('create-transfer', { quote: quote.id }, { key });
    await harness.call('register', {
      email: 'new@example.com',
      displayName: 'New',
      password: 'seven tangerines now',
    });
    await bob.client.call('begin-second-factor', { password: bob.password });
    const { change } = await bob.client.call('change-email', { email: 'moved@example.com' });
    const { code = '' } = await harness.nextMail('moved@example.com');
    await bob.client.call('confirm-email', { change, code });
    await tokenOf(harness, alice);
    await harness.enableFactor(alice.token);
    await expect(harness.logIn(alice.email, 'a wrong password')).rejects.toThrow();
    await harness.call('forgot-password', { email: 'nobody@example.com' });
    await expect.poll(() => countOf('outbox')).toBe(0);
    await sealRecords(harness.service.deps);
    const before = await openBook();
    expect(before.records).toBeGreaterThan(5);

    const made = await namesOf(TERMS);
    // The one of the wrong password; other doors forget sooner.
    const [last] = await db().all<{ name: string }>(
      'SELECT name FROM throttles ORDER BY forget_at DESC LIMIT 1',
    );
    made['throttles'] = last ? [last.name] : [];
    for (const [table, names] of Object.entries(made))
      expect([table, names.length > 0]).toEqual([table, true]);
    const left = async (some: readonly Term[]) => {
      const now = await namesOf(some);
      return some.map(([table]) => made[table]?.filter((name) => now[table]?.includes(name)));
    };
    let movedTo = 0;
    for (const term of new Set(TERMS.map(([, , ms]) => ms))) {
      const some = TERMS.filter(([, , ms]) => ms === term);
      const all = some.map(([table]) => made[table]);
      harness.clock.advance(term - MINUTE - movedTo);
      await forget(harness.service.deps, async () => true);
      expect(await left(some)).toEqual(all);
      harness.clock.advance(2 * MINUTE);
      movedTo = term + MINUTE;
      // Not while it is the work of another node.
      expect(await forget(harness.service.deps, async () => false)).toBe(false);
      expect(await left(some)).toEqual(all);
      // Any call wakes the worker, which does it. A factor that is on stays.
      await expect(harness.call('get-me', {})).rejects.toThrow();
      const stay = some.map(([table]) => (table === 'second_factors' ? [alice.id] : []));
      await expect.poll(() => left(some)).toEqual(stay);
    }
    expect(await openBook()).toEqual(before);
    // A key keeps its answer, also when the quote behind it is gone.
    const again = harness.client((await harness.logIn(alice.email)).token);
    await expect(again.call('create-transfer', { quote: quote.id }, { key })).resolves.toMatchObject({
      id: paid.id,
    });
    await harness.audit();
  });

  /** What is kept for ever: how much of it, and the head of the chain that was made over the records. */
  async function openBook() {
    const snapshot = await db().openSnapshot();
    try {
      const { records, head, broken } = await verifyChain(snapshot);
      expect(broken).toBeUndefined();
      return { records, head, kept: await Promise.all(KEPT.map(countOf)) };
    } finally {
      await snapshot.close();
    }
  }

  it('is deleted in small pieces, the oldest first (ASVS V14.2.7)', async () => {
    const { deps } = harness.service;
    const at = timestamp(deps.now());
    const ids = Array.from({ length: 1_100 }, () => deps.newId('quote'));
    await deps.engine.transact(async (tx) => {
      for (const id of ids)
        await insertQuote(tx, {
          id,
          owner: alice.id,
          kind: 'transfer',
          recipient: bob.id,
          feeFrom: 'sender',
          currency: 'EUR',
          receiveCurrency: 'EUR',
          paid: 1n,
          fee: 0n,
          fees: '[]',
          received: 1n,
          rate: null,
          spread: null,
          rateSource: null,
          rateAt: null,
          bankAccount: null,
          arrives: 'at once',
          warnings: '[]',
          createdAt: at,
          expiresAt: at,
        });
    });
    harness.clock.advance(401 * DAY);
    const more: boolean[] = [];
    const left: number[] = [];
    for (let piece = 0; piece < 3; piece++) {
      more.push(await forget(deps, async () => true));
      left.push(await countOf('quotes'));
    }
    expect(left).toEqual([600, 100, 0]);
    expect(more).toEqual([true, true, false]);
  });
});

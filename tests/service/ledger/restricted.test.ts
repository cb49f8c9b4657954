import { afterEach, beforeEach, expect, test } from 'vitest';
import { holderAccount } from '../../../src/service/ledger/accounts.ts';
import { freezeGuard, restrictionGuard, reversalGuard } from '../../../src/service/ledger/guards.ts';
import type { Intent } from '../../../src/service/ledger/intent.ts';
import { mayBegin } from '../../../src/service/restrictions/may.ts';
import { eachEngine } from '../../harness.ts';
import { deposit, newBookOn, send, type Book } from './new-book.ts';

/** What almost nobody is under is asked for watched accounts only; and what the audit finds when that goes wrong. */
eachEngine((engine) => {
  let book: Book;
  const alice = holderAccount('alice', 'EUR');
  const bob = holderAccount('bob', 'EUR');
  beforeEach(async () => {
    book = await newBookOn(engine);
    await book.post(deposit(book, 'alice', 10_000n));
  });
  afterEach(() => book.close());

  const pay = () =>
    send(book, 'alice', 'bob', 1n, { guards: [mayBegin(alice, 'send'), mayBegin(bob, 'receive')] });
  const count = (add: 1n | -1n, watch: boolean): Intent => {
    const id = book.newId('restriction');
    return {
      id,
      initiator: 'system:test',
      key: { owner: 'system:test', key: id, fingerprint: 'x' },
      entries: [],
      guards: [
        {
          name: restrictionGuard('alice', 'send'),
          add,
          most: 10n,
          refusal: { code: 'balance_limit', facts: {} },
        },
      ],
      ...(watch ? { watch: [alice] } : {}),
    };
  };
  const watched = async () =>
    Object.fromEntries(
      (
        await book.engine.all<{ owner: string; watched: bigint }>(
          'SELECT owner, watched FROM accounts WHERE owner IS NOT NULL',
        )
      ).map((row) => [row.owner, row.watched]),
    );
  const ends = async (...intents: Intent[]) =>
    (await Promise.all(intents.map(book.post))).map((outcome) =>
      outcome.state === 'refused' ? outcome.refusal.code : outcome.state,
    );

  test('accounts are watched from the start until a payment shows that nothing holds', async () => {
    expect(await watched()).toEqual({ alice: 1n });
    await book.post(pay());
    expect(await watched()).toEqual({ alice: 0n, bob: 1n });
    await book.post(pay());
    expect(await watched()).toEqual({ alice: 0n, bob: 0n });
  });

  test('a restriction counts from the intent on that has the accounts watched, also within a batch', async () => {
    expect(await ends(pay(), pay(), count(1n, true), pay(), pay())).toEqual([
      'done',
      'done',
      'done',
      'account_restricted',
      'account_restricted',
    ]);
    expect(await watched()).toMatchObject({ alice: 1n });
    expect(await ends(count(-1n, false), pay())).toEqual(['done', 'done']);
    expect(await watched()).toMatchObject({ alice: 0n });
  });

  test('the first restriction is still counted when the second is lifted', async () => {
    expect(await ends(count(1n, true), count(1n, true), count(-1n, false), pay())).toEqual([
      'done',
      'done',
      'done',
      'account_restricted',
    ]);
  });

  test('who opens an account writes down what was asked and is not there', async () => {
    await book.post(pay());
    const guards = await book.engine.all(`SELECT name, value FROM guards WHERE name LIKE 'restricted:%'`);
    expect(guards).toEqual([
      { name: restrictionGuard('alice', 'send'), value: 0n },
      { name: restrictionGuard('bob', 'receive'), value: 0n },
    ]);
  });

  test('a guard that was not asked stays as it is when an account is opened', async () => {
    await book.post(pay());
    await book.post(count(1n, false));
    await book.post(
      send(book, 'alice', 'carol', 1n, {
        guards: [mayBegin(alice, 'send'), mayBegin(holderAccount('carol', 'EUR'), 'receive')],
      }),
    );
    const guard = await book.engine.one('SELECT value FROM guards WHERE name = ?', [
      restrictionGuard('alice', 'send'),
    ]);
    expect(guard).toEqual({ value: 1n });
  });

  const restrictionRow = (id: string, columns: string) =>
    book.tamper(
      `INSERT INTO restrictions (id, user_id, capability, reason, in_flight, made_by, made_at, lifted_at, guarded, due_at)
        VALUES ('${id}', 'alice', 'send', 'x', 'freeze', 'x', 'x', ${columns})`,
    );

  test('the audit finds restrictions that payments do not know of, and the other way round', async () => {
    await restrictionRow('rst_1', 'NULL, 1, NULL');
    expect((await book.audit()).findings).toEqual([
      `Guard ${restrictionGuard('alice', 'send')} does not exist; the restrictions say 1.`,
      `Guard ${freezeGuard('alice', 'send')} does not exist; the restrictions say 1.`,
    ]);
    await book.tamper(`DELETE FROM restrictions`);
    await book.post(count(1n, false));
    expect((await book.audit()).findings).toEqual([
      `Guard ${restrictionGuard('alice', 'send')} is 1; the restrictions say 0.`,
    ]);
    // On its way in or out, it may be counted or not.
    await restrictionRow('rst_2', `'x', 1, 'x'`);
    expect((await book.audit()).findings).toEqual([]);
  });

  test('the audit finds an account that is not asked about', async () => {
    await book.post(count(1n, true));
    await restrictionRow('rst_1', 'NULL, 1, NULL');
    await book.tamper(`UPDATE restrictions SET in_flight = 'finish'`);
    expect((await book.audit()).findings).toEqual([]);
    await book.tamper(`UPDATE accounts SET watched = 0`);
    expect((await book.audit()).findings).toEqual([
      'holder:alice:EUR is not watched although its owner is restricted.',
    ]);
  });

  test('the audit compares reversals with what was counted of them', async () => {
    const paid = pay();
    await book.post(paid);
    const guard = reversalGuard(paid.id);
    await book.tamper(`INSERT INTO guards (name, value, changed_by) VALUES ('${guard}', 1, 'x')`);
    expect((await book.audit()).findings).toEqual([
      `Guard ${guard} says that 0.01 EUR was moved back; the reversals say 0.00 EUR.`,
    ]);
    await book.tamper(`UPDATE guards SET name = 'reversed:trf_none', value = 0 WHERE name = '${guard}'`);
    expect((await book.audit()).findings).toEqual([
      'Guard reversed:trf_none is of transfer trf_none, which does not exist.',
    ]);
  });
});

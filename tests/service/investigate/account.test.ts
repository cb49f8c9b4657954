import { afterEach, beforeEach, expect, test } from 'vitest';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import { audit, fund, newKey, performWith, person, refusalOf, send } from '../money/wallet.ts';
import { holderAccount } from '../../../src/service/ledger/accounts.ts';

eachEngine((engine) => {
  let harness: Harness;
  let alice: Holder;
  let bob: Holder;
  let sue: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    [alice, bob, sue] = [
      await person(harness, 'alice'),
      await person(harness, 'bob'),
      await person(harness, 'sue', 'support'),
    ];
  });
  afterEach(async () => {
    await audit(harness);
    await harness.close();
  });

  const look = (holder = alice.id) =>
    sue.client.call('look-at-account', { holder, reason: 'a call on the telephone' });

  test('shows how an account stands, and no secret of it', async () => {
    const { deps } = harness.service;
    await fund(harness, alice, '20.00');
    await fund(harness, alice, '300', 'JPY');
    const hold = deps.newId('hold');
    await deps.poster.post({
      id: hold,
      initiator: alice.id,
      key: { owner: alice.id, key: newKey(), fingerprint: '' },
      entries: [],
      makeHolds: [
        {
          id: hold,
          account: holderAccount(alice.id, 'EUR'),
          amount: 500n,
          reason: 'a hotel',
          expiresAt: '2099-01-01T00:00:00.000Z',
        },
      ],
    });
    await alice.client.call('create-payee', { name: 'Bob', to: bob.email });
    await sue.client.call('add-note', { holder: alice.email, text: 'Speaks French', reason: 'useful' });
    const { id } = await alice.client.call('open-case', { title: 'Help', text: 'please' });
    await deps.engine.transact(async (tx) => {
      await tx.run('UPDATE users SET phone = ? WHERE id = ?', ['+4915112345678', alice.id]);
      await tx.run(
        `INSERT INTO second_factors (user_id, secret, enabled_at, created_at) VALUES (?, 'sealed-canary', ?, '')`,
        [alice.id, '2026-01-01T00:00:00.000Z'],
      );
      for (const [which, lifted] of [
        ['rst_a', null],
        ['rst_b', '2026-01-02T00:00:00.000Z'],
      ] as const)
        await tx.run(
          `INSERT INTO restrictions (id, user_id, capability, reason, in_flight, made_by, made_at, lifted_at)
            VALUES (?, ?, 'send', 'a report', '', ?, '2026-01-01T00:00:00.000Z', ?)`,
          [which, alice.id, sue.id, lifted],
        );
    });
    const account = await look(alice.email);
    expect(account).toMatchObject({
      holder: { id: alice.id, name: 'Alice Example', email: alice.email, phone: '+49•••678' },
      balances: [
        { currency: 'EUR', held: { amount: '5.00' }, available: { amount: '15.00' } },
        { currency: 'JPY', balance: { amount: '300' } },
      ],
      holds: [{ id: hold, amount: { amount: '5.00', currency: 'EUR' }, reason: 'a hotel' }],
      restrictions: [{ id: 'rst_a', capability: 'send', reason: 'a report' }],
      secondFactor: 'on',
      sessions: 1,
      tokens: 0,
      payees: 1,
      notes: [{ text: 'Speaks French', by: { id: sue.id, name: 'Sue Example' } }],
      cases: [{ id, title: 'Help', state: 'open', holder: alice.id, openedByStaff: false }],
    });
    expect(JSON.stringify(account)).not.toMatch(/canary|token-of|\+4915112345678|hash/i);
    expect((await look(bob.id)).secondFactor).toBe('off');
  });

  test('a holder’s phone number names them, unless several have it', async () => {
    const set = (who: Holder) =>
      harness.service.deps.engine.transact((tx) =>
        tx.run('UPDATE users SET phone = ? WHERE id = ?', ['+4915112345678', who.id]),
      );
    await set(alice);
    expect((await look('+49 151 12345678')).holder.id).toBe(alice.id);
    await set(bob);
    await refusalOf(look('+4915112345678'), 'input_invalid');
  });

  test('a note is for staff only, is kept as it was written, and nobody writes about themselves', async () => {
    const hostile = "\u202E\u001b[31m<b>'; DROP TABLE notes --\n⏎";
    const note = await sue.client.call('add-note', { holder: alice.id, text: hostile, reason: 'x' });
    expect((await look()).notes.map(({ text }) => text)).toEqual([hostile]);
    expect(note.by).toEqual({ id: sue.id, name: 'Sue Example' });
    const add = (text: string, holder = alice.id, by = sue) =>
      by.client.call('add-note', { holder, text, reason: 'x' });
    await refusalOf(add('x'.repeat(1_001)), 'input_invalid');
    await refusalOf(add('x', sue.id), 'staff_self');
    await refusalOf(add('x', alice.id, alice), 'role_insufficient');
    await refusalOf(add('x', 'usr_00000000000000000000000000'), 'not_found');
    expect((await look()).notes).toHaveLength(1);
  });

  test('each look is recorded before it is answered, with who, why and about whom (ASVS V16.2.1)', async () => {
    await fund(harness, alice, '20.00');
    await send(alice, bob.email, '1.00 EUR');
    await look();
    const records = await harness.service.deps.engine.all(
      "SELECT action, actor, actor_role AS role, subject, reason FROM audit_log WHERE action = 'account-looked-at'",
    );
    expect(records).toEqual([
      {
        action: 'account-looked-at',
        actor: sue.id,
        role: 'support',
        subject: alice.id,
        reason: 'a call on the telephone',
      },
    ]);
    // The control: where it cannot be recorded, nothing is told.
    const { engine: db } = harness.service.deps;
    const perform = performWith(harness, {
      engine: { ...db, transact: async () => Promise.reject(new Error('no disk')) },
    });
    const input = { holder: alice.id, reason: 'x' };
    await refusalOf(perform(sue, { operation: 'look-at-account', input }), 'unexpected');
  });
});

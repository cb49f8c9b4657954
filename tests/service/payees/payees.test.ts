import { afterEach, beforeEach, expect, test } from 'vitest';
import { LIMITS } from '../../../src/core/contract/schemas.ts';
import { insertPayee } from '../../../src/service/store/payees.ts';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import { audit, fund, person, problemOf, quote, refusalOf, send } from '../money/wallet.ts';

eachEngine((engine) => {
  let harness: Harness;
  let alice: Holder;
  let bob: Holder;
  let carol: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    alice = await person(harness, 'alice');
    bob = await person(harness, 'bob');
    carol = await person(harness, 'carol');
  });
  afterEach(async () => {
    await audit(harness);
    await harness.close();
  });

  const add = (name: string, to: string, who = alice) => who.client.call('create-payee', { name, to });
  const list = async (who = alice) => (await who.client.call('list-payees', {})).payees;

  test('a payee is saved under a name, listed by name, paid by name, and forgotten', async () => {
    await fund(harness, alice, '10');
    const saved = await add('Zoë', bob.email);
    expect(saved).toEqual({
      id: expect.stringMatching(/^pay_/),
      name: 'Zoë',
      to: { id: bob.id, name: 'Bob Example', email: 'bob@example.com' },
      createdAt: '2026-03-02T09:00:00.000Z',
    });
    const other = await add('Carla', carol.id);
    expect(await list()).toEqual([other, saved]);
    expect((await send(alice, 'zoë', '1 EUR')).to.id).toBe(bob.id);
    expect(await alice.client.call('delete-payee', { payee: saved.id })).toEqual({});
    expect(await alice.client.call('delete-payee', { payee: 'CARLA' })).toEqual({});
    expect(await list()).toEqual([]);
    await refusalOf(quote(alice, 'Zoë', '1 EUR'), 'recipient_unknown');
  });

  test('a name is taken once, however it is typed', async () => {
    await add('Café', bob.email);
    for (const name of ['Café', 'café', 'CAFÉ', ' Café ', 'Cafe\u0301', 'Ｃａｆé']) {
      const refused = await refusalOf(add(name, carol.email), 'payee_exists');
      expect([refused.status, refused.exitCode]).toEqual([409, 6]);
    }
    await add('Cafe', carol.email);
    expect((await list()).map(({ to }) => to.id).sort()).toEqual([bob.id, carol.id].sort());
    // Another holder’s names are their own.
    await add('Café', alice.email, bob);
    expect((await quote(bob, 'Café', '1 EUR')).to.id).toBe(alice.id);
  });

  test('50 at once under one name: one is saved (ASVS V15.4.2)', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 50 }, (_, at) => add('Rob', at % 2 === 0 ? bob.email : carol.email)),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await list()).toHaveLength(1);
  });

  test('a payee of a moment ago took a proof of who one is, and is warned of until paid; nothing is held (ASVS V2.4.2, in part)', async () => {
    await fund(harness, alice, '10');
    harness.clock.advance(5 * 60_000 + 1);
    // Whoever finds an open session adds nobody.
    await refusalOf(add('Mallory', carol.email), 'proof_required');
    expect(await list()).toEqual([]);
    const warningsOf = async () =>
      (await quote(alice, carol.email, '10 EUR')).warnings.map(({ code }) => code);
    expect(await warningsOf()).toEqual(['first_payment']);
    await send(alice, carol.email, '9 EUR');
    expect(await warningsOf()).not.toContain('first_payment');
  });

  test('names that could be taken for something else, or cannot be seen, are refused', async () => {
    const bad = [
      ...[
        '',
        ' ',
        '\u00a0',
        '\u3164',
        '\u115f\u1160',
        '\ufe0f',
        'bob@example.com',
        '@',
        'bob＠example.com',
        'a﹫b',
      ],
      ...[
        'usr_01kbr0x0000000000000000000',
        'pay_x',
        'ｕｓｒ_x',
        'a\u0000b',
        '\ud800',
        'a\u202eb',
        'a\u200bb',
        'a\ufeffb',
      ],
      ...['a\nb', 'a\rb', 'a\u2028b', '\u001b[31mred', 'tag\u{e0041}', 'a\u00adb', 'x'.repeat(61)],
      // Its form NFC is twice as long.
      '\u0958'.repeat(31),
    ];
    for (const name of bad) {
      const refused = await refusalOf(add(name, bob.email), 'input_invalid');
      expect(refused.facts['field'], JSON.stringify(name)).toBe('name');
    }
    expect(await list()).toEqual([]);
  });

  test('other names are kept exactly, whatever they look like to a machine', async () => {
    const names = [
      "Robert'); DROP TABLE payees;--",
      '%',
      '_',
      '=1+1',
      '<b>bold</b>',
      '../../etc/passwd',
      '__proto__',
      'null',
      '李雷',
      'محمد',
      '😀',
      '❤️ Mum',
      'x'.repeat(60),
    ];
    for (const name of names) await add(name, bob.email);
    expect((await list()).map(({ name }) => name).sort()).toEqual([...names].sort());
    for (const name of names) expect((await quote(alice, name, '1 EUR')).to.id).toBe(bob.id);
    await refusalOf(quote(alice, '%%', '1 EUR'), 'recipient_unknown');
    for (const name of names) await alice.client.call('delete-payee', { payee: name });
    expect(await list()).toEqual([]);
  });

  test('there are so many of at most', async () => {
    const { deps } = harness.service;
    await deps.engine.transact(async (tx) => {
      for (let at = 1; at < LIMITS.payees; at++) {
        const createdAt = '2026-03-02T09:00:00.000Z';
        const name = `Payee ${at}`;
        const id = deps.newId('payee');
        await insertPayee(tx, { id, owner: alice.id, name, recipient: bob.id, createdAt });
      }
    });
    const last = await add('The last', bob.email);
    const refused = await refusalOf(add('One more', bob.email), 'limit_reached');
    expect(refused.message).toBe('There are 1000 payees already, and no more than that.');
    expect(await list()).toHaveLength(LIMITS.payees);
    await alice.client.call('delete-payee', { payee: last.id });
    await add('One more', bob.email);
    await add('Robert', alice.email, bob);
  });

  test('is somebody, and somebody else', async () => {
    await refusalOf(add('Me', alice.email), 'recipient_is_self');
    await refusalOf(add('Me', alice.id), 'recipient_is_self');
    await refusalOf(add('Nobody', 'nobody@example.com'), 'recipient_unknown');
    await refusalOf(add('Wrong', 'nobody@'), 'email_invalid');
    await add('Rob', bob.email);
    // A payee may be saved again under a second name, found by the first.
    expect((await add('Bobby', 'Rob')).to.id).toBe(bob.id);
  });

  test('of somebody else cannot be seen, paid or forgotten', async () => {
    const saved = await add('Rob', bob.email);
    const unknown = 'pay_00000000000000000000000000';
    expect(await list(carol)).toEqual([]);
    await refusalOf(quote(carol, 'Rob', '1 EUR'), 'recipient_unknown');
    for (const payee of [saved.id, 'Rob']) {
      expect(await problemOf(carol.client.call('delete-payee', { payee }), payee)).toBe(
        await problemOf(carol.client.call('delete-payee', { payee: unknown }), unknown),
      );
    }
    expect(await list()).toEqual([saved]);
  });

  test('may be called as another holder is: only its owner’s word counts', async () => {
    // Names never win over addresses or ids, which is why they cannot look like either.
    await add('bob', carol.email);
    expect((await quote(alice, 'bob', '1 EUR')).to.id).toBe(carol.id);
    expect((await quote(alice, bob.email, '1 EUR')).to.id).toBe(bob.id);
  });
});

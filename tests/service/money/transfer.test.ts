import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TRANSFER_QUOTE_LIFE_MS } from '../../../src/service/payments/make-quote.ts';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import {
  audit,
  balanceOf,
  everything,
  fund,
  newKey,
  pay,
  performWith,
  person,
  type Poster,
  problemOf,
  quote,
  refusalOf,
  say,
  send,
  without,
} from './wallet.ts';

eachEngine((engine) => {
  let harness: Harness;
  let alice: Holder;
  let bob: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    alice = await person(harness, 'alice');
    bob = await person(harness, 'bob');
    await fund(harness, alice, '100');
  });
  afterEach(async () => {
    await audit(harness);
    await harness.close();
  });

  test('a payment moves exactly what its quote says, and both sides see it', async () => {
    const priced = await quote(alice, bob.email, '12.50 EUR');
    const paid = await pay(alice, priced, { note: 'lunch' });
    expect(paid).toEqual({
      id: expect.stringMatching(/^trf_/),
      kind: 'transfer',
      state: 'done',
      at: '2026-03-02T09:00:00.000Z',
      from: { id: alice.id, name: 'Alice Example', email: 'alice@example.com' },
      to: { id: bob.id, name: 'Bob Example', email: 'bob@example.com' },
      direction: 'out',
      paid: { amount: '12.50', currency: 'EUR' },
      fee: { amount: '0.00', currency: 'EUR' },
      received: { amount: '12.50', currency: 'EUR' },
      note: 'lunch',
      quote: priced.id,
      balanceAfter: { amount: '87.50', currency: 'EUR' },
    });
    expect(await alice.client.call('get-transfer', { transfer: paid.id })).toEqual(paid);
    expect(await bob.client.call('get-transfer', { transfer: paid.id })).toEqual({
      ...without(paid, 'quote'),
      direction: 'in',
      balanceAfter: { amount: '12.50', currency: 'EUR' },
    });
    expect([await balanceOf(alice), await balanceOf(bob)]).toEqual(['87.50 EUR', '12.50 EUR']);
  });

  test('every currency keeps its own digits and its own account', async () => {
    await fund(harness, alice, '1000', 'JPY');
    await fund(harness, alice, '1.005', 'KWD');
    await fund(harness, alice, '2.0001', 'CLF');
    expect(say((await send(alice, bob.email, '999 JPY')).received)).toBe('999 JPY');
    expect(say((await send(alice, bob.email, '0.005 KWD')).received)).toBe('0.005 KWD');
    expect(say((await send(alice, bob.email, '0.0001 CLF')).received)).toBe('0.0001 CLF');
    expect(await balanceOf(alice, 'KWD')).toBe('1.000 KWD');
    await refusalOf(send(alice, bob.email, '1.001 KWD'), 'insufficient_funds');
    expect((await bob.client.call('list-balances', {})).balances.map(({ balance }) => say(balance))).toEqual([
      '0.0001 CLF',
      '999 JPY',
      '0.005 KWD',
    ]);
  });

  describe('a quote', () => {
    test('pays at the last instant of its life and not a millisecond later', async () => {
      const [first, second] = [
        await quote(alice, bob.email, '1 EUR'),
        await quote(alice, bob.email, '2 EUR'),
      ];
      harness.clock.advance(TRANSFER_QUOTE_LIFE_MS);
      await pay(alice, first);
      harness.clock.advance(1);
      const refused = await refusalOf(pay(alice, second), 'quote_expired');
      expect([refused.status, refused.exitCode, refused.facts]).toEqual([
        410,
        7,
        { expiresAt: second.expiresAt },
      ]);
      expect(await balanceOf(alice)).toBe('99.00 EUR');
    });

    test('that expires between the check and the commit is refused by the commit', async () => {
      const priced = await quote(alice, bob.email, '1 EUR');
      const { poster } = harness.service.deps;
      const late: Poster = {
        ...poster,
        post: (intent) => {
          // Everything before this was decided while the quote was good.
          harness.clock.advance(TRANSFER_QUOTE_LIFE_MS + 1);
          return poster.post(intent);
        },
      };
      const perform = performWith(harness, { poster: late });
      const call = { operation: 'create-transfer' as const, input: { quote: priced.id }, key: newKey() };
      await refusalOf(perform(alice, call), 'quote_expired');
      expect(await balanceOf(alice)).toBe('100.00 EUR');
    });

    test('positive control: without its time limit in the intent the late payment goes through', async () => {
      const priced = await quote(alice, bob.email, '1 EUR');
      const { poster } = harness.service.deps;
      const late: Poster = {
        ...poster,
        post: ({ notAfter: _, ...intent }) => {
          harness.clock.advance(TRANSFER_QUOTE_LIFE_MS + 1);
          return poster.post(intent);
        },
      };
      const perform = performWith(harness, { poster: late });
      await perform(alice, { operation: 'create-transfer', input: { quote: priced.id }, key: newKey() });
      expect(await balanceOf(alice)).toBe('99.00 EUR');
    });

    test('pays once', async () => {
      const priced = await quote(alice, bob.email, '1 EUR');
      await pay(alice, priced);
      const refused = await refusalOf(pay(alice, priced), 'quote_used');
      expect([refused.status, refused.exitCode]).toEqual([409, 6]);
      expect(await balanceOf(alice)).toBe('99.00 EUR');
    });

    test('that was refused for want of money stays good for another key', async () => {
      const priced = await quote(alice, bob.email, '150 EUR');
      const refused = await refusalOf(pay(alice, priced, { key: 'first' }), 'insufficient_funds');
      expect(refused.facts).toEqual({ needed: '150.00 EUR', available: '100.00 EUR' });
      await fund(harness, alice, '50');
      await refusalOf(pay(alice, priced, { key: 'first' }), 'insufficient_funds');
      expect(say((await pay(alice, priced, { key: 'second' })).paid)).toBe('150.00 EUR');
    });

    test('cannot be changed while it is paid', async () => {
      const { id } = await quote(alice, bob.email, '1 EUR');
      for (const field of ['fee', 'youPay', 'to', 'owner', 'expiresAt', 'amount', 'role']) {
        const input = { quote: id, [field]: 'x' } as { quote: string };
        const call = alice.client.call('create-transfer', input, { key: newKey() });
        expect((await refusalOf(call, 'input_invalid')).facts['field']).toBe(field);
      }
    });
  });

  describe('an Idempotency-Key', () => {
    test('is needed, and is visible ASCII', async () => {
      const { id } = await quote(alice, bob.email, '1 EUR');
      await refusalOf(alice.client.call('create-transfer', { quote: id }), 'idempotency_key_missing');
      for (const key of ['', ' ', 'a b', 'ä', 'a\n', '\u0000', 'k'.repeat(256)]) {
        const refused = await refusalOf(alice.client.call('create-transfer', { quote: id }, { key }));
        expect(refused.code, JSON.stringify(key)).toBe(
          key === '' ? 'idempotency_key_missing' : 'input_invalid',
        );
      }
      await pay(alice, { id }, { key: 'k'.repeat(255) });
    });

    test('gives the first answer again, byte for byte, for ever', async () => {
      const priced = await quote(alice, bob.email, '12.50 EUR');
      const options = { key: newKey(), note: 'lunch', maximumFee: '0.10' };
      const first = JSON.stringify(await pay(alice, priced, options));
      await send(alice, bob.email, '1 EUR');
      expect(JSON.stringify(await pay(alice, priced, options))).toBe(first);
      harness.clock.advance(TRANSFER_QUOTE_LIFE_MS + 1);
      expect(JSON.stringify(await pay(alice, priced, options))).toBe(first);
      await harness.reopen();
      expect(JSON.stringify(await pay(alice, priced, options))).toBe(first);
      expect(await balanceOf(alice)).toBe('86.50 EUR');
    });

    test('gives the first refusal again, whatever has changed since', async () => {
      const priced = await quote(alice, bob.email, '150 EUR');
      const key = newKey();
      const first = JSON.stringify((await refusalOf(pay(alice, priced, { key }))).toProblem());
      await fund(harness, alice, '1000');
      expect(JSON.stringify((await refusalOf(pay(alice, priced, { key }))).toProblem())).toBe(first);
      harness.clock.advance(TRANSFER_QUOTE_LIFE_MS + 1);
      expect(JSON.stringify((await refusalOf(pay(alice, priced, { key }))).toProblem())).toBe(first);
      expect(await balanceOf(alice)).toBe('1100.00 EUR');
    });

    test('that comes with something else names the field, and does nothing', async () => {
      const [first, second] = [
        await quote(alice, bob.email, '1 EUR'),
        await quote(alice, bob.email, '2 EUR'),
      ];
      const key = newKey();
      await pay(alice, first, { key, note: 'a', maximumFee: '1' });
      const before = await everything(harness);
      const changed = [
        ['quote', () => pay(alice, second, { key, note: 'a', maximumFee: '1' })],
        [
          'quote',
          () => pay(alice, { id: 'quo_00000000000000000000000000' }, { key, note: 'a', maximumFee: '1' }),
        ],
        ['note', () => pay(alice, first, { key, note: 'b', maximumFee: '1' })],
        ['note', () => pay(alice, first, { key, maximumFee: '1' })],
        ['maximumFee', () => pay(alice, first, { key, note: 'a', maximumFee: '2' })],
        ['maximumFee', () => pay(alice, first, { key, note: 'a' })],
      ] as const;
      for (const [field, call] of changed) {
        const refused = await refusalOf(call(), 'idempotency_mismatch');
        expect([refused.status, refused.exitCode, refused.facts]).toEqual([422, 6, { field }]);
      }
      expect(await everything(harness)).toEqual(before);
    });

    test('is the holder’s own: another holder’s same key is another payment', async () => {
      await fund(harness, bob, '10');
      await pay(alice, await quote(alice, bob.email, '1 EUR'), { key: 'same' });
      await pay(bob, await quote(bob, alice.email, '3 EUR'), { key: 'same' });
      expect([await balanceOf(alice), await balanceOf(bob)]).toEqual(['102.00 EUR', '8.00 EUR']);
    });
  });

  describe('a dry run', () => {
    test('says what a payment would be and writes nothing', async () => {
      const priced = await quote(alice, bob.email, '12.50 EUR');
      const before = await everything(harness);
      const key = newKey();
      const preview = await pay(alice, priced, { key, dryRun: true, note: 'lunch' });
      expect(await everything(harness)).toEqual(before);
      expect(preview.state).toBe('dry_run');
      await refusalOf(alice.client.call('get-transfer', { transfer: preview.id }), 'not_found');
      expect(await alice.client.call('get-intent', { key })).toEqual({ key, state: 'unknown_key' });
      const real = await pay(alice, priced, { key, note: 'lunch' });
      expect(without(preview, 'id', 'state')).toEqual(without(real, 'id', 'state', 'balanceAfter'));
    });

    test('of a payment that was made says that it was made', async () => {
      const priced = await quote(alice, bob.email, '1 EUR');
      const key = newKey();
      const paid = await pay(alice, priced, { key });
      expect(await pay(alice, priced, { key, dryRun: true })).toEqual(paid);
    });

    test('is refused exactly as the payment would be, and burns no key', async () => {
      const expensive = await quote(alice, bob.email, '150 EUR');
      const used = await quote(alice, bob.email, '1 EUR');
      await pay(alice, used);
      const expired = await quote(alice, bob.email, '1 EUR');
      const mismatched = newKey();
      await pay(alice, await quote(alice, bob.email, '1 EUR'), { key: mismatched });
      harness.clock.advance(1);
      const burnt = newKey();
      await alice.client.call('abandon-intent', { key: burnt });
      harness.clock.advance(TRANSFER_QUOTE_LIFE_MS - 1);
      const good = await quote(alice, bob.email, '1 EUR');
      const cases = [
        ['insufficient_funds', expensive, {}],
        ['quote_used', used, {}],
        ['idempotency_mismatch', used, { key: mismatched }],
        ['intent_abandoned', good, { key: burnt }],
        ['not_found', { id: 'quo_00000000000000000000000000' }, {}],
        ['amount_invalid', good, { maximumFee: '-1' }],
        ['quote_expired', expired, {}],
      ] as const;
      for (const [code, priced, options] of cases) {
        if (code === 'quote_expired') harness.clock.advance(1);
        const before = await everything(harness);
        const key = newKey();
        const dry = (
          await refusalOf(pay(alice, priced, { key, ...options, dryRun: true }), code)
        ).toProblem();
        expect(await everything(harness), code).toEqual(before);
        const real = (await refusalOf(pay(alice, priced, { key, ...options }), code)).toProblem();
        // What was never recorded cannot be asked about, so it has no id.
        const { instance, ...rest } = real;
        expect(dry, code).toEqual(code === 'intent_abandoned' ? real : rest);
        if (instance !== undefined)
          expect((await alice.client.call('explain', { id: instance })).id).toBe(instance);
      }
    });
  });

  describe('a maximum fee', () => {
    beforeEach(async () => {
      const { client } = await person(harness, `admin${newKey()}`, 'admin');
      await client.call('set-fee', { kind: 'transfer', currency: 'EUR', basisPoints: 100 });
    });

    test('lets a fee of just that through, and nothing above', async () => {
      const priced = await quote(alice, bob.email, '10 EUR');
      const before = await everything(harness);
      const refused = await refusalOf(pay(alice, priced, { maximumFee: '0.09' }), 'fee_above_maximum');
      expect(refused.facts).toEqual({ fee: '0.10 EUR', maximum: '0.09 EUR' });
      expect(await everything(harness)).toEqual(before);
      expect(say((await pay(alice, priced, { maximumFee: '0.10' })).fee)).toBe('0.10 EUR');
    });

    test('is an amount of the quote’s currency', async () => {
      const priced = await quote(alice, bob.email, '10 EUR');
      for (const maximumFee of ['-1', '1e3', '0.001', '1,0', '']) {
        const refused = await refusalOf(pay(alice, priced, { maximumFee }));
        expect(refused.code, maximumFee).toBe(maximumFee === '' ? 'input_invalid' : 'amount_invalid');
      }
      await refusalOf(pay(alice, priced, { maximumFee: '0' }), 'fee_above_maximum');
    });
  });

  describe('a note', () => {
    test('is kept exactly as it was written', async () => {
      const notes = [
        "Robert'); DROP TABLE transfers;--",
        '=HYPERLINK("http://example.com")',
        '\u001b]8;;http://example.com\u0007click\u001b]8;;\u0007\r\n\t',
        '\u202Eevil\u2066 \u200B\uFEFF',
        '<script>alert(1)</script>&amp;%2527\\u0000',
        'n\u0303 is not \u00F1',
        '👩‍👩‍👧‍👦 Ｆｕｌｌ ﷽',
        '  blanks kept  ',
        '__proto__',
        '0',
        'x'.repeat(140),
      ];
      for (const note of notes) {
        const { id } = await pay(alice, await quote(alice, bob.email, '0.01 EUR'), { note });
        expect((await bob.client.call('get-transfer', { transfer: id })).note).toBe(note);
      }
      const { transfers } = await bob.client.call('list-transfers', { limit: 100 });
      expect(transfers.map(({ note }) => note)).toEqual(notes.toReversed());
    });

    test('that no database can keep is refused before anything moves', async () => {
      const priced = await quote(alice, bob.email, '1 EUR');
      const before = await everything(harness);
      for (const note of ['a\u0000b', '\ud800', 'x\udc00', '', 'x'.repeat(141)]) {
        const refused = await refusalOf(pay(alice, priced, { note }), 'input_invalid');
        expect(refused.facts['field']).toBe('note');
      }
      await refusalOf(pay(alice, priced, { note: 1 as unknown as string }), 'input_invalid');
      expect(await everything(harness)).toEqual(before);
    });
  });

  describe('somebody else’s', () => {
    test('transfer is as unknown as one that never was, for staff too (ASVS V8.2.2)', async () => {
      const carol = await person(harness, 'carol');
      const paid = await send(alice, bob.email, '1 EUR');
      const unknown = 'trf_00000000000000000000000000';
      for (const operation of ['get-transfer', 'explain'] as const) {
        const call = (id: string) =>
          operation === 'explain'
            ? carol.client.call('explain', { id })
            : carol.client.call('get-transfer', { transfer: id });
        expect(await problemOf(call(paid.id), paid.id)).toBe(await problemOf(call(unknown), unknown));
      }
      // Staff have a way of their own, which takes a reason.
      const staff = await person(harness, `viewer${newKey()}`, 'viewer');
      await refusalOf(staff.client.call('get-transfer', { transfer: paid.id }), 'not_found');
      await refusalOf(staff.client.call('explain', { id: paid.id }), 'not_found');
    });

    test('refusal is as unknown as one that never was', async () => {
      const refused = await refusalOf(
        pay(alice, await quote(alice, bob.email, '999 EUR')),
        'insufficient_funds',
      );
      const id = refused.id ?? '';
      const unknown = 'trf_00000000000000000000000000';
      expect(await problemOf(bob.client.call('explain', { id }), id)).toBe(
        await problemOf(bob.client.call('explain', { id: unknown }), unknown),
      );
      await refusalOf(alice.client.call('get-transfer', { transfer: id }), 'not_found');
    });

    test('key is unknown', async () => {
      const key = newKey();
      await pay(alice, await quote(alice, bob.email, '1 EUR'), { key });
      expect(await bob.client.call('get-intent', { key })).toEqual({ key, state: 'unknown_key' });
      expect(await problemOf(bob.client.call('explain', { id: key }), key)).toBe(
        await problemOf(bob.client.call('explain', { id: 'never' }), 'never'),
      );
      // Burning one’s own key of the same name touches nobody else’s.
      expect((await bob.client.call('abandon-intent', { key })).state).toBe('refused');
      expect((await alice.client.call('get-intent', { key })).state).toBe('done');
    });
  });

  test('without a session nothing about money answers', async () => {
    const stranger = harness.client();
    await refusalOf(stranger.call('list-balances', {}), 'session_required');
    await refusalOf(stranger.call('create-transfer', { quote: 'x' }, { key: 'k' }), 'session_required');
    await refusalOf(harness.client('no-such-token').call('list-transfers', {}), 'session_expired');
  });
});

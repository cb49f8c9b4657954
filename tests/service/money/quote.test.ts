import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TRANSFER_QUOTE_LIFE_MS } from '../../../src/service/payments/make-quote.ts';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import { audit, fund, money, newKey, pay, person, problemOf, quote, refusalOf, say, send } from './wallet.ts';

eachEngine((engine) => {
  let harness: Harness;
  let alice: Holder;
  let bob: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    alice = await person(harness, 'alice');
    bob = await person(harness, 'bob');
  });
  afterEach(async () => {
    await audit(harness);
    await harness.close();
  });

  test('a quote says what is paid, charged and received, and until when', async () => {
    await fund(harness, alice, '100');
    const priced = await quote(alice, bob.email, '12.50 EUR');
    expect(priced).toEqual({
      id: expect.stringMatching(/^quo_/),
      kind: 'transfer',
      to: { id: bob.id, name: 'Bob Example', email: 'bob@example.com' },
      feeFrom: 'sender',
      fixed: 'target',
      youPay: { amount: '12.50', currency: 'EUR' },
      fee: { amount: '0.00', currency: 'EUR' },
      fees: [],
      theyGet: { amount: '12.50', currency: 'EUR' },
      arrives: 'at once',
      createdAt: '2026-03-02T09:00:00.000Z',
      expiresAt: new Date(harness.clock.now() + TRANSFER_QUOTE_LIFE_MS).toISOString(),
      state: 'open',
      warnings: [{ code: 'first_payment', text: 'You have never paid bob@example.com before.' }],
    });
    expect(await alice.client.call('get-quote', { quote: priced.id })).toEqual(priced);
  });

  test('a quote is read back as open, used or expired', async () => {
    await fund(harness, alice, '100');
    const [used, other] = [await quote(alice, bob.email, '1 EUR'), await quote(alice, bob.email, '2 EUR')];
    const { id } = await pay(alice, used);
    const read = (one: { id: string }) => alice.client.call('get-quote', { quote: one.id });
    expect(await read(used)).toMatchObject({ state: 'used', transfer: id });
    harness.clock.advance(TRANSFER_QUOTE_LIFE_MS);
    expect(await read(other)).toMatchObject({ state: 'open' });
    harness.clock.advance(1);
    expect(await read(other)).toMatchObject({ state: 'expired' });
    expect(await read(used)).toMatchObject({ state: 'used', transfer: id });
  });

  test('whoever did not ask for a quote cannot see that it is there', async () => {
    const { id } = await quote(alice, bob.email, '1 EUR');
    const unknown = 'quo_00000000000000000000000000';
    const staff = await person(harness, `viewer${newKey()}`, 'viewer');
    for (const stranger of [bob, staff]) {
      expect(await problemOf(stranger.client.call('get-quote', { quote: id }), id)).toBe(
        await problemOf(stranger.client.call('get-quote', { quote: unknown }), unknown),
      );
      expect(await problemOf(pay(stranger, { id }), id)).toBe(
        await problemOf(pay(stranger, { id: unknown }), unknown),
      );
      expect(await problemOf(stranger.client.call('explain', { id }), id)).toBe(
        await problemOf(stranger.client.call('explain', { id: unknown }), unknown),
      );
    }
    expect((await refusalOf(pay(bob, { id }), 'not_found')).facts).toEqual({ thing: 'quote', id });
  });

  describe('amounts that are none (ASVS V1.4.2)', () => {
    const invalid = [
      ...[
        '-1',
        '0',
        '-0',
        '0.00',
        '+1',
        'NaN',
        'Infinity',
        '1e3',
        '0x10',
        '1,00',
        '1_000',
        '1 000',
        ' 1',
        '1 ',
      ],
      ...['٣', '１', '1.', '.5', '01', '0.001', '1.500', '', '\u0000', '1\u0000', '1\n', '½', '1.0.0', '--1'],
      ...[String(2n ** 63n), '92233720368547758.08', '9'.repeat(40), `0.${'0'.repeat(40)}1`],
    ];
    test('are refused with a reason and no rounding', async () => {
      for (const amount of invalid) {
        const input = { to: bob.email, amount: { amount, currency: 'EUR' } };
        const refused = await refusalOf(alice.client.call('create-quote', input), 'amount_invalid');
        expect([refused.status, refused.exitCode], amount).toEqual([400, 2]);
        expect(refused.facts['reason'], amount).toMatch(/\.$/);
        // No door is wider than another.
        await refusalOf(alice.client.call('create-transfer', input, { key: newKey() }), 'amount_invalid');
      }
    });

    test('1.5 JPY, and what is too large for any wallet to say', async () => {
      await refusalOf(quote(alice, bob.email, '1.5 JPY'), 'amount_invalid');
      await refusalOf(quote(alice, bob.email, '0.0001 KWD'), 'amount_invalid');
      await refusalOf(quote(alice, bob.email, `${'9'.repeat(65)} EUR`), 'input_invalid');
    });

    test('in what is no currency', async () => {
      const codes = [
        'XXX',
        'XAU',
        'XTS',
        'DEM',
        'HRK',
        'BGN',
        'ANG',
        'EURO',
        'E',
        '€',
        'ЕUR',
        '',
        'EUR\u0000',
      ];
      for (const currency of [...codes, 'constructor', '__proto__']) {
        const amount = { amount: '1', currency };
        const refused = await refusalOf(alice.client.call('create-quote', { to: bob.email, amount }));
        expect([refused.code, refused.exitCode], currency).toEqual(['currency_unknown', 2]);
      }
    });

    test('of another type than text', async () => {
      for (const amount of [1, 1.5, true, null, ['1'], { toString: '1' }] as unknown as string[]) {
        const input = { to: bob.email, amount: { amount, currency: 'EUR' } };
        await refusalOf(alice.client.call('create-quote', input), 'input_invalid');
      }
    });

    test('with fields nobody knows', async () => {
      const amount = { ...money('1 EUR'), minor: '100' };
      await refusalOf(alice.client.call('create-quote', { to: bob.email, amount }), 'input_invalid');
      const input = { to: bob.email, amount: money('1 EUR'), fee: '0' };
      const refused = await refusalOf(alice.client.call('create-quote', input), 'input_invalid');
      expect(refused.facts['field']).toBe('fee');
    });
  });

  test('the largest amount there is can be asked for, and what its fee makes larger cannot', async () => {
    const largest = '92233720368547758.07 EUR';
    const priced = await quote(alice, bob.email, largest);
    expect(say(priced.youPay)).toBe(largest);
    await refusalOf(pay(alice, priced), 'insufficient_funds');
    const { client } = await person(harness, `admin${newKey()}`, 'admin');
    await client.call('set-fee', { kind: 'transfer', currency: 'EUR', basisPoints: 0, fixed: '0.01' });
    const refused = await refusalOf(quote(alice, bob.email, largest));
    expect([refused.code, refused.status]).toEqual(['amount_invalid', 400]);
    expect(say((await quote(alice, bob.email, largest, 'recipient')).theyGet)).toBe(
      '92233720368547758.06 EUR',
    );
  });

  describe('a recipient', () => {
    test('may be an address in any case, an id, or a payee by name', async () => {
      await alice.client.call('create-payee', { name: 'Roberto', to: bob.email });
      for (const to of [
        'bob@example.com',
        'BOB@Example.COM',
        bob.id,
        'Roberto',
        ' roberto ',
        'ＲＯＢＥＲＴＯ',
      ]) {
        expect((await quote(alice, to, '1 EUR')).to.id, to).toBe(bob.id);
      }
    });

    test('is not oneself, by whatever name', async () => {
      for (const to of ['alice@example.com', 'ALICE@EXAMPLE.COM', alice.id]) {
        expect((await refusalOf(quote(alice, to, '1 EUR'), 'recipient_is_self')).exitCode).toBe(3);
      }
    });

    test('is somebody', async () => {
      await harness.call('register', {
        email: 'eve@example.com',
        displayName: 'Eve Example',
        password: 'a long enough password for eve',
      });
      await bob.client.call('create-payee', { name: 'Ally', to: alice.email });
      const nobody = [
        'nobody@example.com',
        'eve@example.com',
        'usr_00000000000000000000000000',
        'Nobody',
        'Ally',
        ' ',
      ];
      for (const to of nobody) {
        const refused = await refusalOf(quote(alice, to, '1 EUR'), 'recipient_unknown');
        expect([refused.status, refused.exitCode], to).toEqual([404, 5]);
      }
      // An address that only waits to be verified is as unknown as one nobody ever typed.
      expect(await problemOf(quote(alice, 'eve@example.com', '1 EUR'), 'eve')).toBe(
        await problemOf(quote(alice, 'nobody@example.com', '1 EUR'), 'nobody').then((text) =>
          text.replaceAll('nobody', 'eve').replaceAll('eve', 'ID'),
        ),
      );
    });

    test('is written right', async () => {
      await refusalOf(quote(alice, 'bob@', '1 EUR'), 'email_invalid');
      await refusalOf(quote(alice, 'bob@example.com\u202e', '1 EUR'), 'email_invalid');
      await refusalOf(quote(alice, '', '1 EUR'), 'input_invalid');
      await refusalOf(quote(alice, `${'b'.repeat(250)}@example.com`, '1 EUR'), 'input_invalid');
    });
  });

  describe('a careful person is told', () => {
    const warnings = async (to: string, amount = '1 EUR') =>
      (await quote(alice, to, amount)).warnings.map(({ code }) => code);

    beforeEach(() => fund(harness, alice, '10'));

    test('of the first payment to somebody, and no more once it was made', async () => {
      expect(await warnings(bob.email)).toEqual(['first_payment']);
      await send(bob, alice.email, '0.00 EUR').catch(() => undefined);
      expect(await warnings(bob.email)).toEqual(['first_payment']);
      await send(alice, bob.email, '1 EUR');
      expect(await warnings(bob.email)).toEqual([]);
      // It is said of the one who pays, not of the pair.
      expect((await quote(bob, alice.email, '1 EUR')).warnings.map(({ code }) => code)).toEqual([
        'first_payment',
      ]);
    });

    test('of somebody who looks like a payee, until they are paid', async () => {
      const names = ['bobb', 'b0b', 'bob-', 'rnike', 'mike', 'zoe'];
      const [bobb, bob0, dashed, rnike, mike, zoe] = await Promise.all(
        names.map((name) => person(harness, name === 'bob-' ? 'b-ob' : name)),
      );
      await alice.client.call('create-payee', { name: 'Roberto', to: bob.email });
      await alice.client.call('create-payee', { name: 'Mike', to: (mike as Holder).email });
      for (const other of [bobb, bob0, dashed, rnike]) {
        expect(await warnings((other as Holder).email), other?.email).toEqual([
          'first_payment',
          'similar_payee',
        ]);
      }
      const text = (await quote(alice, (bob0 as Holder).email, '1 EUR')).warnings[1]?.text;
      expect(text).toBe(
        'b0b@example.com looks like your payee “Roberto” (bob@example.com) but is somebody else.',
      );
      expect(await warnings((zoe as Holder).email)).toEqual(['first_payment']);
      expect(await warnings(bob.email)).toEqual(['first_payment']);
      await send(alice, (bob0 as Holder).email, '1 EUR');
      expect(await warnings((bob0 as Holder).email)).toEqual([]);
      // Another holder's payees say nothing.
      expect(
        (await quote(bob, (bob0 as Holder).email, '1 EUR')).warnings.map(({ code }) => code),
      ).not.toContain('similar_payee');
    });

    test('that there is not enough money, in figures', async () => {
      const { warnings: said } = await quote(alice, bob.email, '10.01 EUR');
      expect(said[1]).toEqual({
        code: 'insufficient_funds',
        text: 'This takes 10.01 EUR and 10.00 EUR is available now.',
      });
      expect(await warnings(bob.email, '10 EUR')).toEqual(['first_payment']);
      expect(await warnings(bob.email, '1 JPY')).toEqual(['first_payment', 'insufficient_funds']);
    });
  });
});

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TRANSFER_QUOTE_LIFE_MS } from '../../../src/service/payments/make-quote.ts';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import { audit, fund, newKey, pay, person, quote, refusalOf, send } from './wallet.ts';

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

  const why = (id: string, who = alice) => who.client.call('explain', { id });

  test('a payment: who paid what, by which quote, and what to type', async () => {
    const key = newKey();
    const priced = await quote(alice, bob.email, '12.50 EUR');
    const paid = await pay(alice, priced, { key });
    const explained = await why(paid.id);
    expect(explained).toEqual({
      id: paid.id,
      thing: 'transfer',
      state: 'done',
      at: paid.at,
      because: [
        'Alice Example paid 12.50 EUR; Bob Example got 12.50 EUR; the fee was 0.00 EUR.',
        `These are exactly the figures of the quote ${priced.id}, which was used for this and for nothing else.`,
        'It is final: money that was sent comes back only when the recipient sends it back.',
      ],
      facts: { paid: '12.50 EUR', fee: '0.00 EUR', received: '12.50 EUR' },
      next: `okpay show ${paid.id}`,
    });
    expect(await why(key)).toEqual(explained);
    // The recipient never saw the quote.
    expect((await why(paid.id, bob)).because.join(' ')).not.toContain(priced.id);
  });

  test('a deposit', async () => {
    const id = await fund(harness, alice, '5');
    expect((await why(id)).because).toEqual([
      'The bank statement carried the deposit reference of Alice Example, so 5.00 EUR was credited.',
    ]);
  });

  describe('a refusal', () => {
    test('for want of money: the figures then, the figures now, and what unblocks it', async () => {
      const key = newKey();
      const priced = await quote(alice, bob.email, '150.25 EUR');
      const refused = await refusalOf(pay(alice, priced, { key }), 'insufficient_funds');
      await fund(harness, alice, '20');
      const explained = await why(refused.id ?? '');
      expect(explained).toEqual({
        id: refused.id,
        thing: 'refused payment',
        state: 'refused',
        at: '2026-03-02T09:00:00.000Z',
        because: [
          'This takes 150.25 EUR and 100.00 EUR is available.',
          'Nothing moved, and this attempt can never be paid later: its key is used up.',
          'Available now: 120.00 EUR. It needs 150.25 EUR: pay money in, or send less.',
        ],
        facts: { rule: 'insufficient_funds', needed: '150.25 EUR', available: '100.00 EUR' },
        next: 'okpay deposit',
      });
      expect(await why(key)).toEqual(explained);
    });

    test('for want of money that has come since says that it can be sent now', async () => {
      const refused = await refusalOf(pay(alice, await quote(alice, bob.email, '150 EUR')));
      await fund(harness, alice, '50');
      const explained = await why(refused.id ?? '');
      expect(explained.because.at(-1)).toBe('Available now: 150.00 EUR. That is enough: send it again.');
      expect(explained.next).toBe('okpay send');
    });

    test('in a currency the holder has nothing of', async () => {
      const refused = await refusalOf(pay(alice, await quote(alice, bob.email, '1.5 KWD')));
      expect((await why(refused.id ?? '')).because.at(-1)).toBe(
        'Available now: 0.000 KWD. It needs 1.500 KWD: pay money in, or send less.',
      );
    });

    test('of a used, an expired and an abandoned one', async () => {
      const [used, late] = [await quote(alice, bob.email, '1 EUR'), await quote(alice, bob.email, '1 EUR')];
      await pay(alice, used);
      const key = newKey();
      await alice.client.call('abandon-intent', { key });
      const again = await refusalOf(pay(alice, used), 'quote_used');
      harness.clock.advance(TRANSFER_QUOTE_LIFE_MS + 1);
      const expired = await refusalOf(pay(alice, late), 'quote_expired');
      expect(await why(again.id ?? '')).toMatchObject({ facts: { rule: 'quote_used', quote: used.id } });
      expect(await why(expired.id ?? '')).toMatchObject({
        facts: { rule: 'quote_expired', expiresAt: late.expiresAt },
        next: 'okpay send',
      });
      expect(await why(key)).toMatchObject({ state: 'refused', facts: { rule: 'intent_abandoned' } });
    });
  });

  test('a quote: open, used, expired', async () => {
    const [used, other] = [await quote(alice, bob.email, '1 EUR'), await quote(alice, bob.email, '2 EUR')];
    const paid = await pay(alice, used);
    expect(await why(other.id)).toEqual({
      id: other.id,
      thing: 'quote',
      state: 'open',
      at: other.createdAt,
      because: [
        `It binds its price until ${other.expiresAt}. Nothing is reserved and nothing has moved yet.`,
      ],
      facts: { youPay: '2.00 EUR', fee: '0.00 EUR', theyGet: '2.00 EUR', expiresAt: other.expiresAt },
      next: `okpay send --quote ${other.id}`,
    });
    expect(await why(used.id)).toMatchObject({
      state: 'used',
      because: [`It was used by ${paid.id}: a quote pays once.`],
      next: `okpay show ${paid.id}`,
    });
    harness.clock.advance(TRANSFER_QUOTE_LIFE_MS + 1);
    expect(await why(other.id)).toMatchObject({
      state: 'expired',
      because: [`It bound its price until ${other.expiresAt} and nothing was paid with it.`],
      next: 'okpay send',
    });
  });

  test('what nobody knows, whatever it looks like', async () => {
    const strange = [
      'usr_00000000000000000000000000',
      'trf_x',
      'hello',
      '%',
      "' OR 1=1 --",
      '__proto__',
      '../..',
      '٣',
    ];
    for (const id of [...strange, 'hld_00000000000000000000000000']) {
      const refused = await refusalOf(why(id), 'not_found');
      expect([refused.status, refused.exitCode], id).toEqual([404, 5]);
    }
    await refusalOf(why(''), 'input_invalid');
    await refusalOf(why('x'.repeat(256)), 'input_invalid');
  });

  test('a key called like an id is found as what it is', async () => {
    const { id } = await send(alice, bob.email, '1 EUR');
    await pay(alice, await quote(alice, bob.email, '2 EUR'), { key: id });
    expect((await why(id)).facts['paid']).toBe('1.00 EUR');
  });
});

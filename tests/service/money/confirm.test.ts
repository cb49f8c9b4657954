import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Authenticator } from '../../authenticator.ts';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import { audit, balanceOf, fund, money, newKey, quote, refusalOf } from './wallet.ts';

const STEP_MS = 30_000;

eachEngine((engine) => {
  let harness: Harness;
  let alice: Holder;
  let bob: Holder;
  let app: Authenticator;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    alice = await harness.holder('alice');
    bob = await harness.holder('bob');
    await fund(harness, alice, '1000');
    await fund(harness, alice, '1000', 'JPY');
    app = await harness.enableFactor(alice.token);
    await limit('100.00');
  });
  afterEach(async () => {
    await audit(harness);
    await harness.close();
  });

  /** A code that was not used yet; time goes on until there is one. */
  const nextCode = () => {
    harness.clock.advance(2 * STEP_MS);
    return app.codeAt(harness.clock.now());
  };
  const limit = (above: string | undefined, code = nextCode(), currency = 'EUR') =>
    alice.client.call('set-confirmation-limit', {
      currency,
      code,
      ...(above === undefined ? {} : { above }),
    });
  const pay = (
    amount: string,
    options: { code?: string; key?: string; dryRun?: boolean; to?: string } = {},
  ) => {
    const { key = newKey(), to = bob.email, ...more } = options;
    return alice.client.call('create-transfer', { to, amount: money(amount), ...more }, { key });
  };

  describe('a payment above what its payer wants to go without a code (ASVS V7.5.3)', () => {
    it('takes one, says why, and pays with it, to the minor unit (ASVS V2.1.3, V2.3.2)', async () => {
      await pay('100.00 EUR');
      const refusal = await refusalOf(pay('100.01 EUR'), 'second_factor_required');
      expect(refusal.facts['reason']).toBe(
        'This pays 100.01 EUR, and you asked for a code above 100.00 EUR.',
      );
      expect(await balanceOf(bob)).toBe('100.00 EUR');
      await pay('100.01 EUR', { code: nextCode() });
      expect(await balanceOf(bob)).toBe('200.01 EUR');
    });

    it('is not asked in another currency, nor of other payers', async () => {
      await pay('900 JPY');
      await fund(harness, bob, '500');
      await bob.client.call(
        'create-transfer',
        { to: alice.email, amount: money('400.00 EUR') },
        { key: newKey() },
      );
    });

    it('is refused with a wrong code, and nothing moves', async () => {
      await refusalOf(pay('200.00 EUR', { code: '000000' }), 'second_factor_invalid');
      expect(await balanceOf(bob)).toBe('0 EUR');
    });

    it.each([
      ['another amount', { amount: '201.00 EUR' }],
      ['the same again', { amount: '200.00 EUR' }],
      ['another payee', { amount: '200.00 EUR', to: 'carol@example.com' }],
    ])(
      'uses the code up: %s with it is refused',
      async (_, { amount, to }: { amount: string; to?: string }) => {
        await harness.holder('carol');
        const code = nextCode();
        await pay('200.00 EUR', { code });
        await refusalOf(pay(amount, { code, ...(to === undefined ? {} : { to }) }), 'second_factor_invalid');
        expect(await balanceOf(bob)).toBe('200.00 EUR');
        // The control: with a code of its own it pays.
        await pay(amount, { code: nextCode(), ...(to === undefined ? {} : { to }) });
      },
    );

    it('with one code a hundred times at once is paid once (ASVS V6.5.1)', async () => {
      const code = nextCode();
      const all = await Promise.allSettled(Array.from({ length: 100 }, () => pay('101.00 EUR', { code })));
      expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await balanceOf(bob)).toBe('101.00 EUR');
    });

    it('may be confirmed with a recovery code, once', async () => {
      const [code = ''] = app.recoveryCodes;
      await pay('200.00 EUR', { code });
      await refusalOf(pay('200.00 EUR', { code }), 'second_factor_invalid');
    });

    it('by a quote is no different', async () => {
      const { id } = await quote(alice, bob.email, '200.00 EUR');
      const byQuote = (code?: string) =>
        alice.client.call(
          'create-transfer',
          { quote: id, ...(code === undefined ? {} : { code }) },
          { key: newKey() },
        );
      await refusalOf(byQuote(), 'second_factor_required');
      const code = app.next(harness.clock.now() + STEP_MS);
      await byQuote(code);
    });

    it('is what leaves the payer: the fee counts', async () => {
      const admin = await harness.staff();
      await admin.client.call('set-fee', {
        kind: 'transfer',
        currency: 'EUR',
        basisPoints: 0,
        fixed: '0.01',
      });
      await refusalOf(pay('100.00 EUR'), 'second_factor_required');
    });
  });

  describe('a key that was decided', () => {
    it('is answered again without a code, and with one that is no part of what was asked', async () => {
      const key = newKey();
      const first = await pay('200.00 EUR', { key, code: nextCode() });
      expect(await pay('200.00 EUR', { key })).toEqual(first);
      expect(await pay('200.00 EUR', { key, code: '000000' })).toEqual(first);
      // Nor is a code taken for it: this one is still good.
      const code = nextCode();
      expect(await pay('200.00 EUR', { key, code })).toEqual(first);
      await pay('300.00 EUR', { code });
      expect(await balanceOf(bob)).toBe('500.00 EUR');
      await refusalOf(pay('201.00 EUR', { key }), 'idempotency_mismatch');
    });

    it('is not decided by a code that lacks or is wrong: it pays when the right one comes', async () => {
      const key = newKey();
      await refusalOf(pay('200.00 EUR', { key }), 'second_factor_required');
      await refusalOf(pay('200.00 EUR', { key, code: '000000' }), 'second_factor_invalid');
      await pay('200.00 EUR', { key, code: nextCode() });
    });

    it('that was abandoned stays so', async () => {
      const key = newKey();
      await refusalOf(pay('200.00 EUR', { key }), 'second_factor_required');
      await alice.client.call('abandon-intent', { key });
      await refusalOf(pay('200.00 EUR', { key, code: nextCode() }), 'intent_abandoned');
    });
  });

  it('a dry run takes no code, and uses none up', async () => {
    const code = nextCode();
    expect((await pay('200.00 EUR', { dryRun: true, code })).state).toBe('dry_run');
    expect((await pay('200.00 EUR', { dryRun: true })).state).toBe('dry_run');
    await pay('200.00 EUR', { code });
  });

  it('of many in one call, those above take the one code of the call, and the others go without', async () => {
    const keys = [newKey(), newKey(), newKey()];
    const rows = ['50.00 EUR', '150.00 EUR', '160.00 EUR'].map((amount, at) => {
      return { key: keys[at] ?? '', to: bob.email, amount: money(amount) };
    });
    const payAll = async (code?: string) => {
      const { results } = await alice.client.call('create-transfers', {
        transfers: rows,
        ...(code === undefined ? {} : { code }),
      });
      return results.map(({ state, problem }) => problem?.code ?? state);
    };
    expect(await payAll()).toEqual(['done', 'second_factor_required', 'second_factor_required']);
    expect(await payAll('000000')).toEqual(['done', 'second_factor_invalid', 'second_factor_invalid']);
    expect(await payAll(nextCode())).toEqual(['done', 'done', 'done']);
    expect(await payAll()).toEqual(['done', 'done', 'done']);
    expect(await balanceOf(bob)).toBe('360.00 EUR');
  });

  describe('the amount itself', () => {
    it('is set, shown, changed and taken away with a code each time', async () => {
      const set = (input: { above?: string; code?: string }) =>
        alice.client.call('set-confirmation-limit', { currency: 'eur', ...input });
      await refusalOf(set({ above: '5000' }), 'second_factor_required');
      await refusalOf(set({}), 'second_factor_required');
      await refusalOf(set({ above: '5000', code: '000000' }), 'second_factor_invalid');
      await refusalOf(pay('200.00 EUR'), 'second_factor_required');
      expect(await set({ above: '0', code: nextCode() })).toEqual({
        currency: 'EUR',
        above: money('0.00 EUR'),
      });
      await limit('500', nextCode(), 'JPY');
      const { confirmAbove } = await alice.client.call('get-second-factor', {});
      expect(confirmAbove).toEqual([money('0.00 EUR'), money('500 JPY')]);
      await refusalOf(pay('0.01 EUR'), 'second_factor_required');
      await limit(undefined);
      await pay('500.00 EUR');
    });

    it('is for holders with a second factor, and money as it is written', async () => {
      const call = bob.client.call('set-confirmation-limit', { currency: 'EUR', above: '1' });
      await refusalOf(call, 'second_factor_off');
      for (const above of ['-1', '1.001', '1e3', '1,00', ''].filter((text) => text !== ''))
        await refusalOf(limit(above, '000000'), 'amount_invalid');
      await refusalOf(limit('1', '000000', 'XXY'), 'currency_unknown');
    });
  });
});

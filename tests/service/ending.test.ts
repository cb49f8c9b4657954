import { AssertionError } from 'node:assert/strict';
import { afterEach, describe, expect, it } from 'vitest';
import { openEngine } from '../../src/service/store/engine/open.ts';
import { eachEngine, openHarness, type Harness, type HarnessOptions, type Holder } from '../harness.ts';
import { audit, balanceOf, fund, pay, person, quote, refusalOf, type Quote } from './money/wallet.ts';

eachEngine((engine) => {
  let harness: Harness;
  let alice: Holder;
  let bob: Holder;
  const open = async (settings: HarnessOptions['settings'] = {}) => {
    harness = await openHarness({ engine, settings });
    [alice, bob] = [await person(harness, 'alice'), await person(harness, 'bob')];
    await fund(harness, alice, '100.00');
  };
  afterEach(() => harness.close());

  /** A quote whose figures do not add up, so that paying it breaks an invariant of the ledger. */
  const brokenQuote = async (): Promise<Quote> => {
    const made = await quote(alice, bob.email, '10.00 EUR');
    await harness.service.deps.engine.transact((tx) =>
      tx.run('UPDATE quotes SET received = received + 1 WHERE id = ?', [made.id]),
    );
    return made;
  };

  describe('a service that meets a broken invariant (ASVS V16.5.3)', () => {
    it('says unexpected to who met it, takes no calls from then on, and logs once why', async () => {
      await open();
      const { url } = await harness.serve();
      const [good, broken] = [await quote(alice, bob.email, '10.00 EUR'), await brokenQuote()];
      expect((await fetch(`${url}/readyz`)).status).toBe(200);
      await refusalOf(pay(alice, broken), 'unexpected');

      const ready = await fetch(`${url}/readyz`);
      const { code } = (await ready.json()) as { code: string };
      expect([ready.status, code]).toEqual([503, 'service_stopping']);
      expect((await fetch(`${url}/healthz`)).status).toBe(200);
      expect((await fetch(`${url}/openapi.json`)).status).toBe(503);
      await refusalOf(pay(alice, good), 'service_stopping');
      await refusalOf(harness.call('list-fees', {}), 'service_stopping');
      expect(await harness.service.failed).toBeInstanceOf(AssertionError);
      expect(harness.logged.filter(({ event }) => event === 'service_failed')).toHaveLength(1);

      await harness.reopen();
      expect(await balanceOf(alice)).toBe('100.00 EUR');
      await pay(alice, good);
      expect(await balanceOf(bob)).toBe('10.00 EUR');
      await audit(harness);
    });

    it('positive control: with a fuse that does not blow it takes calls', async () => {
      await open({
        open: async (url) => {
          const opened = await openEngine(url);
          return { ...opened, fuse: { ...opened.fuse, blow: () => undefined } };
        },
      });
      const { url } = await harness.serve();
      const [good, broken] = [await quote(alice, bob.email, '10.00 EUR'), await brokenQuote()];
      await refusalOf(pay(alice, broken), 'unexpected');
      expect((await fetch(`${url}/readyz`)).status).toBe(200);
      await pay(alice, good);
    });
  });
});

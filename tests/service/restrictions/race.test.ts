import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { OkpayClient } from '../../../src/core/client.ts';
import { openService, type Service } from '../../../src/service/app.ts';
import { perform } from '../../../src/service/perform.ts';
import { openEngine } from '../../../src/service/store/engine/open.ts';
import type { LedgerStore } from '../../../src/service/store/engine/ledger-store.ts';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import { dropDatabase, newDatabase } from '../../shared-postgres.ts';
import { audit, balanceOf, fund, money, newKey, person, refusalOf, type Poster } from '../money/wallet.ts';

const times = <T>(count: number, make: (at: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => make(at));

const paying = (from: Holder, to: string, client: OkpayClient = from.client) =>
  client.call('create-transfer', { to, amount: money('1 EUR') }, { key: newKey() });

const restricting = (by: Holder, holder: Holder, capability: 'send' | 'receive') =>
  by.client.call('restrict-account', { holder: holder.id, capabilities: [capability], reason: 'race' });

eachEngine((engine) => {
  let harness: Harness;
  let [alice, bob, support] = [] as unknown as [Holder, Holder, Holder];
  beforeEach(async () => {
    harness = await openHarness({ engine });
    [alice, bob] = [await person(harness, 'alice'), await person(harness, 'bob')];
    support = await person(harness, 'support', 'support');
    await fund(harness, alice, '1000');
  });
  afterEach(() => harness.close());

  test.each(['send', 'receive'] as const)(
    '100 payments against a restriction of “%s” that is being set: none is made after it was answered',
    async (capability) => {
      const [holder, refusal] =
        capability === 'send'
          ? ([alice, 'account_restricted'] as const)
          : ([bob, 'recipient_unavailable'] as const);
      for (let round = 0; round < 3; round++) {
        const calls = times(50, () => paying(alice, bob.email));
        const list = alice.client.call('create-transfers', {
          transfers: times(50, () => ({ key: newKey(), to: bob.email, amount: money('1 EUR') })),
        });
        const { restrictions } = await restricting(support, holder, capability);
        // What there is now is all there will be.
        const made = await balanceOf(bob);
        await refusalOf(paying(alice, bob.email), refusal);
        await Promise.allSettled([...calls, list]);
        await refusalOf(paying(alice, bob.email), refusal);
        expect(await balanceOf(bob)).toBe(made);
        const senior = await person(harness, `senior${newKey()}`, 'senior');
        await senior.client.call('lift-restriction', {
          restriction: restrictions[0]?.id ?? '',
          reason: 'next round',
        });
      }
      await paying(alice, bob.email);
      await audit(harness);
    },
  );
});

/** Two nodes, of which the other is stopped between reading under locks and writing. */
describe('a payment on another node that has read before the restriction was set', () => {
  let harness: Harness;
  let other: Service;
  let [alice, bob, support] = [] as unknown as [Holder, Holder, Holder];
  let there: (holder: Holder) => OkpayClient;
  /** Resolves when the other node has read; `go` lets it write. `changes` may spoil what it writes. */
  let hasRead: Promise<void>;
  let go: () => void;
  let spoil: (changes: Parameters<LedgerStore['write']>[0]) => Parameters<LedgerStore['write']>[0];

  beforeEach(async () => {
    harness = await openHarness({
      engine: { name: 'postgres', makeUrl: newDatabase, discard: dropDatabase },
    });
    const [reading, writing] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    hasRead = reading.promise;
    go = () => writing.resolve();
    spoil = (changes) => changes;
    let isFirst = true;
    other = await openService({
      databaseUrl: harness.databaseUrl,
      outboxDirectory: harness.outboxDirectory,
      publicUrl: 'http://127.0.0.1:7227',
      now: harness.clock.now,
      open: async (url) => {
        const engine = await openEngine(url);
        const post: typeof engine.post = (work) =>
          engine.post((store) =>
            work({
              ...store,
              write: async (changes) => {
                if (isFirst && changes.transfers.length > 0) {
                  isFirst = false;
                  reading.resolve();
                  await writing.promise;
                }
                return store.write(spoil(changes));
              },
            }),
          );
        return { ...engine, post };
      },
    });
    there = ({ token }) =>
      new OkpayClient(
        {
          place: 'node',
          call: (call) => other.perform(call, { console: false }),
          close: async () => undefined,
        },
        token,
      );
    [alice, bob] = [await person(harness, 'alice'), await person(harness, 'bob')];
    support = await person(harness, 'support', 'support');
    await fund(harness, alice, '1000');
  });
  afterEach(async () => {
    await other.close();
    await harness.close();
  });

  /** In which order the payment there and the restriction here are answered. */
  const order = async (restrict: () => Promise<unknown>) => {
    const said: string[] = [];
    const payment = paying(alice, bob.email, there(alice)).then(
      () => said.push('paid'),
      (error: { code: string }) => said.push(error.code),
    );
    await hasRead;
    const restricted = restrict().then(() => said.push('restricted'));
    // As long as it takes for whatever does not wait to be over.
    await Promise.race([restricted, new Promise((resolve) => setTimeout(resolve, 500))]);
    go();
    await Promise.all([payment, restricted]);
    return said;
  };

  describe('from an account that is there to one that is', () => {
    beforeEach(() => fund(harness, bob, '1'));

    test('is waited for', async () => {
      expect(await order(() => restricting(support, alice, 'send'))).toEqual(['paid', 'restricted']);
      await refusalOf(paying(alice, bob.email), 'account_restricted');
      await audit(harness);
    });

    test('is waited for also when the accounts are not watched any more', async () => {
      await paying(alice, bob.email);
      const { engine } = harness.service.deps;
      const watched = await engine.all(`SELECT id FROM accounts WHERE kind = 'holder' AND watched = 1`);
      expect(watched).toEqual([]);
      expect(await order(() => restricting(support, bob, 'receive'))).toEqual(['paid', 'restricted']);
      await refusalOf(paying(alice, bob.email), 'recipient_unavailable');
      await audit(harness);
    });

    test('positive control: when accounts are not watched first, it is paid after the answer', async () => {
      const { deps } = harness.service;
      const hasty: Poster = {
        ...deps.poster,
        post: async (intent) =>
          intent.watch ? { state: 'done', id: intent.id, at: '', replayed: false } : deps.poster.post(intent),
      };
      const call = {
        operation: 'restrict-account',
        input: { holder: alice.id, capabilities: ['send'], reason: 'x' },
        token: support.token,
      } as const;
      expect(await order(() => perform({ ...deps, poster: hasty }, call, { console: true }))).toEqual([
        'restricted',
        'paid',
      ]);
      const auditor = await person(harness, 'auditor', 'viewer');
      const { findings } = await auditor.client.call('verify-ledger', {});
      expect(findings).toEqual([`holder:${alice.id}:EUR is not watched although its owner is restricted.`]);
    });
  });

  test('is refused when it would open an account', async () => {
    expect(await order(() => restricting(support, bob, 'receive'))).toEqual([
      'restricted',
      'recipient_unavailable',
    ]);
    expect(await balanceOf(bob)).toBe('0 EUR');
    await audit(harness);
  });

  test('positive control: when it does not write the guard down, it is paid after the answer', async () => {
    spoil = (changes) => ({ ...changes, guards: changes.guards.filter(({ value }) => value !== 0n) });
    expect(await order(() => restricting(support, bob, 'receive'))).toEqual(['restricted', 'paid']);
  });
});

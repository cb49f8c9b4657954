import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Output } from '../../../src/core/contract/operations.ts';
import { Refusal } from '../../../src/core/contract/refusals.ts';
import { runApproval } from '../../../src/service/approvals/run.ts';
import { runApprovals } from '../../../src/service/jobs/run-approvals.ts';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import {
  audit,
  balanceOf,
  fund,
  money,
  newKey,
  person,
  refusalOf,
  send,
  type Poster,
  type Transfer,
} from '../money/wallet.ts';

const HOUR = 3_600_000;

eachEngine((engine) => {
  let harness: Harness;
  let [alice, bob, carol] = [] as unknown as [Holder, Holder, Holder];
  let paid: Transfer;
  let isSound: boolean;
  beforeEach(async () => {
    isSound = true;
    harness = await openHarness({ engine });
    [alice, bob, carol] = [
      await person(harness, 'alice'),
      await person(harness, 'bob'),
      await person(harness, 'carol'),
    ];
    await fund(harness, alice, '100');
    paid = await send(alice, bob.email, '60 EUR');
  });
  afterEach(async () => {
    if (isSound) await audit(harness);
    await harness.close();
  });

  const staff = (role: string) => person(harness, `${role}${newKey()}`, role);
  const ask = async (amount?: string, transfer = paid.id) =>
    (await staff('senior')).client.call('reverse-transfer', {
      transfer,
      reason: 'it was a fraud',
      ...(amount === undefined ? {} : { amount: money(amount) }),
    });
  const approve = async ({ id }: { id: string }) =>
    (await staff('senior')).client.call('approve-act', { approval: id, reason: 'it was' });
  const show = async ({ id }: { id: string }): Promise<Output<'get-approval'>> =>
    (await staff('support')).client.call('get-approval', { approval: id, reason: 'x' });
  const run = () => runApprovals(harness.service.deps, async () => true);
  /** What became of it, when whoever is at it has ended. */
  const ended = async (asked: { id: string }) => {
    for (let tries = 0; ; tries++) {
      const found = await show(asked);
      if (found.state !== 'running' || tries === 500) return found;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  };
  /** Puts a poster in the place of the service's own, also for the jobs that run by themselves. */
  const usePoster = (make: (own: Poster) => Poster['post']) => {
    const { deps } = harness.service;
    const own = deps.poster;
    Object.assign(deps, { poster: { ...own, post: make(own) } });
    return () => Object.assign(deps, { poster: own });
  };
  /** Asks, approves, waits and does it. */
  const reverse = async (amount?: string) => {
    const asked = await ask(amount);
    await approve(asked);
    harness.clock.advance(HOUR);
    await run();
    return ended(asked);
  };
  const balances = async () => [await balanceOf(alice), await balanceOf(bob)];

  test('moves a payment back whole, as a transfer of its own', async () => {
    const before = await alice.client.call('get-transfer', { transfer: paid.id });
    const done = await reverse();
    expect(done).toMatchObject({ state: 'done', result: { amount: '60.00 EUR' } });
    expect(await balances()).toEqual(['100.00 EUR', '0.00 EUR']);
    expect(await alice.client.call('get-transfer', { transfer: paid.id })).toEqual(before);
    const back = await alice.client.call('get-transfer', { transfer: done.result?.['transfer'] ?? '' });
    expect(back).toMatchObject({ kind: 'reversal', direction: 'in', from: { id: bob.id } });
    const why = await bob.client.call('explain', { id: paid.id });
    expect(why.because.join(' ')).toContain('60.00 EUR of it moved back');
    expect((await alice.client.call('explain', { id: back.id })).because.join(' ')).toContain(paid.id);
  });

  test('moves a part, then another, and never more than is left', async () => {
    await reverse('20 EUR');
    expect(await balances()).toEqual(['60.00 EUR', '40.00 EUR']);
    await refusalOf(ask('40.01 EUR'), 'reversal_exceeded');
    await refusalOf(ask('1 JPY'), 'amount_invalid');
    await reverse();
    expect(await balances()).toEqual(['100.00 EUR', '0.00 EUR']);
    await refusalOf(ask('0.01 EUR'), 'reversal_exceeded');
    await refusalOf(ask(), 'reversal_exceeded');
  });

  test('moves what the recipient still has, and the rest later', async () => {
    await send(bob, carol.email, '45 EUR');
    expect(await reverse()).toMatchObject({ state: 'done', result: { amount: '15.00 EUR' } });
    expect(await reverse()).toMatchObject({ state: 'failed', result: { code: 'insufficient_funds' } });
    await fund(harness, bob, '100');
    expect(await reverse()).toMatchObject({ state: 'done', result: { amount: '45.00 EUR' } });
    expect(await balances()).toEqual(['100.00 EUR', '55.00 EUR']);
  });

  test('moves it out of an account that may not send, which keeps it there meanwhile', async () => {
    const asked = await ask();
    await (
      await staff('support')
    ).client.call('restrict-account', { holder: bob.id, capabilities: ['send'], reason: 'fraud' });
    await refusalOf(send(bob, carol.email, '60 EUR'), 'account_restricted');
    await approve(asked);
    harness.clock.advance(HOUR);
    await run();
    expect(await balances()).toEqual(['100.00 EUR', '0.00 EUR']);
  });

  test('two reversals of the same payment at once: together never more than was received', async () => {
    await fund(harness, bob, '1000');
    const all = await Promise.all(Array.from({ length: 5 }, () => ask('50 EUR')));
    for (const each of all) await approve(each);
    harness.clock.advance(HOUR);
    await Promise.all(all.map(({ id }) => runApproval(harness.service.deps, id)));
    const ends = await Promise.all(all.map(ended));
    const moved = ends.flatMap(({ state, result }) => (state === 'done' ? [result?.['amount']] : []));
    expect(moved.sort()).toEqual(['10.00 EUR', '50.00 EUR']);
    expect(ends.filter(({ state }) => state === 'failed').map(({ result }) => result?.['code'])).toEqual([
      'reversal_exceeded',
      'reversal_exceeded',
      'reversal_exceeded',
    ]);
    expect(await balances()).toEqual(['100.00 EUR', '1000.00 EUR']);
  });

  test('positive control: without its guard more is moved than was received, and the audit finds it', async () => {
    await fund(harness, bob, '1000');
    usePoster(
      (own) => (intent) =>
        own.post({
          ...intent,
          guards: (intent.guards ?? []).filter(({ name }) => !name.startsWith('reversed:')),
        }),
    );
    const all = [await ask('50 EUR'), await ask('50 EUR')];
    for (const each of all) await approve(each);
    harness.clock.advance(HOUR);
    await run();
    expect(await balanceOf(alice)).toBe('140.00 EUR');
    const { sound, findings } = await (await staff('viewer')).client.call('verify-ledger', {});
    expect(sound).toBe(false);
    expect(findings.join('\n')).toContain(`Transfer ${paid.id} was reversed, but no guard counted that.`);
    isSound = false;
  });

  test('the recipient spends it at that very moment: what is left is moved, once', async () => {
    const asked = await ask();
    // Also the service's own job may be at it: whoever tries under a key waits until something was spent.
    const spent = new Map<string, Promise<unknown>>();
    usePoster((own) => async (intent) => {
      const { key } = intent.key;
      if (intent.transfer?.kind === 'reversal' && (spent.size < 2 || spent.has(key))) {
        if (!spent.has(key)) spent.set(key, send(bob, carol.email, '20 EUR'));
        await spent.get(key);
      }
      return own.post(intent);
    });
    await approve(asked);
    harness.clock.advance(HOUR);
    await run();
    expect(await ended(asked)).toMatchObject({ state: 'done', result: { amount: '20.00 EUR' } });
    expect([...spent.keys()]).toEqual([asked.id, `${asked.id} 2`]);
    expect(await balances()).toEqual(['60.00 EUR', '0.00 EUR']);
  });

  test('killed after the money moved: done once, with the figures of that', async () => {
    const asked = await ask('30 EUR');
    await approve(asked);
    harness.clock.advance(HOUR);
    const restore = usePoster((own) => async (intent) => {
      await own.post(intent);
      throw new Refusal('outcome_unknown');
    });
    await runApproval(harness.service.deps, asked.id).catch(() => undefined);
    restore();
    await fund(harness, bob, '500');
    // The service's own job may have met the same end, and has put it off.
    harness.clock.advance(60_000);
    await run();
    expect(await ended(asked)).toMatchObject({ state: 'done', result: { amount: '30.00 EUR' } });
    expect(await balances()).toEqual(['70.00 EUR', '530.00 EUR']);
  });

  test('both are told, nobody of the reason', async () => {
    await reverse();
    await harness.call('list-fees', {}).catch(() => undefined);
    const asked = await harness.nextMail(bob.email, 'act-asked');
    expect(asked.text).toContain(paid.id);
    const [taken, given] = [
      await harness.nextMail(bob.email, 'act-done'),
      await harness.nextMail(alice.email, 'act-done'),
    ];
    expect(taken.text).toContain('was moved back');
    expect(given.text).toContain('came back to you');
    for (const { text } of [asked, taken, given]) expect(text).not.toContain('fraud');
  });

  test('only payments between holders are reversed, and never by one of them', async () => {
    const deposit = await fund(harness, bob, '1');
    await refusalOf(ask(undefined, deposit), 'transfer_not_reversible');
    await refusalOf(ask(undefined, 'trf_01m1v4n3zw3hw1h1v4n3zw3hw1'), 'not_found');
    const back = await reverse('1 EUR');
    await refusalOf(ask(undefined, back.result?.['transfer'] ?? ''), 'transfer_not_reversible');
    const member = await staff('senior');
    const toMember = await send(bob, member.email, '1 EUR');
    const own = { transfer: toMember.id, reason: 'x' };
    await refusalOf(member.client.call('reverse-transfer', own), 'staff_self');
    const asked = await ask(undefined, toMember.id);
    await refusalOf(member.client.call('approve-act', { approval: asked.id, reason: 'x' }), 'staff_self');
  });
});

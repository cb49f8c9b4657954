import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Input, Output } from '../../../src/core/contract/operations.ts';
import { Refusal } from '../../../src/core/contract/refusals.ts';
import { runApproval } from '../../../src/service/approvals/run.ts';
import { timestamp } from '../../../src/service/deps.ts';
import { runApprovals } from '../../../src/service/jobs/run-approvals.ts';
import { perform } from '../../../src/service/perform.ts';
import { recordsAbout } from '../../../src/service/store/audit-log.ts';
import { setRole } from '../../../src/service/store/users.ts';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import { audit, balanceOf, fund, money, newKey, person, refusalOf, type Poster } from '../money/wallet.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
type Approval = Output<'get-approval'>;
/** Stands for the end of a process in the middle of its work. */
const killed = new Refusal('outcome_unknown');

eachEngine((engine) => {
  let harness: Harness;
  let [alice, asker] = [] as unknown as [Holder, Holder];
  beforeEach(async () => {
    harness = await openHarness({ engine });
    alice = await person(harness, 'alice');
    asker = await person(harness, 'asker', 'senior');
    await fund(harness, alice, '100');
  });
  afterEach(async () => {
    await audit(harness);
    await harness.close();
  });

  /** Somebody who has just logged in: a proof of who one is, and a session of staff, do not last. */
  const staff = (role: string) => person(harness, `${role}${newKey()}`, role);
  const adjust = (
    by: Holder,
    amount: string,
    direction: 'credit' | 'debit' = 'credit',
    holder = alice.email,
  ) =>
    by.client.call('adjust-balance', { holder, amount: money(amount), direction, reason: 'a fee was wrong' });
  const approve = (by: Holder, { id }: { id: string }) =>
    by.client.call('approve-act', { approval: id, reason: 'I have checked' });
  const refuse = (by: Holder, { id }: { id: string }) =>
    by.client.call('refuse-act', { approval: id, reason: 'not so' });
  const show = async ({ id }: { id: string }): Promise<Approval> =>
    (await staff('support')).client.call('get-approval', { approval: id, reason: 'to see' });
  const run = (deps = harness.service.deps) => runApprovals(deps, async () => true);
  const transfersOf = async (kind: string) =>
    harness.service.deps.engine.all('SELECT id FROM transfers WHERE kind = ?', [kind]);

  test('is asked, approved by somebody else, waits, and is done once', async () => {
    const asked = await adjust(asker, '5 EUR');
    expect(asked).toMatchObject({
      state: 'asked',
      act: 'adjustment',
      holder: { id: alice.id },
      askedBy: asker.id,
      input: { amount: '5.00', currency: 'EUR', direction: 'credit' },
    });
    const admin = await staff('admin');
    const approved = await approve(admin, asked);
    expect(approved).toMatchObject({ state: 'approved', decidedBy: admin.id });
    expect(approved.runsAt).toBe(timestamp(harness.clock.now() + HOUR));

    harness.clock.advance(HOUR - 1);
    await run();
    expect(await balanceOf(alice)).toBe('100.00 EUR');
    harness.clock.advance(1);
    await Promise.all([run(), run(), runApproval(harness.service.deps, asked.id)]);
    await run();
    expect(await balanceOf(alice)).toBe('105.00 EUR');
    const done = await show(asked);
    expect(done.state).toBe('done');
    expect(done.result?.['transfer']).toMatch(/^trf_/);
    const transfer = await alice.client.call('get-transfer', { transfer: done.result?.['transfer'] ?? '' });
    expect(transfer).toMatchObject({
      kind: 'adjustment',
      direction: 'in',
      from: { name: 'Adjustments by staff' },
    });
  });

  test('everything about it is recorded, and the asker’s words are kept', async () => {
    const asked = await adjust(asker, '5 EUR');
    const admin = await staff('admin');
    await approve(admin, asked);
    harness.clock.advance(HOUR);
    await run();
    const records = await recordsAbout(harness.service.deps.engine, alice.id, { limit: 10 });
    expect(records.map(({ action, actor, reason }) => [action, actor, reason])).toEqual([
      ['act-done', 'system:approvals', 'a fee was wrong'],
      ['act-approved', admin.id, 'I have checked'],
      ['act-asked', asker.id, 'a fee was wrong'],
    ]);
    expect(new Set(records.map(({ object }) => object))).toEqual(new Set([asked.id]));
  });

  describe('four eyes (ASVS V2.3.5)', () => {
    test('who asked does not decide, whatever their role is by now', async () => {
      const asked = await adjust(asker, '5 EUR');
      for (const role of ['senior', 'admin']) {
        await harness.service.deps.engine.transact((tx) => setRole(tx, asker.id, role));
        await refusalOf(approve(asker, asked), 'four_eyes');
        await refusalOf(refuse(asker, asked), 'four_eyes');
      }
      expect((await show(asked)).state).toBe('asked');
    });

    test('nobody decides on, or asks for, their own account', async () => {
      const admin = await staff('admin');
      await refusalOf(adjust(asker, '5 EUR', 'credit', asker.email), 'staff_self');
      const other = await staff('senior');
      const asked = await adjust(asker, '5 EUR', 'credit', other.id);
      await refusalOf(approve(other, asked), 'staff_self');
      await refusalOf(adjust(other, '5 EUR', 'credit', admin.id), 'role_insufficient');
    });

    test('who decides has the role that the act asks for, and that of the holder at least', async () => {
      const asked = await adjust(asker, '5 EUR');
      await refusalOf(approve(await staff('senior'), asked), 'role_insufficient');
      await refusalOf(approve(await staff('support'), asked), 'role_insufficient');
      await refusalOf(adjust(await staff('support'), '5 EUR'), 'role_insufficient');
    });

    test('who decides has just proved who they are (ASVS V7.5.1)', async () => {
      const asked = await adjust(asker, '5 EUR');
      const admin = await staff('admin');
      harness.clock.advance(5 * 60_000 + 1);
      await refusalOf(approve(admin, asked), 'proof_required');
    });

    test('whoever lost the role meanwhile has decided nothing (ASVS V8.3.2)', async () => {
      for (const whose of ['asker', 'decider'] as const) {
        const both = { asker: await staff('senior'), decider: await staff('admin') };
        const asked = await adjust(both.asker, '5 EUR');
        await approve(both.decider, asked);
        await harness.service.deps.engine.transact((tx) => setRole(tx, both[whose].id, 'viewer'));
        harness.clock.advance(HOUR);
        await run();
        expect(await show(asked)).toMatchObject({ state: 'failed', result: { code: 'role_insufficient' } });
      }
      expect(await balanceOf(alice)).toBe('100.00 EUR');
    });

    test('two who decide at once: one does', async () => {
      const asked = await adjust(asker, '5 EUR');
      const deciders = await Promise.all(Array.from({ length: 6 }, () => staff('admin')));
      const ends = await Promise.allSettled(
        deciders.map((by, at) => (at % 2 === 0 ? approve(by, asked) : approve(by, asked))),
      );
      expect(ends.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });
  });

  describe('every state and every event, at the service (ASVS V2.3.1)', () => {
    /** Brings a new one into a state. */
    const bring: Record<string, () => Promise<Approval>> = {
      asked: () => adjust(asker, '5 EUR'),
      approved: async () => approve(await staff('admin'), await adjust(asker, '5 EUR')),
      refused: async () => refuse(await staff('admin'), await adjust(asker, '5 EUR')),
      done: async () => {
        const asked = await bringTo('approved');
        harness.clock.advance(HOUR);
        await run();
        return show(asked);
      },
      failed: async () => {
        const asked = await adjust(asker, '5000 EUR', 'debit');
        await approve(await staff('admin'), asked);
        harness.clock.advance(HOUR);
        await run();
        return show(asked);
      },
      expired: async () => {
        const asked = await bringTo('asked');
        harness.clock.advance(7 * DAY);
        await run();
        return show(asked);
      },
      running: async () => {
        const asked = await bringTo('approved');
        harness.clock.advance(HOUR);
        const { deps } = harness.service;
        const dies: Poster = { ...deps.poster, post: () => Promise.reject(killed) };
        await runApproval({ ...deps, poster: dies }, asked.id).catch(() => undefined);
        return show(asked);
      },
    };
    const bringTo = (state: string): Promise<Approval> => (bring[state] as () => Promise<Approval>)();

    test.each([
      ['asked', 'approved', 'refused'],
      ['approved', 'approval_decided', 'refused'],
      ['running', 'approval_decided', 'approval_decided'],
      ['refused', 'approval_decided', 'approval_decided'],
      ['done', 'approval_decided', 'approval_decided'],
      ['failed', 'approval_decided', 'approval_decided'],
      ['expired', 'approval_decided', 'approval_decided'],
    ])('%s: approving gives %s, refusing gives %s', async (state, onApprove, onRefuse) => {
      for (const [decide, expected] of [
        [approve, onApprove],
        [refuse, onRefuse],
      ] as const) {
        asker = await staff('senior');
        const brought = await bringTo(state);
        // The background job may be quicker than the test where something can be gone on with.
        if (state !== 'running') expect(brought.state).toBe(state);
        const result = await decide(await staff('admin'), brought).then(
          (answer) => answer.state,
          (error: Refusal) => error.code,
        );
        expect(result).toBe(expected);
      }
    });

    test('what nobody decided on within seven days is over, also before the job has looked', async () => {
      const asked = await adjust(asker, '5 EUR');
      harness.clock.advance(7 * DAY);
      const refusal = await refusalOf(approve(await staff('admin'), asked), 'approval_decided');
      expect(refusal.facts['state']).toBe('expired');
    });

    test('what was called back is not done', async () => {
      const asked = await adjust(asker, '5 EUR');
      await approve(await staff('admin'), asked);
      await refuse(await staff('admin'), asked);
      harness.clock.advance(HOUR);
      await run();
      expect(await balanceOf(alice)).toBe('100.00 EUR');
    });
  });

  test('killed after the money moved and before that was written: done once all the same', async () => {
    const asked = await adjust(asker, '5 EUR');
    await approve(await staff('admin'), asked);
    harness.clock.advance(HOUR);
    const { deps } = harness.service;
    const dies: Poster = {
      ...deps.poster,
      post: async (intent) => {
        await deps.poster.post(intent);
        throw killed;
      },
    };
    await runApproval({ ...deps, poster: dies }, asked.id).catch(() => undefined);
    await run();
    await run();
    expect((await show(asked)).state).toBe('done');
    expect(await balanceOf(alice)).toBe('105.00 EUR');
    expect(await transfersOf('adjustment')).toHaveLength(1);
  });

  test('positive control: under a key of the moment it is done twice', async () => {
    const asked = await adjust(asker, '5 EUR');
    await approve(await staff('admin'), asked);
    harness.clock.advance(HOUR);
    const { deps } = harness.service;
    let dying = true;
    const forgetful: Poster = {
      ...deps.poster,
      post: async (intent) => {
        const outcome = await deps.poster.post({ ...intent, key: { ...intent.key, key: newKey() } });
        if (!dying) return outcome;
        dying = false;
        throw killed;
      },
    };
    const careless = { ...deps, poster: forgetful };
    await runApproval(careless, asked.id).catch(() => undefined);
    await runApproval(careless, asked.id);
    expect(await transfersOf('adjustment')).toHaveLength(2);
  });

  test('one that fails for no reason of its own does not keep the others from their turn', async () => {
    const [first, second] = [await adjust(asker, '5 EUR'), await adjust(asker, '7 EUR')];
    for (const each of [first, second]) await approve(await staff('admin'), each);
    harness.clock.advance(HOUR);
    const { deps } = harness.service;
    const faulty: Poster = {
      ...deps.poster,
      post: (intent) => (intent.key.key === first.id ? Promise.reject(killed) : deps.poster.post(intent)),
    };
    await run({ ...deps, poster: faulty });
    expect((await show(second)).state).toBe('done');
    harness.clock.advance(60_000);
    await run();
    expect((await show(first)).state).toBe('done');
  });

  describe('adjustments', () => {
    test('give and take, and come to zero in the books', async () => {
      for (const [amount, direction] of [
        ['5 EUR', 'credit'],
        ['12.34 EUR', 'debit'],
        ['700 JPY', 'credit'],
      ] as const) {
        const admin = await staff('admin');
        await approve(admin, await adjust(await staff('senior'), amount, direction));
      }
      harness.clock.advance(HOUR);
      await run();
      expect(await balanceOf(alice)).toBe('92.66 EUR');
      expect(await balanceOf(alice, 'JPY')).toBe('700 JPY');
      const auditor = await staff('viewer');
      const { currencies } = await auditor.client.call('verify-ledger', {});
      expect(currencies).toEqual([
        { currency: 'EUR', sum: '0.00' },
        { currency: 'JPY', sum: '0' },
      ]);
      const why = await alice.client.call('explain', {
        id: (await alice.client.call('list-transfers', { kind: 'adjustment' })).transfers[0]?.id ?? '',
      });
      expect(why.because.join(' ')).toContain('Two members of staff');
    });

    test('never take what is not there', async () => {
      const asked = await adjust(asker, '100.01 EUR', 'debit');
      await approve(await staff('admin'), asked);
      harness.clock.advance(HOUR);
      await run();
      expect(await show(asked)).toMatchObject({ state: 'failed', result: { code: 'insufficient_funds' } });
      expect(await balanceOf(alice)).toBe('100.00 EUR');
    });

    test('make no sense of nonsense', async () => {
      await refusalOf(adjust(asker, '0 EUR'), 'amount_invalid');
      await refusalOf(adjust(asker, '-5 EUR'), 'amount_invalid');
      await refusalOf(adjust(asker, '5.001 EUR'), 'amount_invalid');
      await refusalOf(adjust(asker, '5 EUR', 'credit', 'nobody@example.com'), 'not_found');
    });

    test('reach an account that is restricted', async () => {
      await asker.client.call('restrict-account', {
        holder: alice.id,
        capabilities: ['send', 'receive'],
        reason: 'x',
      });
      await approve(await staff('admin'), await adjust(asker, '5 EUR', 'debit'));
      harness.clock.advance(HOUR);
      await run();
      expect(await balanceOf(alice)).toBe('95.00 EUR');
    });
  });

  test('the list shows what waits, newest first, in pages', async () => {
    const asked: Approval[] = [];
    for (const amount of ['1 EUR', '2 EUR', '3 EUR']) asked.push(await adjust(asker, amount));
    const { client } = await staff('support');
    const all = async (input: Input<'list-approvals'>) => client.call('list-approvals', input);
    const first = await all({ limit: 2, state: 'asked' });
    expect(first.approvals.map(({ id }) => id)).toEqual([asked[2]?.id, asked[1]?.id]);
    const rest = await all({ limit: 2, ...(first.nextCursor ? { cursor: first.nextCursor } : {}) });
    expect(rest.approvals.map(({ id }) => id)).toEqual([asked[0]?.id]);
    expect(rest.nextCursor).toBeUndefined();
    expect((await all({ state: 'done' })).approvals).toEqual([]);
    await refusalOf(
      client.call('get-approval', { approval: 'apr_01m1v4n3zw3hw1h1v4n3zw3hw1', reason: 'x' }),
      'not_found',
    );
  });

  test('the holder is told when it is asked and when it is done', async () => {
    const asked = await adjust(asker, '5 EUR');
    await harness.call('list-fees', {}).catch(() => undefined);
    const first = await harness.nextMail(alice.email, 'act-asked');
    expect(first.text).toContain('5.00 EUR be added to your account');
    expect(first.text).not.toContain('a fee was wrong');
    await approve(await staff('admin'), asked);
    harness.clock.advance(HOUR);
    await run();
    await harness.call('list-fees', {}).catch(() => undefined);
    const second = await harness.nextMail(alice.email, 'act-done');
    expect(second.text).toContain('5.00 EUR was added to your account');
    expect(second.text).not.toContain(asker.displayName);
  });

  test('a session that is not staff’s reaches none of it', async () => {
    const asked = await adjust(asker, '5 EUR');
    for (const call of [
      { operation: 'approve-act', input: { approval: asked.id, reason: 'x' } },
      { operation: 'list-approvals', input: {} },
    ] as const) {
      const answer = perform(harness.service.deps, { ...call, token: alice.token }, { console: true });
      await refusalOf(answer, 'role_insufficient');
    }
  });
});

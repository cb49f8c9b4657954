import { afterEach, beforeEach, expect, test } from 'vitest';
import { runApprovals } from '../../../src/service/jobs/run-approvals.ts';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import { audit, newKey, person, refusalOf } from '../money/wallet.ts';
import { bankDay, importCounts, importFile, inSuspense, type Line } from './bank-day.ts';

eachEngine((engine) => {
  let harness: Harness;
  let staff: Holder;
  let senior: Holder;
  let alice: Holder;
  let item: string;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    staff = await person(harness, `support${newKey()}`, 'support');
    senior = await person(harness, `senior${newKey()}`, 'senior');
    alice = await person(harness, 'alice');
    await importFile(
      staff,
      bankDay({ lines: [{ amount: '7.00', ref: 'IN', payer: 'Somebody' }], opening: '0.00' }),
    );
    item = (await items('open'))[0]?.transfer ?? '';
  });
  afterEach(async () => {
    await audit(harness);
    await harness.close();
  });

  const items = async (state: 'open' | 'assigned' | 'returning' | 'returned') =>
    (await staff.client.call('list-suspense', { state })).items;
  const ask = (who = staff) => who.client.call('return-suspense', { transfer: item, reason: 'not for us' });
  const approve = (approval: string, who = senior) =>
    who.client.call('approve-act', { approval, reason: 'I have checked' });
  const run = () => runApprovals(harness.service.deps, async () => true);
  const assign = () =>
    staff.client.call('assign-suspense', { transfer: item, to: alice.email, reason: 'x' }, { key: newKey() });
  const next = (line: Partial<Line>) =>
    importCounts(
      staff,
      bankDay({
        day: '2026-03-03',
        opening: '7.00',
        lines: [{ amount: '7.00', side: 'DBIT', ref: newKey(), ...line }],
      }),
    );

  test('two people decide; then nobody can be given it, and the debit with its reference settles it', async () => {
    const asked = await ask();
    const reference = item.slice(4).toUpperCase();
    expect(asked).toMatchObject({
      act: 'suspense-return',
      state: 'asked',
      input: { transfer: item, amount: '7.00', currency: 'EUR', payer: 'Somebody', reference },
    });
    await refusalOf(approve(asked.id, staff), 'role_insufficient');
    await refusalOf(approve((await ask(senior)).id), 'four_eyes');
    expect(await items('open')).toHaveLength(1);
    await approve(asked.id);
    await run();
    expect(await items('open')).toEqual([]);
    expect(await items('returning')).toMatchObject([{ transfer: item, returnReference: reference }]);
    await refusalOf(assign(), 'reference_used');
    await refusalOf(ask(), 'reference_used');
    expect(await inSuspense(harness)).toBe('7.00');

    expect(await next({ endToEndId: reference })).toEqual([0, 1, 0, 0]);
    expect(await items('returned')).toMatchObject([{ transfer: item, state: 'returned' }]);
    expect([await items('returning'), await items('open'), await items('assigned')]).toEqual([[], [], []]);
    expect(await inSuspense(harness)).toBe('0.00');
    const { accounts } = await staff.client.call('reconcile', {});
    expect(accounts).toMatchObject([{ difference: '0.00', suspense: '0.00', reconciled: true }]);
    // A second debit of its name is nobody's.
    await next({ endToEndId: reference, day: '2026-03-04' });
    expect(await items('open')).toMatchObject([{ direction: 'debit' }]);
  });

  test('a debit of another amount, or before it was decided, waits like any other', async () => {
    const reference = item.slice(4).toUpperCase();
    await next({ endToEndId: reference });
    const asked = await ask();
    await approve(asked.id);
    await run();
    await next({ endToEndId: reference, amount: '6.00' });
    expect((await items('open')).map(({ direction, amount }) => [direction, amount.amount])).toEqual([
      ['debit', '6.00'],
      ['debit', '7.00'],
    ]);
    expect(await items('returning')).toHaveLength(1);
  });

  test('what was assigned meanwhile is not returned', async () => {
    const asked = await ask();
    await assign();
    await approve(asked.id);
    await run();
    const { approvals } = await staff.client.call('list-approvals', {});
    expect(approvals).toMatchObject([{ state: 'failed', result: { code: 'reference_used' } }]);
    expect(await items('assigned')).toHaveLength(1);
  });

  test('only credits that wait in suspense are returned', async () => {
    await refusalOf(
      staff.client.call('return-suspense', { transfer: 'trf_00000000000000000000000000', reason: 'x' }),
      'not_found',
    );
    await refusalOf(
      alice.client.call('return-suspense', { transfer: item, reason: 'x' }),
      'role_insufficient',
    );
  });
});

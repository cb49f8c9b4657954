import { afterEach, beforeEach, expect, test } from 'vitest';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import { audit, fund, money, newKey, person, refusalOf } from '../money/wallet.ts';
import {
  batchAll,
  COOL_OFF_MS,
  importLines,
  importReport,
  openPayouts,
  OWN_IBAN,
  paidLine,
  quoteOf,
  returnedLine,
  statusReport,
  THEIR_IBAN,
  usableAccount,
  withdraw,
} from './payouts.ts';

eachEngine((engine) => {
  let harness: Harness;
  let alice: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    alice = await person(harness, 'alice');
    await fund(harness, alice, '5000');
    await openPayouts(harness);
  });
  afterEach(async () => {
    await audit(harness);
    await harness.close();
  });

  const staff = (role: string) => person(harness, `${role}${newKey()}`, role);
  const show = async (id: string) => alice.client.call('get-withdrawal', { withdrawal: id });
  const approvalOf = async (id: string) => {
    const { client } = await staff('support');
    return (await client.call('look-at-withdrawal', { withdrawal: id, reason: 'to see' })).approval ?? '';
  };
  const restrict = async (
    inFlight: 'freeze' | 'finish' | 'cancel',
    capability: 'withdraw' | 'send' = 'withdraw',
  ) => {
    const { client } = await staff('support');
    await client.call('restrict-account', {
      holder: alice.email,
      capabilities: [capability],
      reason: 'a call from the bank',
      inFlight,
    });
  };
  const available = async () => {
    const { balances } = await alice.client.call('list-balances', {});
    return balances.find(({ currency }) => currency === 'EUR')?.available.amount;
  };

  test('an account that was added cannot be emptied into within seconds, by whoever has the session (ASVS V2.4.2)', async () => {
    await alice.client.call('add-bank-account', { fields: { iban: THEIR_IBAN }, currency: 'EUR' });
    await refusalOf(quoteOf(alice, '10.00 EUR'), 'bank_account_cooling');
    harness.clock.advance(COOL_OFF_MS - 1);
    await refusalOf(quoteOf(alice, '10.00 EUR'), 'bank_account_cooling');
    harness.clock.advance(1);
    expect((await withdraw(alice, '10.00 EUR')).state).toBe('approved');
  });

  test('what is above the limit takes a second person, and never its holder, with whatever role (ASVS V2.3.5)', async () => {
    await (await staff('admin')).client.call('set-withdrawal-rules', { coolOffHours: 0 });
    const both = await person(harness, 'both', 'senior');
    await fund(harness, both, '5000');
    await both.client.call('add-bank-account', { fields: { iban: THEIR_IBAN }, currency: 'EUR' });
    const own = await withdraw(both, '1000.00 EUR');
    expect(own.state).toBe('requested');
    const approve = (by: Holder, approval: string) =>
      by.client.call('approve-act', { approval, reason: 'I have checked' });
    const approval = await approvalOf(own.id);
    const again = await staff('senior');
    await refusalOf(approve(both, approval), 'four_eyes');
    await refusalOf(approve(await staff('support'), approval), 'role_insufficient');
    expect(await batchAll(harness)).toEqual([]);
    await approve(again, approval);
    const state = async () => (await both.client.call('get-withdrawal', { withdrawal: own.id })).state;
    await expect.poll(state).toBe('approved');
    // What staff wrote about it is not for the holder.
    const told = await both.client.call('get-withdrawal', { withdrawal: own.id });
    expect(JSON.stringify(told)).not.toContain('I have checked');
    expect(await batchAll(harness)).toHaveLength(1);
  });

  test('nobody decides in a week: the money is there again', async () => {
    await usableAccount(harness, alice);
    const made = await withdraw(alice, '2000.00 EUR');
    expect(made.state).toBe('requested');
    harness.clock.advance(7 * 86_400_000);
    await harness.call('verify-support-code', { code: 'x' }).catch(() => undefined);
    await expect.poll(async () => (await show(made.id)).state).toBe('rejected');
    expect(await available()).toBe('5000.00');
  });

  test('whoever is kept from withdrawing begins none; what is under way is frozen, finished or called back', async () => {
    await usableAccount(harness, alice);
    const frozen = await withdraw(alice, '10.00 EUR');
    await restrict('freeze');
    const { id: quote } = await quoteOf(alice, '10.00 EUR');
    await refusalOf(
      alice.client.call('create-withdrawal', { quote }, { key: newKey() }),
      'account_restricted',
    );
    expect(await batchAll(harness)).toEqual([]);
    expect((await show(frozen.id)).state).toBe('approved');
    await restrict('cancel');
    expect((await show(frozen.id)).state).toBe('cancelled');
    expect(await available()).toBe('5000.00');
  });

  test('what a bank has is not called back by a restriction, and what it says is booked', async () => {
    await usableAccount(harness, alice);
    const atBank = await withdraw(alice, '10.00 EUR');
    await batchAll(harness);
    const later = await withdraw(alice, '20.00 EUR');
    await restrict('cancel', 'send');
    expect((await show(later.id)).state).toBe('approved');
    await restrict('cancel');
    expect((await show(later.id)).state).toBe('cancelled');
    expect((await show(atBank.id)).state).toBe('batched');
    await importLines(harness, [paidLine(atBank)]);
    expect((await show(atBank.id)).state).toBe('settled');
    await importLines(harness, [returnedLine(atBank)]);
    expect((await show(atBank.id)).state).toBe('returned');
  });

  test('a file that was written stays what it is, whatever is restricted or removed afterwards', async () => {
    const account = await usableAccount(harness, alice);
    const made = await withdraw(alice, '10.00 EUR');
    const [batch] = await batchAll(harness);
    await alice.client.call('remove-bank-account', { account: account.id });
    await restrict('freeze');
    const report = statusReport(batch?.messageId ?? '', [[made.id, 'ACSP']]);
    expect(await importReport(harness, report)).toMatchObject({ sent: 1 });
    expect(await importReport(harness, report)).toMatchObject({ sent: 0, unchanged: 1 });
  });

  test('a report for files and payments that are not ours, or in other amounts, changes nothing', async () => {
    await usableAccount(harness, alice);
    const made = await withdraw(alice, '10.00 EUR');
    const [batch] = await batchAll(harness);
    const other = await withdraw(alice, '10.00 EUR');
    const messageId = batch?.messageId ?? '';
    const foreign = statusReport('SOMEBODY-ELSES', [[made.id, 'RJCT']]);
    expect(await importReport(harness, foreign)).toMatchObject({ failed: 0, unknownCount: 1 });
    const mixed = statusReport(messageId, [[other.id, 'RJCT']]);
    expect(await importReport(harness, mixed)).toMatchObject({ failed: 0, unknownCount: 1 });
    const cheaper = statusReport(messageId, [[made.id, 'RJCT']]).replace(
      '</TxInfAndSts>',
      '<OrgnlTxRef><Amt><InstdAmt Ccy="EUR">9.99</InstdAmt></Amt></OrgnlTxRef></TxInfAndSts>',
    );
    expect(await importReport(harness, cheaper)).toMatchObject({ failed: 0, unknownCount: 1 });
    const part = statusReport(messageId, [], 'PART');
    expect(await importReport(harness, part)).toMatchObject({ sent: 0, failed: 0 });
    expect((await show(made.id)).state).toBe('batched');
    const whole = statusReport(messageId, [], 'RJCT');
    expect(await importReport(harness, whole)).toMatchObject({ failed: 1 });
    expect((await show(made.id)).state).toBe('failed');
    // Paid all the same: nobody is charged twice, and staff hear of it.
    expect(await importLines(harness, [paidLine(made)])).toMatchObject({ withdrawals: 0, suspense: 1 });
    expect(await importLines(harness, [returnedLine(made)])).toMatchObject({ withdrawals: 0, suspense: 1 });
    expect(await available()).toBe('4989.95');
  });

  test('a bank that refuses a file because it has it already says nothing of the first one', async () => {
    await usableAccount(harness, alice);
    const made = await withdraw(alice, '10.00 EUR');
    const [batch] = await batchAll(harness);
    const messageId = batch?.messageId ?? '';
    const why = (code: string) => `<StsRsnInf><Rsn><Cd>${code}</Cd></Rsn></StsRsnInf>`;
    const whole = (code: string) =>
      statusReport(messageId, [], 'RJCT').replace('</GrpSts>', `</GrpSts>${why(code)}`);
    const reports = [
      whole('DU01'),
      statusReport(messageId, [[made.id, 'RJCT', 'DU04']]),
      statusReport(messageId, [[made.id, 'RJCT', 'AM05']], 'RJCT'),
      statusReport(messageId, [[made.id, 'RJCT']], 'RJCT').replace('</GrpSts>', `</GrpSts>${why('DU02')}`),
    ];
    for (const report of reports) {
      const came = await importReport(harness, report);
      expect(came).toMatchObject({ batch: batch?.id, sent: 0, failed: 0 });
      expect(came.unknownCount).toBeGreaterThan(0);
      for (const { reason } of came.unknown) expect(reason).toContain('has this already');
      expect((await show(made.id)).state).toBe('batched');
    }
    expect(await available()).toBe('4989.95');
    await importReport(harness, statusReport(messageId, [[made.id, 'ACSP']]));
    await importReport(harness, whole('DU01'));
    expect((await show(made.id)).state).toBe('sent');
    await importLines(harness, [paidLine(made)]);
    expect((await show(made.id)).state).toBe('settled');
    // Another reason is about this very file.
    const other = await withdraw(alice, '10.00 EUR');
    const [next] = await batchAll(harness);
    await importReport(harness, statusReport(next?.messageId ?? '', [[other.id, 'RJCT', 'AC04']]));
    expect((await show(other.id)).state).toBe('failed');
  });

  test('another amount, account or sign in a statement is nobody’s', async () => {
    await usableAccount(harness, alice);
    const made = await withdraw(alice, '10.00 EUR');
    await batchAll(harness);
    const line = paidLine(made);
    for (const [lines, more] of [
      [[{ ...line, amount: '10.01', ref: 'A' }], {}],
      [[{ ...line, ref: 'B' }], { iban: 'DE89370400440532013000' }],
      [[{ ...line, side: 'CRDT', ref: 'C' }], {}],
    ] as const)
      expect(await importLines(harness, lines, more)).toMatchObject({ withdrawals: 0, suspense: 1 });
    expect((await show(made.id)).state).toBe('batched');
    await importLines(harness, [line]);
    expect((await show(made.id)).state).toBe('settled');
    // A bank may keep something of what it brings back, and never brings more than it took.
    const back = returnedLine(made);
    expect(await importLines(harness, [{ ...back, amount: '10.01', ref: 'D' }])).toMatchObject({
      suspense: 1,
    });
    expect(await importLines(harness, [{ ...back, amount: '9.00', ref: 'E' }])).toMatchObject({
      withdrawals: 1,
    });
    expect(await importLines(harness, [{ ...back, amount: '2.00', ref: 'F' }])).toMatchObject({
      suspense: 1,
    });
    expect((await show(made.id)).state).toBe('returned');
    expect(await available()).toBe('4999.00');
  });

  test('the rules are the operator’s: how long, up to how much, and whether a fee comes back', async () => {
    const { client } = await staff('admin');
    const set = await client.call('set-withdrawal-rules', {
      coolOffHours: 0,
      refundFee: false,
      automatic: money('0 EUR'),
    });
    expect(set).toMatchObject({ coolOffHours: 0, refundFee: false, automatic: [], nameCheck: false });
    await alice.client.call('add-bank-account', { fields: { iban: THEIR_IBAN }, currency: 'EUR' });
    const made = await withdraw(alice, '10.00 EUR');
    expect(made.state).toBe('requested');
    await (
      await staff('senior')
    ).client.call('approve-act', {
      approval: await approvalOf(made.id),
      reason: 'I have checked',
    });
    await expect.poll(async () => (await show(made.id)).state).toBe('approved');
    await batchAll(harness);
    await importLines(harness, [paidLine(made)]);
    await importLines(harness, [returnedLine(made)]);
    expect(await available()).toBe('4999.95');
  });

  test('staff see withdrawals with masked accounts, each look recorded, and whoever withdraws sees the story', async () => {
    await usableAccount(harness, alice);
    const made = await withdraw(alice, '10.00 EUR');
    const viewer = await staff('viewer');
    const list = await viewer.client.call('list-staff-withdrawals', { state: 'approved' });
    expect(list.withdrawals).toMatchObject([{ id: made.id, to: 'Alice Example, NL •••4300' }]);
    expect(JSON.stringify(list)).not.toContain(THEIR_IBAN);
    const reason = 'the holder called';
    await viewer.client.call('look-at-withdrawal', { withdrawal: made.id, reason });
    const story = await viewer.client.call('look-at-timeline', {
      holder: alice.id,
      reason,
      kind: 'withdrawal',
    });
    expect(story.events.map(({ action }) => action)).toEqual(['withdrawal-approved', 'withdrawal-requested']);
    const { activity } = await alice.client.call('list-activity', {});
    expect(activity.map(({ action }) => action)).toContain('withdrawal-looked-at');
    const why = await alice.client.call('explain', { id: made.id });
    expect(why).toMatchObject({ thing: 'withdrawal', state: 'approved' });
    expect(why.because.join(' ')).toContain('can still be called back');
    expect(await alice.client.call('explain', { id: made.quote })).toMatchObject({ state: 'used' });
  });

  test('the wallet’s own accounts are added and removed by administrators; without one nothing is batched', async () => {
    const { client } = await staff('admin');
    const { accounts } = await client.call('list-own-accounts', {});
    expect(accounts).toMatchObject([{ iban: OWN_IBAN, currency: 'EUR' }]);
    await refusalOf(
      client.call('add-own-account', { iban: 'DE00', currency: 'EUR', name: 'Wallet' }),
      'bank_account_invalid',
    );
    await usableAccount(harness, alice);
    await withdraw(alice, '10.00 EUR');
    await (await staff('admin')).client.call('remove-own-account', { iban: OWN_IBAN, currency: 'EUR' });
    await refusalOf(batchAll(harness), 'own_account_missing');
    expect(await (await staff('viewer')).client.call('get-withdrawal-rules', {})).toMatchObject({
      coolOffHours: 24,
      refundFee: true,
      automatic: [money('1000.00 EUR')],
    });
  });
});

import { afterEach, beforeEach, expect, test } from 'vitest';
import { adjustmentsAccount, holderAccount } from '../../../src/service/ledger/accounts.ts';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import { bankDay, importFile } from '../bank/bank-day.ts';
import { rate } from '../exchange/rates-here.ts';
import { audit, fund, money, newKey, person, problemOf } from '../money/wallet.ts';
import { textOf } from './read-documents.ts';

const OPERATOR = 'Example & Söhne';

eachEngine((engine) => {
  let harness: Harness;
  let alice: Holder;
  let bob: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine, settings: { operator: OPERATOR } });
    alice = await person(harness, 'alice');
    bob = await person(harness, 'bob');
    await fund(harness, alice, '100');
  });
  afterEach(async () => {
    await audit(harness);
    await harness.close();
  });

  const receipt = (who: Holder, transfer: string, format: 'text' | 'json' | 'html' = 'text') =>
    textOf(who.client.stream('get-receipt', { transfer, format }));

  test('of a payment says who, whom, when, how much and each fee, to both, and to nobody else', async () => {
    const admin = await harness.staff();
    await admin.client.call('set-fee', { kind: 'transfer', currency: 'EUR', basisPoints: 0, fixed: '0.50' });
    const quote = await alice.client.call('create-quote', { to: bob.email, amount: money('10 EUR') });
    const { id, at } = await alice.client.call(
      'create-transfer',
      { quote: quote.id, note: 'Lunch' },
      { key: newKey() },
    );
    const text = await receipt(alice, id);
    expect(text.split('\n')).toEqual([
      'Receipt: Payment',
      '',
      `Issued by:    ${OPERATOR}, http://127.0.0.1:7227`,
      `For:          Alice Example (${alice.id})`,
      `Transfer:     ${id}`,
      `When:         ${at.slice(0, 10)} ${at.slice(11, 19)} UTC`,
      `From:         Alice Example <alice@example.com> (${alice.id})`,
      `To:           Bob Example <bob@example.com> (${bob.id})`,
      'Paid:         10.50 EUR',
      'Transfer fee: 0.50 EUR',
      'Received:     10.00 EUR',
      'Note:         Lunch',
      `Quote:        ${quote.id}`,
      '',
      `Given out by ${OPERATOR} on 2026-03-02 09:00 UTC.`,
      '',
    ]);
    const his = JSON.parse(await receipt(bob, id, 'json')) as Record<string, unknown>;
    expect(his).toMatchObject({
      operator: OPERATOR,
      holder: { id: bob.id },
      transfer: { id, direction: 'in' },
      fees: [{ name: 'Fee', amount: money('0.50 EUR') }],
    });
    // The quote and the balance of one are nothing to the other, nor to those it is shown to.
    expect(JSON.stringify(his)).not.toContain(quote.id);
    expect(JSON.stringify(his) + (await receipt(alice, id, 'json'))).not.toContain('balanceAfter');
    const carol = await person(harness, 'carol');
    const none = `trf_${'0'.repeat(26)}`;
    expect(await problemOf(receipt(carol, id), id)).toBe(await problemOf(receipt(carol, none), none));
  });

  test('of a conversion says the rate, where it is from, and what it cost against the middle of the market', async () => {
    await rate(harness, 'USD', '1.25');
    const quote = await alice.client.call('create-quote', { amount: money('10 EUR'), receive: 'USD' });
    const { id } = await alice.client.call('create-transfer', { quote: quote.id }, { key: newKey() });
    const text = await receipt(alice, id);
    expect(text).toContain('Receipt: Conversion\n');
    expect(text).toMatch(/^Rate: +1 EUR = 1\.24375 USD$/m);
    expect(text).toMatch(/^Mid-market rate: +1 EUR = 1\.25 USD \(test, 2026-03-02 09:00 UTC\)$/m);
    expect(text).toMatch(/^Cost against it: +\d\.\d\d EUR, fees included$/m);
    expect(JSON.parse(await receipt(alice, id, 'json'))).toMatchObject({ exchange: quote.exchange });
  });

  test('is there for every kind of transfer that is a holder’s', async () => {
    const admin = await harness.staff();
    await importFile(admin, bankDay({ lines: [{ amount: '7.00', ref: newKey(), payer: 'Somebody' }] }));
    const [item] = (await admin.client.call('list-suspense', { state: 'open' })).items;
    const given = { transfer: item?.transfer ?? '', to: alice.email, reason: 'hers' };
    const assignment = await admin.client.call('assign-suspense', given, { key: newKey() });
    const { deps } = harness.service;
    const put = async (kind: string, from: Parameters<typeof entry>[0], to: Parameters<typeof entry>[0]) => {
      const id = deps.newId('transfer');
      await deps.poster.post({
        id,
        initiator: 'system:test',
        key: { owner: 'system:test', key: id, fingerprint: '' },
        transfer: { kind, from, to, paid: 100n, fee: 0n, received: 100n },
        entries: [entry(from, -100n), entry(to, 100n)],
      });
      return id;
    };
    const [hers, his] = [holderAccount(alice.id, 'EUR'), holderAccount(bob.id, 'EUR')];
    const payment = await put('transfer', hers, his);
    const ids = {
      'Receipt: Deposit':
        (await alice.client.call('list-transfers', { kind: 'deposit' })).transfers[0]?.id ?? '',
      'Receipt: Payment': payment,
      'Receipt: Adjustment': await put('adjustment', adjustmentsAccount('EUR'), hers),
    };
    for (const [title, id] of Object.entries(ids)) {
      const text = await receipt(alice, id);
      expect(text.split('\n')[0]).toBe(title);
      expect(text).toMatch(/^Fee: +none$/m);
    }
    expect(await receipt(alice, assignment.id)).toMatch(/^From: +Unassigned bank entries$/m);
    await deps.engine.transact((tx) => tx.run("DELETE FROM quotes WHERE id <> ''"));
    expect(await receipt(bob, payment)).toContain('Receipt: Payment');
  });
});

function entry(account: ReturnType<typeof holderAccount>, amount: bigint) {
  return { account, amount };
}

import { afterEach, beforeEach, expect, test } from 'vitest';
import { balanceByName } from '../../../src/service/ledger/read.ts';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import { audit, fund, money, newKey, person, refusalOf } from '../money/wallet.ts';
import {
  batchAll,
  fileOf,
  importLines,
  importReport,
  openPayouts,
  OWN_IBAN,
  paidLine,
  quoteOf,
  returnedLine,
  statusReport,
  usableAccount,
  withdraw,
} from './payouts.ts';

eachEngine((engine) => {
  let harness: Harness;
  let alice: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    alice = await person(harness, 'alice');
    await fund(harness, alice, '500');
    await openPayouts(harness);
    await usableAccount(harness, alice);
  });
  afterEach(async () => {
    await audit(harness);
    await harness.close();
  });

  const show = async (id: string) => alice.client.call('get-withdrawal', { withdrawal: id });
  const balances = async () => {
    const { balances: all } = await alice.client.call('list-balances', {});
    const [euro] = all.filter(({ currency }) => currency === 'EUR');
    return { balance: euro?.balance.amount, held: euro?.held.amount };
  };

  test('a withdrawal goes from its quote to the bank, and comes back with its fee', async () => {
    const quote = await quoteOf(alice, '100.00 EUR');
    expect(quote).toMatchObject({ kind: 'withdrawal', fee: money('0.50 EUR'), theyGet: money('100.00 EUR') });
    expect(quote.to.name).toBe('Alice Example, NL •••4300');
    const made = await alice.client.call('create-withdrawal', { quote: quote.id }, { key: newKey() });
    expect(made).toMatchObject({ state: 'approved', paid: money('100.50 EUR'), to: { ending: '4300' } });
    expect(await balances()).toEqual({ balance: '500.00', held: '100.50' });

    const [batch] = await batchAll(harness);
    expect(batch).toMatchObject({ payments: 1, total: money('100.00 EUR'), iban: OWN_IBAN });
    expect((await show(made.id)).state).toBe('batched');
    const file = await fileOf(harness, batch?.id ?? '');
    expect(file).toContain('<IBAN>NL91ABNA0417164300</IBAN>');
    harness.clock.advance(60_000);
    expect(await fileOf(harness, batch?.id ?? '')).toBe(file);

    const accepted = statusReport(batch?.messageId ?? '', [], 'ACCP');
    expect(await importReport(harness, accepted)).toMatchObject({ sent: 1, failed: 0, unknownCount: 0 });
    expect((await show(made.id)).state).toBe('sent');

    expect(await importLines(harness, [paidLine(made)])).toMatchObject({ withdrawals: 1, suspense: 0 });
    const settled = await show(made.id);
    expect(settled.state).toBe('settled');
    expect(await balances()).toEqual({ balance: '399.50', held: '0.00' });
    const paid = await alice.client.call('get-transfer', { transfer: settled.transfer ?? '' });
    expect(paid).toMatchObject({
      kind: 'withdrawal',
      direction: 'out',
      paid: money('100.50 EUR'),
      fee: money('0.50 EUR'),
      received: money('100.00 EUR'),
      withdrawal: made.id,
      to: { name: 'Alice Example, NL •••4300' },
    });

    expect(await importLines(harness, [returnedLine(made)])).toMatchObject({ withdrawals: 1, suspense: 0 });
    const returned = await show(made.id);
    expect(returned).toMatchObject({ state: 'returned', moves: expect.arrayContaining([]) as unknown });
    expect(returned.moves.map(({ state }) => state)).toEqual([
      'requested',
      'approved',
      'batched',
      'sent',
      'settled',
      'returned',
    ]);
    expect(returned.feeRefund).toBeDefined();
    expect(await balances()).toEqual({ balance: '500.00', held: '0.00' });
    const fees = await balanceByName(harness.service.deps.engine, 'fees:EUR');
    expect(fees?.balance).toBe(0n);
    const { transfers } = await alice.client.call('list-transfers', {});
    expect(transfers.map(({ kind }) => kind)).toEqual(['fee-refund', 'return', 'withdrawal', 'deposit']);
  });

  test('under one key it is one withdrawal, whoever asks again and however late', async () => {
    const key = newKey();
    const { id: quote } = await quoteOf(alice, '10.00 EUR');
    const call = () => alice.client.call('create-withdrawal', { quote }, { key });
    const all = await Promise.all(Array.from({ length: 10 }, call));
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    expect(await balances()).toEqual({ balance: '500.00', held: '10.05' });
    harness.clock.advance(86_400_000);
    expect((await call()).id).toBe(all[0]?.id);
    const { id: other } = await quoteOf(alice, '10.00 EUR');
    await refusalOf(
      alice.client.call('create-withdrawal', { quote: other }, { key }),
      'idempotency_mismatch',
    );
    await refusalOf(alice.client.call('create-withdrawal', { quote }, { key: newKey() }), 'quote_expired');
    const { withdrawals } = await alice.client.call('list-withdrawals', {});
    expect(withdrawals).toHaveLength(1);
  });

  test('what is refused leaves nothing behind', async () => {
    const rows = () => harness.service.deps.engine.all('SELECT id FROM withdrawals');
    const { id: quote } = await quoteOf(alice, '600.00 EUR');
    await refusalOf(
      alice.client.call('create-withdrawal', { quote }, { key: newKey() }),
      'insufficient_funds',
    );
    const { id: late } = await quoteOf(alice, '1.00 EUR');
    harness.clock.advance(31 * 60_000);
    await refusalOf(
      alice.client.call('create-withdrawal', { quote: late }, { key: newKey() }),
      'quote_expired',
    );
    expect(await rows()).toEqual([]);
    expect(await balances()).toEqual({ balance: '500.00', held: '0.00' });
  });

  test('it is called back until it is in a file, once, and the money is there again', async () => {
    const made = await withdraw(alice, '10.00 EUR');
    const cancel = (id: string) => alice.client.call('cancel-withdrawal', { withdrawal: id });
    const all = await Promise.all([cancel(made.id), cancel(made.id), cancel(made.id)]);
    expect(all.map(({ state }) => state)).toEqual(['cancelled', 'cancelled', 'cancelled']);
    expect(await balances()).toEqual({ balance: '500.00', held: '0.00' });
    expect(await batchAll(harness)).toEqual([]);
    const late = await withdraw(alice, '10.00 EUR');
    await batchAll(harness);
    await refusalOf(cancel(late.id), 'withdrawal_decided');
    expect(await balances()).toEqual({ balance: '500.00', held: '10.05' });
  });
});

import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Input } from '../../../src/core/contract/operations.ts';
import { REHEARSAL_IBAN } from '../../../src/service/use-cases/bank/play-bank.ts';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import { audit, balanceOf, everything, money, newKey, person, refusalOf } from '../money/wallet.ts';
import { atBank, importCounts, importFile, referenceOf } from './bank-day.ts';

eachEngine((engine) => {
  let harness: Harness;
  let staff: Holder;
  let alice: Holder;
  let reference: string;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    staff = await person(harness, `support${newKey()}`, 'support');
    alice = await person(harness, 'alice');
    reference = await referenceOf(alice);
  });
  afterEach(async () => {
    await audit(harness);
    await harness.close();
  });

  const write = async (input: Input<'play-bank'>) => {
    const { files } = await harness.call('play-bank', input);
    return { xml: files[0]?.xml ?? '', name: files[0]?.name };
  };
  const credit = (amount: string, text = reference) => ({ reference: text, amount: money(amount) });

  test('what the rehearsal bank writes is a statement like any other', async () => {
    const before = await everything(harness);
    const written = await write({
      credits: [credit('250 EUR'), { ...credit('0.01 EUR', 'no reference'), debtor: 'Employer' }],
    });
    expect(await everything(harness)).toEqual(before);
    expect(written.name).toMatch(/^2026-03-02-DE89370400440532013000-EUR-1-[0-9a-z]{4}\.xml$/);
    const report = await importFile(staff, written.xml);
    expect(report.statements).toMatchObject([
      {
        id: expect.any(String),
        account: REHEARSAL_IBAN,
        currency: 'EUR',
        entries: 2,
        creditSum: '250.01',
        balanced: true,
        credited: 1,
        suspense: 1,
      },
    ]);
    expect(await balanceOf(alice)).toBe('250.00 EUR');
    expect(await importCounts(staff, written.xml)).toEqual([0, 0, 2, 0]);
    const [item] = (await staff.client.call('list-suspense', {})).items;
    expect(item).toMatchObject({
      remittance: 'no reference',
      counterparty: 'Employer',
      bookedOn: '2026-03-02',
    });
  });

  test('each statement opens where our book says that the one before closed, and brings new money', async () => {
    for (const [at, opening] of ['0.00', '7.00', '14.00'].entries()) {
      const { xml } = await write({ credits: [credit('7 EUR')] });
      expect(/<Cd>OPBD<\/Cd>.*<Amt Ccy="EUR">([0-9.]+)</.exec(xml)?.[1]).toBe(opening);
      expect(await importCounts(staff, xml)).toEqual([1, 0, 0, 0]);
      expect(await atBank(harness, 'EUR', REHEARSAL_IBAN)).toBe(`${(at + 1) * 7}.00`);
    }
    expect(await balanceOf(alice)).toBe('21.00 EUR');
  });

  test('the same payments in one statement are as many payments', async () => {
    const { xml } = await write({ credits: Array.from({ length: 1_000 }, () => credit('0.01 EUR')) });
    expect(await importCounts(staff, xml)).toEqual([1_000, 0, 0, 0]);
    expect(await balanceOf(alice)).toBe('10.00 EUR');
  });

  test('other currencies are other statements', async () => {
    const { files } = await harness.call('play-bank', { credits: [credit('1 EUR'), credit('1 USD')] });
    expect(files.map(({ name }) => name.slice(34, 37))).toEqual(['EUR', 'USD']);
    for (const amount of ['100 JPY', '1.005 KWD', '0.0001 CLF']) {
      expect(await importCounts(staff, (await write({ credits: [credit(amount)] })).xml)).toEqual([
        1, 0, 0, 0,
      ]);
    }
    const { balances } = await alice.client.call('list-balances', {});
    expect(balances.map(({ balance }) => `${balance.amount} ${balance.currency}`)).toEqual([
      '0.0001 CLF',
      '100 JPY',
      '1.005 KWD',
    ]);
  });

  test('hostile text comes through as text', async () => {
    const text = `</Ustrd><Ntry>&amp;<![CDATA[${'\u0001\u0008\uffff'}]]> 😀 ${'é'.repeat(20)}`;
    const { xml } = await write({ credits: [{ ...credit('1 EUR', text), debtor: '<!DOCTYPE x>"\'&' }] });
    await importFile(staff, xml);
    const [item] = (await staff.client.call('list-suspense', {})).items;
    expect(item?.remittance).toBe(`</Ustrd><Ntry>&amp;<![CDATA[]]> 😀 ${'é'.repeat(20)}`);
    expect(item?.counterparty).toBe('<!DOCTYPE x>"\'&');
  });

  test('what no statement can say is refused', async () => {
    const bad: [string, Input<'play-bank'>][] = [
      ['amount_invalid', { credits: [credit('0 EUR')] }],
      ['amount_invalid', { credits: [credit('-1 EUR')] }],
      ['amount_invalid', { credits: [credit('1.001 EUR')] }],
      ['amount_invalid', { credits: [credit('10000000000000000 EUR')] }],
      ['amount_invalid', { credits: [credit('9999999999999999.99 EUR'), credit('0.01 EUR')] }],
      ['currency_unknown', { credits: [credit('1 XAU')] }],
      ['input_invalid', { credits: [credit('1 EUR')], day: '2026-02-31x' }],
      ['input_invalid', { credits: Array.from({ length: 1_001 }, () => credit('1 EUR')) }],
      ['input_invalid', { credits: [credit('1 EUR', 'x'.repeat(141))] }],
      ['input_invalid', { credits: [credit('1 EUR', '')] }],
    ];
    for (const [code, input] of bad) {
      expect((await refusalOf(write(input))).code, JSON.stringify(input).slice(0, 80)).toBe(code);
    }
  });

  test('it is played only on the machine itself', async () => {
    const far = harness.client(staff.token, { console: false });
    await refusalOf(far.call('play-bank', { credits: [credit('1 EUR')] }), 'console_only');
  });
});

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { formatMinor, parseAmount } from '../../../src/core/money.ts';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import { audit, newKey, performWith, person, refusalOf, type Poster } from '../money/wallet.ts';
import { bankDay, importFile, OUR_IBAN, type Day, type Line } from './bank-day.ts';

eachEngine((engine) => {
  let harness: Harness;
  let staff: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    staff = await person(harness, `support${newKey()}`, 'support');
  });
  afterEach(async () => {
    await audit(harness);
    await harness.close();
  });

  /** Days of March 2026 from the 2nd on, each with one credit of so much; each opens with what the one before closed with. */
  const days = (...amounts: string[]): Day[] => {
    let opening = 100_000n;
    return amounts.map((amount, at) => {
      const day = `2026-03-${String(at + 2).padStart(2, '0')}`;
      const made = {
        day,
        id: `S${at}`,
        opening: formatMinor(opening, 'EUR'),
        lines: [line(amount, `R${at}`)],
      };
      opening += parseAmount(amount, 'EUR').minor;
      return made;
    });
  };
  const line = (amount: string, ref: string): Line => ({ amount, ref, text: 'nobody' });
  const importDays = async (...list: Day[]) => {
    const found: string[][] = [];
    for (const day of list) {
      const { statements } = await importFile(staff, bankDay(day));
      found.push(...statements.map(({ findings }) => findings.map(({ kind }) => kind)));
    }
    return found;
  };
  const stand = async () => {
    const { accounts, reconciled } = await staff.client.call('reconcile', {});
    const sums = accounts.map(({ difference, parts }) => [
      parts.reduce((sum, { amount }) => sum + minorOf(amount), 0n),
      minorOf(difference),
    ]);
    for (const [parts, difference] of sums) expect(parts).toBe(difference);
    return {
      accounts,
      reconciled,
      parts: accounts.flatMap(({ parts }) => parts.map(({ kind, amount }) => `${kind} ${amount}`)),
    };
  };
  const minorOf = (text: string) => BigInt(text.replace('.', ''));

  test('nothing was imported yet', async () => {
    expect(await stand()).toMatchObject({ accounts: [], reconciled: true });
    await refusalOf(staff.client.call('reconcile', { account: OUR_IBAN }), 'not_found');
  });

  test('days that follow each other leave only what the bank had before them', async () => {
    expect(await importDays(...days('10.00', '20.00', '0.01'))).toEqual([[], [], []]);
    const { accounts, reconciled, parts } = await stand();
    expect(reconciled).toBe(true);
    expect(parts).toEqual(['opening 1000.00']);
    expect(accounts).toMatchObject([
      {
        account: OUR_IBAN,
        currency: 'EUR',
        bank: '1030.01',
        day: '2026-03-04',
        ours: '30.01',
        difference: '1000.00',
        unexplained: '0.00',
        suspense: '30.01',
      },
    ]);
    const blank = OUR_IBAN.replace(/(.{4})/g, '$1 ').trim();
    expect(await staff.client.call('reconcile', { account: blank })).toMatchObject({ reconciled: true });
  });

  test('a missing day is a gap of its sum, until it comes, out of its order', async () => {
    const [one, two, three] = days('10.00', '20.00', '5.00') as [Day, Day, Day];
    expect(await importDays(one, three)).toEqual([[], ['gap']]);
    expect(await stand()).toMatchObject({ reconciled: false, parts: ['opening 1000.00', 'gap 20.00'] });
    expect(await importDays(two)).toEqual([['out-of-order']]);
    expect(await stand()).toMatchObject({ reconciled: true, parts: ['opening 1000.00'] });
  });

  test('any order of days is the same in the end', async () => {
    for (const at of [3, 0, 4, 2, 1])
      await importDays(days('1.00', '2.00', '4.00', '8.00', '16.00')[at] as Day);
    expect(await stand()).toMatchObject({ reconciled: true, parts: ['opening 1000.00'] });
  });

  test('a duplicate is reported and brings nothing, under whatever name', async () => {
    const [one] = days('10.00') as [Day];
    expect(await importDays(one, one, { ...one, id: 'OTHER' })).toEqual([[], ['duplicate'], ['duplicate']]);
    expect(await stand()).toMatchObject({ reconciled: true, parts: ['opening 1000.00'] });
  });

  test('a statement that comes again with more in it counts as it is now', async () => {
    const [one] = days('10.00') as [Day];
    const more = { ...one, lines: [...one.lines, line('7.00', 'MORE')] };
    expect(await importDays(one, more)).toEqual([[], ['changed']]);
    expect(await stand()).toMatchObject({ reconciled: true, parts: ['opening 1000.00'] });
  });

  test('days that are listed again are told, and booked once', async () => {
    const [one, two] = days('10.00', '20.00') as [Day, Day];
    const both: Day = {
      ...one,
      id: 'WEEK',
      day: two.day as string,
      lines: [{ ...line('10.00', 'R0'), day: one.day as string }, ...two.lines],
    };
    expect(await importDays(one, both)).toEqual([[], ['overlap']]);
    expect(await stand()).toMatchObject({ reconciled: true, parts: ['opening 1000.00'] });
  });

  test('working days without a statement are told where nothing moved', async () => {
    const [one] = days('10.00') as [Day];
    // From a Monday to the Thursday after it.
    expect(
      await importDays(one, { ...one, id: 'LATER', day: '2026-03-05', opening: '1010.00', lines: [] }),
    ).toEqual([[], ['silent-days']]);
    expect(await stand()).toMatchObject({ reconciled: true });
  });

  test('entries alike that a bank cuts into two statements of a day are found as unexplained', async () => {
    const coffee: Line = { amount: '2.50', text: 'coffee' };
    const [one] = days('10.00') as [Day];
    const findings = await importDays(
      { ...one, lines: [coffee] },
      { ...one, id: 'EVENING', opening: '1002.50', lines: [coffee] },
    );
    expect(findings).toEqual([[], ['differs']]);
    expect(await stand()).toMatchObject({
      reconciled: false,
      parts: ['opening 1000.00', 'unexplained 2.50'],
    });
  });

  test('an import that is cut off is named, until it is done again', async () => {
    const [one, two] = days('10.00', '20.00') as [Day, Day];
    await importDays(one);
    let posts = 0;
    const { poster } = harness.service.deps;
    const dying: Poster = {
      ...poster,
      post: (intent) => (posts++ === 0 ? poster.post(intent) : Promise.reject(new Error('the machine died'))),
    };
    const lines = [...two.lines, line('7.00', 'LAST')];
    const xml = bankDay({ ...two, lines });
    const body = (async function* () {
      yield Buffer.from(xml);
    })();
    const cut = performWith(harness, { poster: dying })(staff, {
      operation: 'import-statement',
      input: {},
      body,
    });
    await refusalOf(cut, 'unexpected');
    expect(await stand()).toMatchObject({ reconciled: false, parts: ['opening 1000.00', 'not-booked 7.00'] });
    expect(await importDays({ ...two, lines })).toEqual([['duplicate']]);
    expect(await stand()).toMatchObject({ reconciled: true, parts: ['opening 1000.00'] });
  });

  test('accounts and currencies are told apart', async () => {
    const [one] = days('10.00') as [Day];
    await importDays(
      one,
      { ...one, currency: 'USD' },
      { ...one, iban: 'DE89370400440532013000', opening: '0.00' },
    );
    const { accounts } = await staff.client.call('reconcile', {});
    expect(accounts.map(({ account, currency, difference }) => [account, currency, difference])).toEqual([
      [OUR_IBAN, 'EUR', '1000.00'],
      [OUR_IBAN, 'USD', '1000.00'],
      ['DE89370400440532013000', 'EUR', '0.00'],
    ]);
  });

  describe('the control', () => {
    test('money that is booked twice, or to the mirror by hand, is found to the cent', async () => {
      await importDays(...days('10.00', '20.00'));
      const { deps } = harness.service;
      // The same entry under another identity, as if a bank's entry had lost its own.
      await importFile(
        staff,
        bankDay({ ...(days('10.00')[0] as Day), id: 'X', opening: '0.00', lines: [line('10.00', 'AGAIN')] }),
      );
      await deps.engine.transact((tx) => tx.run("DELETE FROM statements WHERE bank_id = 'X'"));
      expect(await stand()).toMatchObject({
        reconciled: false,
        parts: ['opening 1000.00', 'unexplained -10.00'],
      });
    });
  });
});

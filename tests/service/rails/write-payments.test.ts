import { describe, expect, it } from 'vitest';
import { inSlices, SafeXml } from '../../../src/service/rails/safe-xml.ts';
import { isSayable, toSepaText } from '../../../src/service/rails/sepa-text.ts';
import { PAYMENT_VERSIONS, type PaymentToWrite } from '../../../src/service/rails/write-payments.ts';
import { hostilePayments, validate, whyNotValidated, writeAll } from './hostile-payments.ts';

const missing = whyNotValidated();
const PAYMENT: PaymentToWrite = {
  endToEndId: '01KABC',
  amount: 1250n,
  creditorName: 'Zoë Müller',
  account: { iban: 'NO9386011117947' },
  isSepa: true,
  remittance: 'OKpay',
};

/** The texts of the elements of a name, in order. */
function textsOf(xml: string, name: string): string[] {
  const found: string[] = [];
  let inside = false;
  const reader = new SafeXml({
    open: (tag) => {
      inside = tag.name === name;
      if (inside) found.push('');
    },
    text: (text) => {
      if (inside) found.push((found.pop() ?? '') + text);
    },
    close: () => {
      inside = false;
    },
  });
  for (const slice of inSlices(Buffer.from(xml))) reader.write(slice);
  reader.end();
  return found;
}

describe.each(PAYMENT_VERSIONS)('a file of payments, %s', (version) => {
  it.skipIf(missing !== undefined)(
    `is valid whatever people are called (${missing ?? 'xmllint and its schema'})`,
    () => {
      expect(validate(version, writeAll(version, hostilePayments(500, 1)))).toBeUndefined();
      // The control: what the schema does not take is found.
      const wrong = writeAll(version, [PAYMENT]).replace('<PmtMtd>TRF</PmtMtd>', '');
      expect(validate(version, wrong)).toContain('PmtMtd');
    },
  );

  it('says each payment once, with its amount, and numbers and sums of the file and of each group', () => {
    const payments = hostilePayments(200, 7);
    const xml = writeAll(version, payments);
    const [sepa, others] = [true, false].map((isSepa) => payments.filter((each) => each.isSepa === isSepa));
    const groups = [payments, sepa ?? [], others ?? []];
    const sumOf = (some: readonly PaymentToWrite[]) => some.reduce((sum, { amount }) => sum + amount, 0n);
    const euro = (minor: bigint) => `${minor / 100n}.${String(minor % 100n).padStart(2, '0')}`;
    expect(textsOf(xml, 'NbOfTxs')).toEqual(groups.map(({ length }) => String(length)));
    expect(textsOf(xml, 'CtrlSum')).toEqual(groups.map((group) => euro(sumOf(group))));
    const ordered = [...(sepa ?? []), ...(others ?? [])];
    expect(textsOf(xml, 'EndToEndId')).toEqual(ordered.map(({ endToEndId }) => endToEndId));
    expect(textsOf(xml, 'InstdAmt')).toEqual(ordered.map(({ amount }) => euro(amount)));
    for (const text of [...textsOf(xml, 'Nm'), ...textsOf(xml, 'Ustrd')])
      expect(text).toMatch(/^[A-Za-z0-9/\-?:().,'+ ]{1,140}$/);
  });

  it('is refused when it cannot be said', () => {
    const impossible: Partial<PaymentToWrite>[] = [
      { amount: 0n },
      { amount: -1n },
      { amount: 10n ** 18n },
      { endToEndId: '' },
      { endToEndId: 'x'.repeat(36) },
      { endToEndId: 'a_b' },
      { account: { iban: 'NO93 8601' } },
      { account: { iban: 'NO9386011117947', bic: 'x' } },
    ];
    for (const each of impossible)
      expect(() => writeAll(version, [{ ...PAYMENT, ...each }])).toThrow(RangeError);
    expect(() => writeAll(version, [])).toThrow(RangeError);
    expect(() =>
      writeAll(
        version,
        Array.from({ length: 10_001 }, () => PAYMENT),
      ),
    ).toThrow(RangeError);
  });
});

describe('text for banks', () => {
  it.each([
    ['Ærøskøbing Straße & Söhne', 'AEroskobing Strasse + Sohne'],
    ['Юрий Гагарин', 'Yurii Gagarin'],
    ['Αθήνα', 'Athina'],
    ['Nguyễn Văn Đạt', 'Nguyen Van Dat'],
    ['O’Brien – “Ltd”', "O'Brien - 'Ltd'"],
    ['//a//b/', 'a/b'],
    ['山田', '.'],
    ['\u202E\u0000', 'NOTPROVIDED'],
    ['ﬀ①Ⅷ', 'ff1VIII'],
  ])('%s becomes %s', (text, plain) => {
    expect(toSepaText(text, 70)).toBe(plain);
  });

  it('is known to say nothing any more', () => {
    expect(['Zoë', 'Щукин', 'O’Brien', '7up'].map(isSayable)).toEqual([true, true, true, true]);
    expect(['山田太郎', '', '...', 'A', 'A山田太郎'].map(isSayable)).toEqual([
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});

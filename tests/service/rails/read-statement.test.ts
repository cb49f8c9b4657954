import { describe, expect, it } from 'vitest';
import {
  readStatements,
  StatementError,
  type StatementEnd,
  type StatementEntry,
  type StatementEvent,
  type StatementHeader,
  type StatementLimits,
} from '../../../src/service/rails/read-statement.ts';

const NAMESPACE = 'urn:iso:std:iso:20022:tech:xsd:camt.053.001.';

type Entry = {
  amount?: string;
  sign?: string;
  status?: string;
  reversal?: boolean;
  booked?: string;
  reference?: string;
  details?: string;
  entryReference?: string;
};

/** The text of one entry of version 08. */
function entry(one: Entry = {}): string {
  return [
    '<Ntry>',
    one.entryReference && `<NtryRef>${one.entryReference}</NtryRef>`,
    one.amount ?? '<Amt Ccy="EUR">10.00</Amt>',
    `<CdtDbtInd>${one.sign ?? 'CRDT'}</CdtDbtInd>`,
    one.reversal && '<RvslInd>true</RvslInd>',
    one.status ?? '<Sts><Cd>BOOK</Cd></Sts>',
    one.booked ?? '<BookgDt><Dt>2026-01-02</Dt></BookgDt>',
    one.reference && `<AcctSvcrRef>${one.reference}</AcctSvcrRef>`,
    '<BkTxCd/>',
    one.details && `<NtryDtls>${one.details}</NtryDtls>`,
    '</Ntry>',
  ]
    .filter(Boolean)
    .join('');
}

function balance(kind: string, amount: string, day = '2026-01-02', currency = 'EUR', sign = 'CRDT'): string {
  return (
    `<Bal><Tp><CdOrPrtry>${kind.startsWith('<') ? kind : `<Cd>${kind}</Cd>`}</CdOrPrtry></Tp><Amt Ccy="${currency}">` +
    `${amount}</Amt><CdtDbtInd>${sign}</CdtDbtInd><Dt><Dt>${day}</Dt></Dt></Bal>`
  );
}

type Statement = { head?: string; account?: string; balances?: string; summary?: string; entries?: string };

function statement(one: Statement = {}): string {
  return [
    '<Stmt><Id>S</Id>',
    one.head ?? '',
    `<Acct><Id>${one.account ?? '<IBAN>DE89370400440532013000</IBAN>'}</Id><Ccy>EUR</Ccy></Acct>`,
    one.balances ?? balance('ITBD', '0'),
    one.summary ?? '',
    one.entries ?? '',
    '</Stmt>',
  ].join('\n');
}

function file(statements: string, version = '08', group = ''): string {
  return (
    `<?xml version="1.0"?>\n<Document xmlns="${NAMESPACE}${version}"><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId>` +
    `<CreDtTm>2026-01-03T00:00:00Z</CreDtTm>${group}</GrpHdr>\n${statements}\n</BkToCstmrStmt></Document>`
  );
}

async function* source(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

async function read(text: string, limits?: StatementLimits): Promise<StatementEvent[]> {
  const events: StatementEvent[] = [];
  for await (const event of readStatements(source(text), limits)) events.push(event);
  return events;
}

async function entries(...texts: string[]): Promise<StatementEntry[]> {
  const events = await read(file(statement({ entries: texts.join('\n') })));
  return events.filter((event): event is StatementEntry => event.type === 'entry');
}

async function end(one: Statement, version?: string, group?: string): Promise<StatementEnd> {
  return (await read(file(statement(one), version, group))).at(-1) as StatementEnd;
}

async function refusal(text: string, limits?: StatementLimits): Promise<string> {
  const error: unknown = await read(text, limits).catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(StatementError);
  return (error as StatementError).message;
}

async function identities(...texts: string[]): Promise<string[]> {
  return (await entries(...texts)).map(({ identity }) => identity);
}

describe('a statement', () => {
  it('tells all that a booking needs, with the place in the file', async () => {
    const details = `<TxDtls>
      <Refs><MsgId>MSG</MsgId><AcctSvcrRef>BANK-1</AcctSvcrRef><PmtInfId>PI</PmtInfId><InstrId>IN</InstrId><EndToEndId>E2E</EndToEndId><TxId>TX</TxId></Refs>
      <Amt Ccy="USD">11.5</Amt><CdtDbtInd>CRDT</CdtDbtInd>
      <RltdPties><Dbtr><Pty><Nm>Søren &amp; Ko</Nm></Pty></Dbtr><DbtrAcct><Id><IBAN>DK5000400440116243</IBAN></Id></DbtrAcct>
      <CdtrAcct><Id><Othr><Id>12345678</Id></Othr></Id></CdtrAcct></RltdPties>
      <RmtInf><Ustrd>first</Ustrd><Ustrd>second</Ustrd><Strd><CdtrRefInf><Ref>RF18539007547034</Ref></CdtrRefInf></Strd><Strd/></RmtInf>
      <RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls><TxDtls/>`;
    const events = await read(
      file(
        statement({
          head: '<ElctrncSeqNb>007</ElctrncSeqNb><CreDtTm>2026-01-03T00:00:00Z</CreDtTm><CpyDplctInd>DUPL</CpyDplctInd>',
          entries: entry({
            entryReference: '1',
            amount: '<Amt Ccy="EUR">00012.3400</Amt>',
            reference: 'R',
            booked:
              '<BookgDt><DtTm>2026-01-02T23:30:00-05:00</DtTm></BookgDt><ValDt><Dt>2026-01-04+01:00</Dt></ValDt>',
            details,
          }).replace(
            '<BkTxCd/>',
            '<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn><Prtry><Cd>N1</Cd><Issr>ZKA</Issr></Prtry></BkTxCd>',
          ),
        }),
      ),
    );
    expect(events[0]).toEqual({
      type: 'statement',
      line: 3,
      index: 0,
      version: 'camt.053.001.08',
      messageId: 'M',
      messageCreated: '2026-01-03T00:00:00Z',
      id: 'S',
      electronicSequenceNumber: 7n,
      legalSequenceNumber: undefined,
      created: '2026-01-03T00:00:00Z',
      from: undefined,
      to: undefined,
      copy: 'DUPL',
      account: { kind: 'iban', id: 'DE89370400440532013000' },
      currency: 'EUR',
      isPartial: false,
    } satisfies StatementHeader);
    const none = {
      amount: undefined,
      direction: undefined,
      messageId: undefined,
      accountServicerReference: undefined,
      paymentInformationId: undefined,
      instructionId: undefined,
      endToEndId: undefined,
      transactionId: undefined,
      debtor: undefined,
      creditor: undefined,
      remittance: undefined,
      creditorReferences: [],
      returnReason: undefined,
    };
    expect(events[1]).toEqual({
      type: 'entry',
      line: 8,
      index: 0,
      identity: expect.stringMatching(/^ref_[\w-]{43}_1$/) as string,
      amount: { minor: 1234n, currency: 'EUR' },
      direction: 'credit',
      status: 'BOOK',
      isReversal: false,
      bookingDate: '2026-01-02',
      valueDate: '2026-01-04',
      entryReference: '1',
      accountServicerReference: 'R',
      code: { domain: 'PMNT', family: 'RCDT', subFamily: 'ESCT', proprietary: 'N1', issuer: 'ZKA' },
      information: undefined,
      transactions: [
        {
          line: 8,
          amount: { minor: 1150n, currency: 'USD' },
          direction: 'credit',
          messageId: 'MSG',
          accountServicerReference: 'BANK-1',
          paymentInformationId: 'PI',
          instructionId: 'IN',
          endToEndId: 'E2E',
          transactionId: 'TX',
          debtor: { name: 'Søren & Ko', iban: 'DK5000400440116243', otherAccount: undefined },
          creditor: { name: undefined, iban: undefined, otherAccount: '12345678' },
          remittance: 'first second',
          creditorReferences: ['RF18539007547034'],
          returnReason: 'AC04',
        },
        { line: 14, ...none },
      ],
    } satisfies StatementEntry);
    expect(events[2]).toMatchObject({ type: 'statement-end', entries: 1, transactions: 2 });
  });

  it('reads the status in each version, and never takes the bank’s own word for an ISO code', async () => {
    const head = { head: '<CreDtTm>2026-01-03T00:00:00Z</CreDtTm>' };
    const plain = statement({ ...head, entries: entry({ status: '<Sts>PDNG</Sts>' }) });
    const coded = statement({ ...head, entries: entry({ status: '<Sts><Cd>FUTR</Cd></Sts>' }) });
    for (const version of ['02', '03', '04', '05', '06', '07']) {
      expect((await read(file(plain, version)))[1]).toMatchObject({ status: 'PDNG' });
    }
    for (const version of ['05', '06', '07', '08', '09', '10', '11', '12', '13']) {
      expect((await read(file(coded, version)))[1]).toMatchObject({ status: 'FUTR' });
    }
    expect(await refusal(file(coded, '04'))).toContain('Cd is not allowed at this place in Sts');
    expect(await refusal(file(plain, '08'))).toContain(
      'Sts holds text where camt.053.001.08 has only elements.',
    );
    expect((await entries(entry({ status: '<Sts><Prtry>BOOK</Prtry></Sts>' })))[0]).toMatchObject({
      status: 'other:BOOK',
    });
    const own = balance('<Prtry>CLBD</Prtry>', '1');
    expect((await end({ balances: own })).balances[0]).toMatchObject({ kind: 'other:CLBD' });
  });

  it('is refused without a status, at the entry that lacks it', async () => {
    const without = statement({
      head: '<CreDtTm>2026-01-03T00:00:00Z</CreDtTm>',
      entries: `${entry({ status: '<Sts>BOOK</Sts>' })}\n${entry({ status: ' ' })}`,
    });
    expect(await refusal(file(without, '02'))).toBe(
      'Line 9: BookgDt is not allowed at this place in Ntry: camt.053.001.02 expects RvslInd or Sts.',
    );
  });

  it('is refused when it is another message, which is named', async () => {
    const versions = 'The file is not a bank statement of the versions camt.053.001.02 to 13: ';
    const cases: [string, string][] = [
      ['<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.054.001.02"/>', 'it is camt.054.001.02.'],
      ['<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"/>', 'it is pain.002.001.03.'],
      [`<Document xmlns="${NAMESPACE}01"/>`, 'it is camt.053.001.01.'],
      [`<Document xmlns="${NAMESPACE}14"/>`, 'it is camt.053.001.14.'],
      ['<Document/>', 'its Document is in no namespace.'],
      ['<Document xmlns="urn:swift:xsd:camt.053"/>', 'its Document is of “urn:swift:xsd:camt.053”.'],
      ['<html><body/></html>', 'its first element is “html” with “body” in it.'],
      ['<OFX/>', 'its first element is “OFX”.'],
    ];
    for (const [text, found] of cases) expect(await refusal(text)).toBe(`Line 1: ${versions}${found}`);
  });

  it('may come in an envelope whose header tells the truth', async () => {
    const document = file(statement()).replace(/^<\?xml.*\n/, '');
    const header = (message: string): string =>
      `<AppHdr xmlns="urn:iso:std:iso:20022:tech:xsd:head.001.001.02"><Fr><a/></Fr><MsgDefIdr>${message}</MsgDefIdr><CreDt>x</CreDt></AppHdr>`;
    const envelope = (inner: string): string => `<message>\n${inner}\n</message>`;
    expect(await read(envelope(header('camt.053.001.08') + document))).toHaveLength(2);
    expect(await refusal(envelope(`${header('camt.054.001.08')}\n${document}`))).toBe(
      'Line 3: The header announces “camt.054.001.08”, and the document is camt.053.001.08.',
    );
    expect(await refusal(envelope(header('camt.053.001.08')))).toContain('its first element is “message”.');
    expect(await refusal(envelope(`${document}\n${document}`))).toContain(
      'Nothing may follow the Document, and “Document” does.',
    );
    expect(await refusal(envelope(`<a>${document}</a>`))).toContain(
      'its first element is “message” with “a” in it.',
    );
    expect(await refusal(envelope(`text ${document}`))).toContain('its first element is “message”.');
  });

  it('is refused past the limits of the caller', async () => {
    const two = file(statement({ entries: entry() + entry() }));
    expect(await read(two, { maxEntries: 2 })).toHaveLength(4);
    expect(await refusal(two, { maxEntries: 1 })).toContain('The file has more than 1 entries.');
    const pair = file(statement() + statement());
    expect(await read(pair, { maxStatements: 2 })).toHaveLength(4);
    expect(await refusal(pair, { maxStatements: 1 })).toContain('The file has more than 1 statements.');
    const batch = file(statement({ entries: entry({ details: '<TxDtls/><TxDtls/>' }) }));
    expect(await refusal(batch, { maxTransactions: 1 })).toContain('One entry has more than 1 transactions.');
    const many = file(statement({ balances: balance('ITBD', '0').repeat(3) }));
    expect(await refusal(many, { maxBalances: 2 })).toContain('The statement has more than 2 balances.');
    const lines = `<TxDtls><RmtInf>${'<Ustrd>x</Ustrd>'.repeat(10_001)}</RmtInf></TxDtls>`;
    expect(await refusal(file(statement({ entries: entry({ details: lines }) })))).toContain(
      'RmtInf holds more than 10000 elements.',
    );
  });
});

describe('an amount', () => {
  const amount = (text: string, currency = 'EUR'): Promise<StatementEntry[]> =>
    entries(entry({ amount: `<Amt Ccy="${currency}">${text}</Amt>` }));

  it('is exact in the minor unit of its currency, however it is written', async () => {
    const cases: [string, string, bigint][] = [
      ['29194819.2', 'EUR', 2919481920n],
      ['10.00000', 'EUR', 1000n],
      ['10.0000000', 'EUR', 1000n],
      ['00012.00', 'EUR', 1200n],
      [' +.5\n', 'EUR', 50n],
      ['5.', 'EUR', 500n],
      ['0', 'EUR', 0n],
      ['-0', 'EUR', 0n],
      ['2700', 'JPY', 2700n],
      ['2700.0', 'JPY', 2700n],
      ['1.005', 'KWD', 1005n],
      ['1.2345', 'CLF', 12345n],
      ['9999999999999999.99', 'EUR', 999999999999999999n],
      ['90071992547409.93', 'EUR', 9007199254740993n],
    ];
    for (const [text, currency, minor] of cases) {
      expect((await amount(text, currency))[0]?.amount).toEqual({ minor, currency });
    }
  });

  it('is refused when it is not, with the figure and the line', async () => {
    const cases: [string, string, string][] = [
      ['1.005', 'EUR', 'Amt is “1.005”, and EUR has only 2 decimals.'],
      ['1.5', 'JPY', 'Amt is “1.5”, and JPY has no decimals.'],
      ['1.00001', 'CLF', 'Amt is “1.00001”, and CLF has only 4 decimals.'],
      ['1.000001', 'CLF', 'Amt has more than 5 decimals: “1.000001”.'],
      ['-1', 'EUR', 'Amt is negative: “-1”.'],
      ['1234567890123456789', 'EUR', 'Amt has more than 18 digits: “1234567890123456789”.'],
      ['99999999999999999', 'EUR', 'Amt is “99999999999999999”, which is more than the ledger can hold.'],
      ...[
        '',
        '1e3',
        '1,00',
        '0x10',
        'NaN',
        'Infinity',
        '1_000',
        '٣',
        '１',
        '1 000',
        '.',
        '1.2.3',
        '--1',
        '9'.repeat(80),
      ].map((text): [string, string, string] => [
        text,
        'EUR',
        `Amt is not a decimal number: “${text.length > 40 ? `${text.slice(0, 40)}…` : text}”.`,
      ]),
      ['1', 'XXX', 'Amt is in “XXX”, which is not an active ISO 4217 currency.'],
      ['1', 'DEM', 'Amt is in “DEM”, which is not an active ISO 4217 currency.'],
      ['1', 'eur', 'Amt is in “eur”, which is not a currency code.'],
    ];
    for (const [text, currency, reason] of cases) {
      const found = await refusal(
        file(statement({ entries: entry({ amount: `\n<Amt Ccy="${currency}">${text}</Amt>` }) })),
      );
      expect(found).toBe(`Line 9: ${reason}`);
    }
    expect(await refusal(file(statement({ entries: entry({ amount: '<Amt>1</Amt>' }) })))).toBe(
      'Line 8: Amt names no currency.',
    );
  });
});

describe('the identity of an entry', () => {
  const tenth = entry({ reference: 'R-10' });

  it('is the same wherever the entry is listed', async () => {
    const [alone] = await identities(tenth);
    const others = [entry({ reference: 'R-8' }), entry({ reference: 'R-9', sign: 'DBIT' })];
    expect((await identities(...others, tenth))[2]).toBe(alone);
    // Running numbers, names, remittance and the format may change when a day is listed again.
    const told = entry({
      reference: ' R-10\n',
      entryReference: '3',
      booked: '<BookgDt><DtTm>2026-01-02T09:00:00</DtTm></BookgDt><ValDt><Dt>2026-01-05</Dt></ValDt>',
      details: '<TxDtls><RmtInf><Ustrd>more</Ustrd></RmtInf></TxDtls>',
    });
    expect(await identities(told)).toEqual([alone]);
    const old = statement({
      account: '<Othr><Id>de89 3704 0044 0532 0130 00</Id></Othr>',
      head: '<CreDtTm>2026-01-03T00:00:00Z</CreDtTm>',
      entries: tenth.replace('<Sts><Cd>BOOK</Cd></Sts>', '<Sts>BOOK</Sts>'),
    });
    expect((await read(file(old, '02')))[1]).toMatchObject({ identity: alone });
  });

  it('tells entries with one reference of the bank apart', async () => {
    const alike = [
      tenth,
      entry({ reference: 'R-10', amount: '<Amt Ccy="EUR">0.10</Amt>' }),
      entry({ reference: 'R-10', amount: '<Amt Ccy="USD">10.00</Amt>' }),
      entry({ reference: 'R-10', sign: 'DBIT' }),
      entry({ reference: 'R-10', sign: 'DBIT', reversal: true }),
      entry({ reference: 'R-10', reversal: true }),
      entry({ reference: 'R-10', booked: '<BookgDt><Dt>2026-02-02</Dt></BookgDt>' }),
      entry({ reference: 'R-10', status: '<Sts><Cd>PDNG</Cd></Sts>' }),
      entry({ reference: 'R-11' }),
      tenth,
    ];
    const found = await identities(...alike);
    expect(new Set(found).size).toBe(alike.length);
    // Two that are alike in everything are two, and the second listing of both has the same two.
    expect(found.at(-1)).toBe(found[0]?.replace(/_1$/, '_2'));
    expect(await identities(tenth, tenth)).toEqual([found[0], found.at(-1)]);
  });

  it('lets a pending entry be booked later, once', async () => {
    const pending = entry({ reference: 'R-10', status: '<Sts><Cd>PDNG</Cd></Sts>' });
    const [first] = await identities(pending);
    const [booked] = await identities(tenth);
    expect(first).not.toBe(booked);
    // Both forms in one statement do not number each other.
    expect(await identities(pending, tenth)).toEqual([first, booked]);
    expect(await identities(tenth, pending)).toEqual([booked, first]);
  });

  it('is made from the details where the bank gives no reference, or only says that it has none', async () => {
    const paid = (remittance: string, more = ''): string =>
      entry({ details: `<TxDtls>${more}<RmtInf><Ustrd>${remittance}</Ustrd></RmtInf></TxDtls>` });
    const [invoice] = await identities(paid('invoice 1'));
    expect(invoice).toMatch(/^sum_/);
    expect(await identities(paid('invoice\n  1'))).toEqual([invoice]);
    expect(await identities(paid('invoice 2'))).not.toEqual([invoice]);
    expect(await identities(paid('invoice 1', '<Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>'))).toEqual([
      invoice,
    ]);
    expect(await identities(paid('invoice 1', '<Refs><EndToEndId>E</EndToEndId></Refs>'))).not.toEqual([
      invoice,
    ]);
    const nonref = entry({
      reference: 'NONREF',
      details: '<TxDtls><RmtInf><Ustrd>invoice 1</Ustrd></RmtInf></TxDtls>',
    });
    expect(await identities(nonref)).toEqual([invoice]);
    // One listed in front of the other does not take its number, so each is booked to the right holder.
    const [second] = await identities(paid('invoice 2'));
    expect(await identities(paid('invoice 2'), paid('invoice 1'))).toEqual([second, invoice]);
  });

  it('rests on the references of all transactions where the entry itself has none', async () => {
    const batch = (...references: string[]): string =>
      entry({
        details: references
          .map((text) => `<TxDtls>${text && `<Refs><AcctSvcrRef>${text}</AcctSvcrRef></Refs>`}</TxDtls>`)
          .join(''),
      });
    const [whole] = await identities(batch('A', 'B'));
    expect(whole).toMatch(/^ref_/);
    expect(await identities(batch('A', 'C'))).not.toEqual([whole]);
    expect((await identities(batch('A', '')))[0]).toMatch(/^sum_/);
  });

  it('belongs to one account', async () => {
    const other = statement({ account: '<IBAN>NL91ABNA0417164300</IBAN>', entries: tenth });
    const [here, there] = (await read(file(statement({ entries: tenth }) + other))).filter(
      (event): event is StatementEntry => event.type === 'entry',
    );
    expect(here?.identity).not.toBe(there?.identity);
    // The same statement twice in one file is the same entries twice.
    const twice = (await read(file(statement({ entries: tenth }).repeat(2)))).filter(
      ({ type }) => type === 'entry',
    );
    expect(twice[0]).toHaveProperty('identity', here?.identity);
    expect(twice[1]).toHaveProperty('identity', here?.identity);
  });

  it('does not run together what stands in neighbouring fields', async () => {
    const paid = (id: string, remittance: string): string =>
      entry({
        details: `<TxDtls><Refs><EndToEndId>${id}</EndToEndId></Refs><RmtInf><Ustrd>${remittance}</Ustrd></RmtInf></TxDtls>`,
      });
    expect(await identities(paid('A', 'B","'))).not.toEqual(await identities(paid('A","', 'B')));
  });
});

describe('the figures of a statement', () => {
  const opening = balance('OPBD', '100.00', '2026-01-01');
  const both = opening + balance('CLBD', '110.00');
  const booked = entry();
  const pending = entry({ amount: '<Amt Ccy="EUR">5</Amt>', status: '<Sts><Cd>PDNG</Cd></Sts>' });

  it('agree when opening balance and booked entries make the closing balance', async () => {
    expect((await end({ balances: both, entries: booked + pending })).proof).toEqual({
      isChecked: true,
      isBalanced: true,
      opening: { minor: 10000n, currency: 'EUR' },
      closing: { minor: 11000n, currency: 'EUR' },
      difference: { minor: 0n, currency: 'EUR' },
      isSummaryProven: false,
      remark: undefined,
    });
    expect((await end({ balances: both, entries: booked + pending })).totals).toEqual([
      {
        status: 'BOOK',
        credits: 1,
        creditSum: { minor: 1000n, currency: 'EUR' },
        debits: 0,
        debitSum: { minor: 0n, currency: 'EUR' },
      },
      {
        status: 'PDNG',
        credits: 1,
        creditSum: { minor: 500n, currency: 'EUR' },
        debits: 0,
        debitSum: { minor: 0n, currency: 'EUR' },
      },
    ]);
    const previous = balance('PRCD', '100.00') + balance('CLBD', '110.00');
    expect((await end({ balances: previous, entries: booked })).proof).toMatchObject({ isBalanced: true });
    const overdrawn = balance('OPBD', '5', '2026-01-01', 'EUR', 'DBIT') + balance('CLBD', '5');
    expect((await end({ balances: overdrawn, entries: booked })).proof).toMatchObject({
      isBalanced: true,
      opening: { minor: -500n },
    });
    const days = both + balance('OPBD', '110', '2026-01-03') + balance('CLBD', '120', '2026-01-03');
    expect((await end({ balances: days, entries: booked + booked })).proof).toMatchObject({
      isBalanced: true,
    });
    // A reversal of a debit is money coming in: its direction counts, not its mark.
    const reversal = entry({ reversal: true });
    expect((await end({ balances: both, entries: reversal })).proof).toMatchObject({ isBalanced: true });
  });

  it('are refused when they do not, with both figures at the line of the closing balance', async () => {
    const reason =
      'Line 7: The closing balance is 110.00 EUR, but the opening balance of 100.00 EUR and the booked entries make ';
    const refused = (text: string): Promise<string> =>
      refusal(file(statement({ balances: `${opening}\n${balance('CLBD', '110.00')}`, entries: text })));
    expect(await refused('')).toBe(`${reason}100.00 EUR.`);
    expect(await refused(booked + booked)).toBe(`${reason}120.00 EUR.`);
    expect(await refused(pending)).toBe(`${reason}100.00 EUR.`);
    expect(await refused(entry({ sign: 'DBIT' }))).toBe(`${reason}90.00 EUR.`);
    expect(await refused(entry({ status: '<Sts><Prtry>BOOK</Prtry></Sts>' }))).toBe(`${reason}100.00 EUR.`);
    // Entries of other days alone excuse nothing: without a summary, nothing proves that they are all there.
    const late = entry({
      booked: '<BookgDt><Dt>2026-03-03</Dt></BookgDt>',
      amount: '<Amt Ccy="EUR">1</Amt>',
    });
    expect(await refused(late)).toBe(`${reason}101.00 EUR.`);
  });

  it('are reported, not refused, where the file itself explains the difference', async () => {
    const late = entry({
      booked: '<BookgDt><Dt>2026-03-03</Dt></BookgDt>',
      amount: '<Amt Ccy="EUR">1</Amt>',
    });
    const summary = '<TxsSummry><TtlNtries><NbOfNtries>1</NbOfNtries><Sum>1.00</Sum></TtlNtries></TxsSummry>';
    expect((await end({ balances: both, summary, entries: late })).proof).toMatchObject({
      isBalanced: false,
      difference: { minor: 900n, currency: 'EUR' },
      isSummaryProven: true,
      remark: 'Some entries were booked on days outside those of the balances.',
    });
    const count = '<TxsSummry><TtlNtries><NbOfNtries>1</NbOfNtries></TtlNtries></TxsSummry>';
    expect(await refusal(file(statement({ balances: both, summary: count, entries: late })))).toContain(
      'closing balance',
    );
    const dollars = entry({ amount: '<Amt Ccy="USD">10.00</Amt>' });
    expect((await end({ balances: both, entries: dollars })).proof).toMatchObject({
      isBalanced: false,
      remark: 'Some entries are not in EUR.',
    });
    const page = '<MsgPgntn><PgNb>1</PgNb><LastPgInd>false</LastPgInd></MsgPgntn>';
    const lying = '<TxsSummry><TtlNtries><NbOfNtries>9</NbOfNtries></TtlNtries></TxsSummry>';
    expect((await end({ balances: both, summary: lying }, '08', page)).proof).toMatchObject({
      isBalanced: false,
      isSummaryProven: false,
      remark: 'Only some pages of the statement are in this file.',
    });
    const lastPage = '<StmtPgntn><PgNb>2</PgNb><LastPgInd>true</LastPgInd></StmtPgntn>';
    expect((await end({ head: lastPage, balances: both })).proof).toMatchObject({ isBalanced: false });
  });

  it('are not checked where one is missing, and it is said', async () => {
    const cases: [string, string][] = [
      [balance('ITBD', '1'), 'There is no closing balance.'],
      [balance('CLBD', '1'), 'There is no opening balance in EUR.'],
      [opening + balance('CLBD', '1', '2026-01-02', 'SEK'), 'There is no opening balance in SEK.'],
    ];
    for (const [balances, remark] of cases) {
      expect((await end({ balances, entries: booked })).proof).toMatchObject({
        isChecked: false,
        isBalanced: undefined,
        difference: undefined,
        remark,
      });
    }
  });

  it('are refused when the summary denies the entries, at the line of the figure', async () => {
    const total = (name: string, inner: string): string =>
      `<TxsSummry>\n<${name}>\n${inner}</${name}></TxsSummry>`;
    const debit = entry({ sign: 'DBIT', amount: '<Amt Ccy="EUR">4</Amt>' });
    const texts = booked + debit;
    const good = [
      total('TtlNtries', '<NbOfNtries>2</NbOfNtries><Sum>14.000</Sum><TtlNetNtry><Amt>6</Amt><CdtDbtInd>CRDT</CdtDbtInd></TtlNetNtry>'),
      total('TtlCdtNtries', '<NbOfNtries>1</NbOfNtries><Sum>10</Sum>'),
      total('TtlDbtNtries', '<NbOfNtries>01</NbOfNtries><Sum>4.0</Sum>'),
      total('TtlDbtNtries', ''),
    ]; // prettier-ignore
    for (const summary of good) expect((await end({ summary, entries: texts })).entries).toBe(2);
    const bad: [string, string][] = [
      [
        total('TtlNtries', '<NbOfNtries>3</NbOfNtries>'),
        'The summary says that the number of all entries is 3, but the statement has 2.',
      ],
      [
        total('TtlNtries', '<Sum>6.00</Sum>'),
        'The summary says that the sum of all entries is 6, but the entries make 14.00 EUR.',
      ],
      [
        total('TtlNtries', '<TtlNetNtry><Amt>6</Amt><CdtDbtInd>DBIT</CdtDbtInd></TtlNetNtry>'),
        'The summary says that credits less debits make -6, but the entries make 6.00 EUR.',
      ],
      [
        total('TtlCdtNtries', '<NbOfNtries>2</NbOfNtries>'),
        'The summary says that the number of credit entries is 2, but the statement has 1.',
      ],
      [
        total('TtlDbtNtries', '<Sum>4.001</Sum>'),
        'The summary says that the sum of debit entries is 4.001, but the entries make 4.00 EUR.',
      ],
    ];
    for (const [summary, reason] of bad) {
      expect(await refusal(file(statement({ summary, entries: texts })))).toBe(`Line 9: ${reason}`);
    }
    // Banks count pending entries or leave them out, but never half of them.
    const counted = (count: number, sum: string): string =>
      total('TtlNtries', `<NbOfNtries>${count}</NbOfNtries><Sum>${sum}</Sum>`);
    expect(await end({ summary: counted(2, '15'), entries: booked + pending })).toBeDefined();
    expect(await end({ summary: counted(1, '10'), entries: booked + pending })).toBeDefined();
    expect(
      await refusal(file(statement({ summary: counted(1, '15'), entries: booked + pending }))),
    ).toContain('Line 9');
  });

  it('take the net amount of version 02 with and without its sign', async () => {
    const old = (net: string): string =>
      file(
        statement({
          head: '<CreDtTm>2026-01-03T00:00:00Z</CreDtTm>',
          summary: `<TxsSummry><TtlNtries>${net}</TtlNtries></TxsSummry>`,
          entries: entry({ status: '<Sts>BOOK</Sts>', sign: 'DBIT' }),
        }),
        '02',
      );
    const net = (text: string): string => `<TtlNetNtryAmt>${text}</TtlNetNtryAmt>`;
    expect(await read(old(`${net('10')}<CdtDbtInd>DBIT</CdtDbtInd>`))).toHaveLength(3);
    expect(await read(old(net('10')))).toHaveLength(3);
    expect(await read(old(net('-10')))).toHaveLength(3);
    expect(await refusal(old(`${net('10')}<CdtDbtInd>CRDT</CdtDbtInd>`))).toContain(
      'credits less debits make 10',
    );
    expect(await refusal(old(net('11')))).toContain('credits less debits make 11');
  });
});

describe('the source', () => {
  it('may fail or be left early', async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(file(statement()).slice(0, 100));
      throw new Error('connection lost');
    }
    const reading = async (): Promise<void> => {
      for await (const event of readStatements(failing())) void event;
    };
    await expect(reading()).rejects.toThrow('connection lost');
    let isClosed = false;
    async function* closing(): AsyncGenerator<Uint8Array> {
      try {
        yield Buffer.from(file(statement()));
        yield Buffer.from(' ');
      } finally {
        isClosed = true;
      }
    }
    for await (const event of readStatements(closing())) if (event.type === 'statement') break;
    expect(isClosed).toBe(true);
  });

  it('tells entries as they come, before the file is over', async () => {
    const text = file(statement({ entries: entry() }));
    const cut = text.indexOf('</Ntry>') + 7;
    let isOver = false;
    async function* slow(): AsyncGenerator<Uint8Array> {
      yield Buffer.from(text.slice(0, cut));
      isOver = true;
      yield Buffer.from(text.slice(cut));
    }
    for await (const event of readStatements(slow())) if (event.type === 'entry') expect(isOver).toBe(false);
    expect(isOver).toBe(true);
  });
});

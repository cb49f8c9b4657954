import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readReport } from '../../../src/service/rails/read-report.ts';
import { StatementError } from '../../../src/service/rails/statement-error.ts';

const DATA = process.env['OKPAY_TEST_DATA'] ?? join(import.meta.dirname, '../../../../shared/data');
const SAMPLES = join(DATA, 'iso20022/pain.002');
const BOMBS = join(DATA, 'bad-input/xml');

async function* bytes(text: string | Buffer, size = 1_000): AsyncGenerator<Uint8Array> {
  const all = Buffer.from(text);
  for (let at = 0; at < all.length; at += size) yield all.subarray(at, at + size);
}

const read = (text: string | Buffer, size?: number) => readReport(bytes(text, size));

/** A report of a version with these parts in it. */
function report(version: string, group: string, payments = ''): string {
  return `<?xml version="1.0"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:${version}"><CstmrPmtStsRpt>
<GrpHdr><MsgId>BANK1</MsgId><CreDtTm>2026-03-02T10:00:00</CreDtTm></GrpHdr>
<OrgnlGrpInfAndSts><OrgnlMsgId>01K</OrgnlMsgId><OrgnlMsgNmId>pain.001</OrgnlMsgNmId>${group}</OrgnlGrpInfAndSts>
${payments}</CstmrPmtStsRpt></Document>`;
}

const PAYMENTS = `<OrgnlPmtInfAndSts><OrgnlPmtInfId>01K-1</OrgnlPmtInfId><PmtInfSts>PART</PmtInfSts>
<TxInfAndSts><OrgnlEndToEndId>A</OrgnlEndToEndId><TxSts>RJCT</TxSts>
<StsRsnInf><Rsn><Cd>AC04</Cd></Rsn><AddtlInf>Account closed</AddtlInf></StsRsnInf>
<OrgnlTxRef><Amt><InstdAmt Ccy="EUR">12.50</InstdAmt></Amt><Cdtr><Nm>x</Nm></Cdtr></OrgnlTxRef></TxInfAndSts>
<TxInfAndSts><OrgnlEndToEndId>B</OrgnlEndToEndId><TxSts>ACSP</TxSts></TxInfAndSts>
</OrgnlPmtInfAndSts>`;

describe.each(['pain.002.001.03', 'pain.002.001.10'])('a payment status report, %s', (version) => {
  it('tells of the file, its groups and each payment', async () => {
    const found = await read(report(version, '<GrpSts>PART</GrpSts>', PAYMENTS), 7);
    expect(found).toMatchObject({ version, originalMessageId: '01K', status: 'PART', reasons: [] });
    expect(found.groups).toMatchObject([{ id: '01K-1', status: 'PART' }]);
    const amount = { minor: 1250n, currency: 'EUR' };
    expect(found.groups[0]?.payments).toMatchObject([
      { endToEndId: 'A', status: 'RJCT', reasons: ['AC04', 'Account closed'], amount, line: 6 },
      { endToEndId: 'B', status: 'ACSP', reasons: [], amount: undefined },
    ]);
  });

  it.each([
    ['<GrpSts>RJCT</GrpSts><StsRsnInf><Rsn><Prtry>Own</Prtry></Rsn></StsRsnInf>', 'RJCT', ['Own']],
    ['<GrpSts>ACTC</GrpSts>', 'ACTC', []],
    ['', undefined, []],
  ])('tells of a whole file: %s', async (group, status, reasons) => {
    expect(await read(report(version, group))).toMatchObject({ status, reasons, groups: [] });
  });

  it.each([
    ['a document type', (text: string) => text.replace('?>', '?><!DOCTYPE x>'), 'document type', 1],
    ['an unknown element', (text: string) => text.replace('<TxSts>ACSP', '<Nope/><TxSts>ACSP'), 'Nope', 9],
    ['a cut-off end', (text: string) => text.slice(0, -40), 'well-formed', 10],
    ['a status too long', (text: string) => text.replace('ACSP', 'ACSPX'), 'TxSts', 9],
    ['an amount without currency', (text: string) => text.replace(' Ccy="EUR"', ''), 'currency', 8],
    [
      'no original file',
      (text: string) => text.replace(/<OrgnlGrp[^]*?AndSts>\n/, ''),
      'OrgnlGrpInfAndSts',
      4,
    ],
  ])('is refused with %s, with the line', async (_, spoil, reason, line) => {
    const error = await read(spoil(report(version, '', PAYMENTS))).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(StatementError);
    expect((error as StatementError).reason).toContain(reason);
    expect((error as StatementError).line).toBe(line);
  });
});

describe('another file', () => {
  it.each([
    ['camt.053.001.08', 'it is camt.053.001.08'],
    ['pain.002.001.99', 'it is pain.002.001.99'],
    ['', 'its Document is in no namespace'],
  ])('is refused: %s', async (version, reason) => {
    const text = version === '' ? '<Document/>' : report(version, '');
    await expect(read(text)).rejects.toThrow(reason);
  });

  it('is refused whatever it is', async () => {
    for (const text of ['', 'x', '{}', '<a/>', '%PDF-1.7', '\u0000'])
      await expect(read(text)).rejects.toThrow(StatementError);
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 200 }), fc.nat(600), async (noise, at) => {
        const whole = report('pain.002.001.03', '', PAYMENTS);
        const spoilt = whole.slice(0, at) + noise + whole.slice(at);
        const ending = await read(spoilt).catch((error: unknown) => error);
        if (ending instanceof Error) expect(ending).toBeInstanceOf(StatementError);
      }),
      { numRuns: 200 },
    );
  });

  it.skipIf(!existsSync(BOMBS))('is refused at once when it is a bomb (ASVS V1.5.1)', async () => {
    for (const name of ['xmlbomb.xml', 'external.xml', 'dtd.xml'])
      await expect(read(readFileSync(join(BOMBS, name)))).rejects.toThrow('document type');
  });

  it.skipIf(!existsSync(SAMPLES))('of the public samples those of the standard are read', async () => {
    const sample = (name: string) => read(readFileSync(join(SAMPLES, name)));
    expect(await sample('svapnil_nordea_pain_002_v3_group_reject.xml')).toMatchObject({ status: 'RJCT' });
    expect(await sample('svapnil_goldman_sachs_pain_002_v3_group_accepted.xml')).toMatchObject({
      status: 'ACTC',
    });
    await expect(sample('svapnil_cross_river_pain_002_batch_rejected.xml')).rejects.toThrow('no namespace');
  });
});

import type { Output } from '../../../src/core/contract/operations.ts';
import { digitsOf, formatMinor, parseAmount, type Currency } from '../../../src/core/money.ts';
import { clearingAccount, suspenseAccount } from '../../../src/service/ledger/accounts.ts';
import { balanceByName } from '../../../src/service/ledger/read.ts';
import type { Harness, Holder } from '../../harness.ts';

export const OUR_IBAN = 'DE02120300000000202051';

/** One payment inside an entry. */
export type Part = { amount?: string; text?: string; endToEndId?: string; payer?: string; returned?: string };

/** One line of a bank statement. */
export type Line = Part & {
  amount: string;
  /** Other than the statement's: money of another account. */
  currency?: Currency;
  side?: 'CRDT' | 'DBIT';
  status?: string;
  isReversal?: boolean;
  ref?: string;
  day?: string;
  /** Several payments in one entry; none leaves the details out. */
  parts?: readonly Part[];
  information?: string;
};

export type Day = {
  lines: readonly Line[];
  id?: string;
  iban?: string;
  day?: string;
  opening?: string;
  currency?: Currency;
  /** What the bank says the closing balance is, when that is not the truth. */
  closing?: string;
};

let statements = 0;

/** A camt.053.001.08 statement as a bank would write it, with everything that `writeStatement` never writes. */
export function bankDay(day: Day): string {
  const { lines, iban = OUR_IBAN, currency = 'EUR', opening = '1000.00' } = day;
  const { id = `DAY-${(statements += 1)}`, day: date = '2026-03-02' } = day;
  const own = lines.filter(
    (line) => (line.currency ?? currency) === currency && (line.status ?? 'BOOK') === 'BOOK',
  );
  const moved = own.reduce(
    (sum, { amount, side }) => sum + (side === 'DBIT' ? -1n : 1n) * parseAmount(amount, currency).minor,
    parseAmount(opening, currency).minor,
  );
  const closing = day.closing ?? formatMinor(moved < 0n ? -moved : moved, currency);
  const balance = (code: string, amount: string, sign: string) =>
    `<Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp><Amt Ccy="${currency}">${amount}</Amt><CdtDbtInd>${sign}</CdtDbtInd><Dt><Dt>${date}</Dt></Dt></Bal>`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>
<GrpHdr><MsgId>${id}</MsgId><CreDtTm>${date}T20:00:00Z</CreDtTm></GrpHdr>
<Stmt><Id>${id}</Id><CreDtTm>${date}T20:00:00Z</CreDtTm>
<Acct><Id><IBAN>${iban}</IBAN></Id><Ccy>${currency}</Ccy></Acct>
${balance('OPBD', opening, 'CRDT')}
${balance('CLBD', closing, moved < 0n ? 'DBIT' : 'CRDT')}
${lines.map((line) => entry(line, currency, date)).join('\n')}
</Stmt></BkToCstmrStmt></Document>
`;
}

function entry(line: Line, currency: Currency, date: string): string {
  const { amount, side = 'CRDT', status = 'BOOK', isReversal, ref, parts = [line], information } = line;
  const money = (text: string) => `<Amt Ccy="${line.currency ?? currency}">${text}</Amt>`;
  const detail = (part: Part) =>
    `<TxDtls>${part.endToEndId === undefined ? '' : `<Refs><EndToEndId>${part.endToEndId}</EndToEndId></Refs>`}${
      part.amount === undefined ? '' : `${money(part.amount)}<CdtDbtInd>${side}</CdtDbtInd>`
    }${part.payer === undefined ? '' : `<RltdPties><Dbtr><Pty><Nm>${part.payer}</Nm></Pty></Dbtr></RltdPties>`}${
      part.text === undefined ? '' : `<RmtInf><Ustrd>${part.text}</Ustrd></RmtInf>`
    }${part.returned === undefined ? '' : `<RtrInf><Rsn><Cd>${part.returned}</Cd></Rsn></RtrInf>`}</TxDtls>`;
  return `<Ntry>${money(amount)}<CdtDbtInd>${side}</CdtDbtInd>${isReversal ? '<RvslInd>true</RvslInd>' : ''}
<Sts><Cd>${status}</Cd></Sts><BookgDt><Dt>${line.day ?? date}</Dt></BookgDt>${ref === undefined ? '' : `<AcctSvcrRef>${ref}</AcctSvcrRef>`}
<BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>
${parts.length === 0 ? '' : `<NtryDtls>${parts.map(detail).join('')}</NtryDtls>`}${information === undefined ? '' : `<AddtlNtryInf>${information}</AddtlNtryInf>`}</Ntry>`;
}

/** The bytes of a file as they come over a wire, in pieces. */
export async function* pieces(file: string | Uint8Array, size = 1_000): AsyncGenerator<Uint8Array> {
  const bytes = typeof file === 'string' ? Buffer.from(file) : file;
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

export function importFile(staff: Holder, file: string | Uint8Array): Promise<Output<'import-statement'>> {
  return staff.client.call('import-statement', {}, { body: pieces(file) });
}

/** How many movements of a file were credited, went to suspense, were there already, and move nothing. */
export async function importCounts(staff: Holder, file: string): Promise<[number, number, number, number]> {
  const { statements: reports } = await importFile(staff, file);
  const sum = (of: 'credited' | 'suspense' | 'alreadyBooked' | 'notBooked') =>
    reports.reduce((all, report) => all + report[of], 0);
  return [sum('credited'), sum('suspense'), sum('alreadyBooked'), sum('notBooked')];
}

export function referenceOf(holder: Holder): Promise<string> {
  return holder.client.call('get-deposit-instructions', {}).then(({ reference }) => reference);
}

/** What our book says is on the bank account: minus the clearing account. */
export async function atBank(harness: Harness, currency: Currency = 'EUR', iban = OUR_IBAN): Promise<string> {
  const row = await balanceByName(harness.service.deps.engine, clearingAccount(iban, currency).name);
  return formatMinor(-(row?.balance ?? 0n), currency);
}

export async function inSuspense(harness: Harness, currency: Currency = 'EUR'): Promise<string> {
  const row = await balanceByName(harness.service.deps.engine, suspenseAccount(currency).name);
  return formatMinor(row?.balance ?? 0n, currency);
}

/** Amounts as XML writers write them, with zeros left out or added, as exact minor units. */
export function minorOf(text: string, currency: Currency): bigint {
  const [whole = '0', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(digitsOf(currency), '0'));
}

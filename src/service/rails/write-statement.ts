import { formatMinor, type Money } from '../../core/money.ts';
import type { Direction } from './statement-events.ts';

/** One entry to write. Amounts are positive; dates are calendar days `YYYY-MM-DD`; references have 1 to 35 characters. */
export type EntryToWrite = {
  readonly amount: Money;
  readonly direction: Direction;
  readonly bookingDate: string;
  readonly accountServicerReference?: string | undefined;
  readonly endToEndId?: string | undefined;
  /** Longer text becomes several lines of 140 characters. */
  readonly remittance?: string | undefined;
  /** Names are cut after 140 characters. */
  readonly debtorName?: string | undefined;
  readonly debtorIban?: string | undefined;
  readonly creditorName?: string | undefined;
  readonly creditorIban?: string | undefined;
  /** `BOOK` unless said otherwise; only booked entries count in the closing balance. */
  readonly status?: 'BOOK' | 'PDNG' | 'INFO' | 'FUTR' | undefined;
  readonly isReversal?: boolean | undefined;
  /** What kind of payment it is to the bank: a SEPA credit transfer unless said otherwise, or one within its own books. */
  readonly family?: 'ESCT' | 'BOOK' | undefined;
  /** Why a payment came back: an ISO 20022 ExternalReturnReason1Code such as `AC04`. */
  readonly returnReason?: string | undefined;
};

/** How many entries there are in one direction, and what they sum to in minor units. */
export type SideTotal = { readonly count: number; readonly sum: bigint };

/** What comes before the entries of a statement. `from` and `to` are calendar days, both included. */
export type StatementBegin = {
  readonly id: string;
  readonly electronicSequenceNumber?: bigint | undefined;
  readonly created: Date;
  readonly from: string;
  readonly to: string;
  /** An IBAN, or a number of the bank's own: at most 34 characters. */
  readonly account: { readonly iban: string } | { readonly other: string };
  /** Whose account it is, and who keeps it. */
  readonly owner?: string | undefined;
  readonly servicer?: string | undefined;
  readonly opening: Money;
  readonly closing: Money;
  /** Whether more entries may still come: the balance at the end is then one of the moment (ITBD). */
  readonly isInterim?: boolean | undefined;
  readonly credits: SideTotal;
  readonly debits: SideTotal;
};

/** One statement to write. `from` and `to` are calendar days, both included. The opening balance may be negative. */
export type StatementToWrite = {
  readonly id: string;
  readonly electronicSequenceNumber?: bigint | undefined;
  readonly created: Date;
  readonly from: string;
  readonly to: string;
  readonly iban: string;
  readonly opening: Money;
  readonly entries: readonly EntryToWrite[];
  /** What else is said of it: at most 500 characters. */
  readonly remark?: string | undefined;
  /** To rehearse with a bank that errs: what is added to the closing balance that its entries make, in minor units. */
  readonly closingOffBy?: bigint | undefined;
};

/**
 * Writes one bank statement as camt.053.001.08 text (encode it as UTF-8), valid against the ISO 20022 schema, with the closing
 * balance and the summary its entries make: for demonstrations, tests, and banks that are other OKpay services.
 * Characters that XML 1.0 does not have are dropped. Throws RangeError for what the format cannot say: an entry in another
 * currency, an amount that is negative or has more than 18 digits, a reference that is empty or longer than 35 characters.
 */
export function writeStatement(statement: StatementToWrite): string {
  const { opening, entries } = statement;
  const { currency } = opening;
  for (const { amount } of entries) {
    if (amount.currency !== currency)
      throw new RangeError(`An entry in ${amount.currency} cannot stand in a ${currency} statement.`);
  }
  const booked = entries.filter(({ status }) => status === undefined || status === 'BOOK');
  const moved = totalOf(booked, 'credit').sum - totalOf(booked, 'debit').sum;
  const { id, electronicSequenceNumber, created, from, to } = statement;
  return lines([
    beginDocument(id, created),
    beginStatement({
      ...{ id, electronicSequenceNumber, created, from, to, opening },
      account: { iban: statement.iban },
      closing: { minor: opening.minor + moved + (statement.closingOffBy ?? 0n), currency },
      credits: totalOf(entries, 'credit'),
      debits: totalOf(entries, 'debit'),
    }),
    ...entries.map(writeEntry),
    endStatement(statement.remark),
    endDocument(),
    '',
  ]);
}

/** The begin of a camt.053.001.08 document of one statement or several, without a line break at its end. */
export function beginDocument(id: string, created: Date): string {
  return lines([
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">',
    ' <BkToCstmrStmt>',
    `  <GrpHdr><MsgId>${reference(id)}</MsgId><CreDtTm>${created.toISOString()}</CreDtTm></GrpHdr>`,
  ]);
}

/** What of a statement comes before its entries. */
export function beginStatement(begin: StatementBegin): string {
  const { created, from, to, account, owner, servicer, opening, closing, credits, debits } = begin;
  const { currency } = opening;
  const number =
    'iban' in account
      ? `<IBAN>${iban(account.iban)}</IBAN>`
      : `<Othr><Id>${reference(account.other, 34)}</Id></Othr>`;
  const name = (text: string | undefined) => parts(text ?? '')[0];
  const [ownerName, servicerName] = [name(owner), name(servicer)];
  return lines([
    '  <Stmt>',
    `   <Id>${reference(begin.id)}</Id>`,
    begin.electronicSequenceNumber !== undefined &&
      `   <ElctrncSeqNb>${begin.electronicSequenceNumber}</ElctrncSeqNb>`,
    `   <CreDtTm>${created.toISOString()}</CreDtTm>`,
    `   <FrToDt><FrDtTm>${day(from)}T00:00:00Z</FrDtTm><ToDtTm>${day(to)}T23:59:59Z</ToDtTm></FrToDt>`,
    `   <Acct><Id>${number}</Id><Ccy>${currency}</Ccy>${
      ownerName === undefined ? '' : `<Ownr><Nm>${ownerName}</Nm></Ownr>`
    }${servicerName === undefined ? '' : `<Svcr><FinInstnId><Nm>${servicerName}</Nm></FinInstnId></Svcr>`}</Acct>`,
    balance('OPBD', opening, from),
    balance(begin.isInterim ? 'ITBD' : 'CLBD', closing, to),
    '   <TxsSummry>',
    `    <TtlNtries><NbOfNtries>${credits.count + debits.count}</NbOfNtries></TtlNtries>`,
    side('TtlCdtNtries', credits, currency),
    side('TtlDbtNtries', debits, currency),
    '   </TxsSummry>',
  ]);
}

/** The end of a statement, with something to say about it in words of at most 500 characters. */
export function endStatement(information?: string): string {
  return lines([
    information !== undefined && `   <AddtlStmtInf>${escape(withoutForbidden(information))}</AddtlStmtInf>`,
    '  </Stmt>',
  ]);
}

/** The end of a document. */
export function endDocument(): string {
  return lines([' </BkToCstmrStmt>', '</Document>']);
}

function balance(code: string, amount: Money, date: string): string {
  const size: Money = { minor: absolute(amount.minor), currency: amount.currency };
  return lines([
    `   <Bal><Tp><CdOrPrtry><Cd>${code}</Cd></CdOrPrtry></Tp>${amountText(size)}`,
    `    <CdtDbtInd>${amount.minor < 0n ? 'DBIT' : 'CRDT'}</CdtDbtInd><Dt><Dt>${day(date)}</Dt></Dt></Bal>`,
  ]);
}

function side(name: string, { count, sum }: SideTotal, currency: Money['currency']): string {
  return `    <${name}><NbOfNtries>${count}</NbOfNtries><Sum>${formatMinor(sum, currency)}</Sum></${name}>`;
}

/** One entry of a statement. Throws as writeStatement does. */
export function writeEntry(entry: EntryToWrite): string {
  const { amount, direction, accountServicerReference, endToEndId } = entry;
  if (amount.minor < 0n) throw new RangeError('The amount of an entry cannot be negative.');
  const indicator = `<CdtDbtInd>${direction === 'credit' ? 'CRDT' : 'DBIT'}</CdtDbtInd>`;
  const parties = [
    party('Dbtr', entry.debtorName, entry.debtorIban),
    party('Cdtr', entry.creditorName, entry.creditorIban),
  ].join('');
  const remittance = parts(entry.remittance ?? '').map((part) => `<Ustrd>${part}</Ustrd>`);
  return lines([
    '   <Ntry>',
    `    ${amountText(amount)}${indicator}`,
    entry.isReversal && '    <RvslInd>true</RvslInd>',
    `    <Sts><Cd>${entry.status ?? 'BOOK'}</Cd></Sts>`,
    `    <BookgDt><Dt>${day(entry.bookingDate)}</Dt></BookgDt><ValDt><Dt>${day(entry.bookingDate)}</Dt></ValDt>`,
    accountServicerReference !== undefined &&
      `    <AcctSvcrRef>${reference(accountServicerReference)}</AcctSvcrRef>`,
    `    <BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>${direction === 'credit' ? 'RCDT' : 'ICDT'}</Cd><SubFmlyCd>${entry.family ?? 'ESCT'}</SubFmlyCd></Fmly></Domn></BkTxCd>`,
    '    <NtryDtls><TxDtls>',
    endToEndId !== undefined && `     <Refs><EndToEndId>${reference(endToEndId)}</EndToEndId></Refs>`,
    `     ${amountText(amount)}${indicator}`,
    parties !== '' && `     <RltdPties>${parties}</RltdPties>`,
    remittance.length > 0 && `     <RmtInf>${remittance.join('')}</RmtInf>`,
    entry.returnReason !== undefined &&
      `     <RtrInf><Rsn><Cd>${code(entry.returnReason)}</Cd></Rsn></RtrInf>`,
    '    </TxDtls></NtryDtls>',
    '   </Ntry>',
  ]);
}

function party(role: 'Dbtr' | 'Cdtr', name: string | undefined, account: string | undefined): string {
  const [text] = parts(name ?? '');
  return [
    text === undefined ? '' : `<${role}><Pty><Nm>${text}</Nm></Pty></${role}>`,
    account === undefined ? '' : `<${role}Acct><Id><IBAN>${iban(account)}</IBAN></Id></${role}Acct>`,
  ].join('');
}

function amountText({ minor, currency }: Money): string {
  if (minor.toString().length > 18) throw new RangeError('An amount of a statement has at most 18 digits.');
  return `<Amt Ccy="${currency}">${formatMinor(minor, currency)}</Amt>`;
}

function totalOf(entries: readonly EntryToWrite[], direction: Direction): SideTotal {
  const own = entries.filter((entry) => entry.direction === direction);
  return { count: own.length, sum: own.reduce((sum, { amount }) => sum + amount.minor, 0n) };
}

/** Text of 1 to 35 characters, or another number of them, escaped. */
function reference(text: string, most = 35): string {
  const clean = withoutForbidden(text);
  const length = Array.from(clean).length;
  if (length < 1 || length > most)
    throw new RangeError(`A reference of a statement has 1 to ${most} characters.`);
  return escape(clean);
}

/** A code of up to four letters and digits. */
function code(text: string): string {
  if (!/^[A-Z0-9]{1,4}$/.test(text))
    throw new RangeError('A code of a statement has 1 to 4 letters and digits.');
  return text;
}

function day(text: string): string {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text))
    throw new RangeError('A day of a statement is written YYYY-MM-DD.');
  return text;
}

function iban(text: string): string {
  const bare = text.replace(/ /g, '').toUpperCase();
  if (!/^[A-Z]{2}[0-9]{2}[A-Z0-9]{1,30}$/.test(bare))
    throw new RangeError('The account of a statement is an IBAN.');
  return bare;
}

/** Text cut into escaped parts of at most 140 characters. No part for empty text. */
function parts(text: string): string[] {
  const characters = Array.from(withoutForbidden(text));
  const count = Math.ceil(characters.length / 140);
  return Array.from({ length: count }, (_, at) =>
    escape(characters.slice(at * 140, (at + 1) * 140).join('')),
  );
}

/** XML 1.0 has no control characters but tab and line breaks, no lone surrogates and no U+FFFE or U+FFFF (section 2.2). */
function withoutForbidden(text: string): string {
  return text.replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '');
}

/** A bare carriage return would be read back as a line feed, so it is written by number. */
function escape(text: string): string {
  return text.replace(/[&<>\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function lines(texts: readonly (string | false | undefined)[]): string {
  return texts.filter((text) => typeof text === 'string').join('\n');
}

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value;
}

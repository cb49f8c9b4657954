import { digitsOf, formatMinor, type Currency } from '../../core/money.ts';
import { toSepaText } from './sepa-text.ts';

/** The versions of pain.001 that are written. */
export const PAYMENT_VERSIONS = ['pain.001.001.09', 'pain.001.001.03'] as const;
export type PaymentVersion = (typeof PAYMENT_VERSIONS)[number];

/** The most payments that go into one file. */
export const PAYMENTS_IN_ONE_FILE = 10_000;

/** An account as a bank knows it: by its IBAN, or by a number at a member of a national clearing system. */
export type PayeeAccount =
  | { readonly iban: string; readonly bic?: string | undefined }
  | {
      readonly number: string;
      /** ISO 20022 ExternalClearingSystemIdentification1Code, such as `USABA`, and the bank in it. */
      readonly clearing: { readonly system: string; readonly member: string };
      readonly country: string;
      /** ISO 20022 CashAccountType: `CACC` for a current account, `SVGS` for savings. */
      readonly type?: 'CACC' | 'SVGS' | undefined;
    };

/** One payment: the amount in minor units, above zero. References have 1 to 35 characters of the SEPA set. */
export type PaymentToWrite = {
  readonly endToEndId: string;
  readonly amount: bigint;
  /** Whatever people are called: written in the characters banks take, cut after 70. */
  readonly creditorName: string;
  readonly account: PayeeAccount;
  /** To be paid by the rules of SEPA: euro, between accounts with IBANs of its countries. */
  readonly isSepa: boolean;
  readonly remittance?: string | undefined;
};

/** One file: all payments from one account in one currency. */
export type PaymentsToWrite = {
  readonly version: PaymentVersion;
  /** 1 to 30 characters, letters and digits; the parts of the file are named after it. */
  readonly messageId: string;
  readonly created: Date;
  /** The day on which the bank is to pay, `YYYY-MM-DD`. */
  readonly executeOn: string;
  readonly debtor: { readonly name: string; readonly iban: string; readonly bic?: string | undefined };
  readonly currency: Currency;
  readonly payments: readonly PaymentToWrite[];
};

/**
 * Writes an order to a bank to pay, ISO 20022 pain.001 (encode it as UTF-8), valid against the schema of its version. Payments
 * of the SEPA and others are two groups in it; numbers and sums are told for the file and for each group. Each payment is to
 * be booked for itself, so that the statement names it. Text comes in pieces. Throws RangeError for what the format cannot say.
 */
export function* writePayments(file: PaymentsToWrite): Generator<string> {
  const { version, payments, messageId } = file;
  if (payments.length < 1 || payments.length > PAYMENTS_IN_ONE_FILE)
    throw new RangeError(`A file has 1 to ${PAYMENTS_IN_ONE_FILE} payments.`);
  const groups = [true, false]
    .map((isSepa) => payments.filter((payment) => payment.isSepa === isSepa))
    .filter((group) => group.length > 0);
  yield lines(
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:${version}">`,
    ' <CstmrCdtTrfInitn>',
    '  <GrpHdr>',
    `   <MsgId>${reference(messageId)}</MsgId>`,
    `   <CreDtTm>${file.created.toISOString()}</CreDtTm>`,
    totals(payments, file.currency),
    `   <InitgPty><Nm>${name(file.debtor.name)}</Nm></InitgPty>`,
    '  </GrpHdr>',
  );
  for (const [at, group] of groups.entries()) {
    yield groupHead(file, group, `${messageId}-${at + 1}`);
    for (const payment of group) yield paymentText(file, payment);
    yield lines('  </PmtInf>');
  }
  yield lines(' </CstmrCdtTrfInitn>', '</Document>');
}

function groupHead(file: PaymentsToWrite, group: readonly PaymentToWrite[], id: string): string {
  const { debtor, currency, version } = file;
  const isSepa = group[0]?.isSepa === true;
  const day = dayOf(file.executeOn);
  return lines(
    '  <PmtInf>',
    `   <PmtInfId>${reference(id)}</PmtInfId>`,
    '   <PmtMtd>TRF</PmtMtd>',
    '   <BtchBookg>false</BtchBookg>',
    totals(group, currency),
    isSepa && '   <PmtTpInf><SvcLvl><Cd>SEPA</Cd></SvcLvl></PmtTpInf>',
    `   <ReqdExctnDt>${version === 'pain.001.001.03' ? day : `<Dt>${day}</Dt>`}</ReqdExctnDt>`,
    `   <Dbtr><Nm>${name(debtor.name)}</Nm></Dbtr>`,
    `   <DbtrAcct><Id><IBAN>${iban(debtor.iban)}</IBAN></Id><Ccy>${currency}</Ccy></DbtrAcct>`,
    `   <DbtrAgt>${debtor.bic === undefined ? NO_BANK : bank(version, debtor.bic)}</DbtrAgt>`,
    // Who bears the banks' own charges: each its own, which within the SEPA has a name of its own.
    `   <ChrgBr>${isSepa ? 'SLEV' : 'SHAR'}</ChrgBr>`,
  );
}

const NO_BANK = '<FinInstnId><Othr><Id>NOTPROVIDED</Id></Othr></FinInstnId>';

function paymentText({ version, currency }: PaymentsToWrite, payment: PaymentToWrite): string {
  const { account, amount, remittance } = payment;
  if (amount <= 0n || amount.toString().length > 18)
    throw new RangeError('An amount of a payment is above zero and has at most 18 digits.');
  if (digitsOf(currency) > 5) throw new RangeError(`${currency} has more digits than the format.`);
  const text = remittance === undefined ? undefined : toSepaText(remittance, 140);
  return lines(
    '   <CdtTrfTxInf>',
    `    <PmtId><EndToEndId>${reference(payment.endToEndId)}</EndToEndId></PmtId>`,
    `    <Amt><InstdAmt Ccy="${currency}">${formatMinor(amount, currency)}</InstdAmt></Amt>`,
    agentText(version, account),
    `    <Cdtr><Nm>${name(payment.creditorName)}</Nm>${'country' in account ? `<PstlAdr><Ctry>${country(account.country)}</Ctry></PstlAdr>` : ''}</Cdtr>`,
    `    <CdtrAcct>${accountText(account)}</CdtrAcct>`,
    text !== undefined && `    <RmtInf><Ustrd>${escape(text)}</Ustrd></RmtInf>`,
    '   </CdtTrfTxInf>',
  );
}

function agentText(version: PaymentVersion, account: PayeeAccount): string | false {
  if ('iban' in account)
    return account.bic !== undefined && `    <CdtrAgt>${bank(version, account.bic)}</CdtrAgt>`;
  const { system, member } = account.clearing;
  const id = `<ClrSysId><Cd>${code(system)}</Cd></ClrSysId><MmbId>${reference(member)}</MmbId>`;
  return `    <CdtrAgt><FinInstnId><ClrSysMmbId>${id}</ClrSysMmbId></FinInstnId></CdtrAgt>`;
}

function accountText(account: PayeeAccount): string {
  if ('iban' in account) return `<Id><IBAN>${iban(account.iban)}</IBAN></Id>`;
  const type = account.type === undefined ? '' : `<Tp><Cd>${account.type}</Cd></Tp>`;
  return `<Id><Othr><Id>${reference(account.number)}</Id></Othr></Id>${type}`;
}

function bank(version: PaymentVersion, bic: string): string {
  if (!/^[A-Z]{6}[A-Z2-9][A-NP-Z0-9](?:[A-Z0-9]{3})?$/.test(bic))
    throw new RangeError('A bank is named by its BIC.');
  const element = version === 'pain.001.001.03' ? 'BIC' : 'BICFI';
  return `<FinInstnId><${element}>${bic}</${element}></FinInstnId>`;
}

function totals(payments: readonly PaymentToWrite[], currency: Currency): string {
  const sum = payments.reduce((all, { amount }) => all + amount, 0n);
  return `   <NbOfTxs>${payments.length}</NbOfTxs><CtrlSum>${formatMinor(sum, currency)}</CtrlSum>`;
}

/** Names are 70 characters at most by the rules of the SEPA, whatever the schema allows. */
function name(text: string): string {
  return escape(toSepaText(text, 70));
}

function reference(text: string): string {
  if (!/^[A-Za-z0-9\-?:().,'+]{1,35}$/.test(text))
    throw new RangeError('A reference has 1 to 35 characters that every bank takes.');
  return escape(text);
}

function code(text: string): string {
  if (!/^[A-Z]{3,5}$/.test(text)) throw new RangeError('A clearing system is named by its code.');
  return text;
}

function country(text: string): string {
  if (!/^[A-Z]{2}$/.test(text)) throw new RangeError('A country is named by two letters.');
  return text;
}

function iban(text: string): string {
  if (!/^[A-Z]{2}[0-9]{2}[A-Z0-9]{1,30}$/.test(text))
    throw new RangeError('An account is named by its IBAN.');
  return text;
}

function dayOf(text: string): string {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}$/.test(text)) throw new RangeError('A day is written YYYY-MM-DD.');
  return text;
}

/** None of the characters that every bank takes needs it; so it stays right whatever that set becomes. */
function escape(text: string): string {
  return text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);
}

function lines(...texts: (string | false | undefined)[]): string {
  return `${texts.filter((text) => typeof text === 'string').join('\n')}\n`;
}

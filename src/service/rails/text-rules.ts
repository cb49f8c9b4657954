import { readDecimal, significantDigits } from './exact-decimal.ts';

/** What is wrong with the text of an element, as the end of a sentence, or undefined when it is fine. */
export type TextRule = (text: string) => string | undefined;

/**
 * The text types of ISO 20022 that are read, by the names that the schemas give them. Where the type is a date, a
 * decimal or a truth value, white space around it is fine (XML Schema collapses it); anywhere else it counts.
 */
export const TEXT_RULES: Readonly<Record<string, TextRule>> = {
  ...Object.fromEntries([4, 34, 35, 70, 105, 140, 500].map((length) => [`Text${length}`, textOf(length)])),
  Digits5: pattern(/^[0-9]{1,5}$/, 'is not a number of 1 to 5 digits'),
  Digits15: pattern(/^[0-9]{1,15}$/, 'is not a number of 1 to 15 digits'),
  WholeNumber: pattern(/^[ \t\r\n]*[+-]?[0-9]{1,18}(?:\.0*)?[ \t\r\n]*$/, 'is not a whole number'),
  Decimal: decimal(17, true),
  PositiveDecimal: decimal(17, false),
  Amount: decimal(5, false),
  Boolean: pattern(/^[ \t\r\n]*(?:true|false|0|1)[ \t\r\n]*$/, 'is neither true nor false'),
  CreditDebit: pattern(/^(?:CRDT|DBIT)$/, 'is neither CRDT nor DBIT'),
  StatusCode: pattern(/^(?:BOOK|PDNG|INFO)$/, 'is none of BOOK, PDNG and INFO'),
  GroupStatus: pattern(
    /^(?:ACTC|RCVD|PART|RJCT|PDNG|ACCP|ACSP|ACSC|ACWC)$/,
    'is not a status of this version',
  ),
  TransactionStatus: pattern(/^(?:ACTC|RJCT|PDNG|ACCP|ACSP|ACSC|ACWC)$/, 'is not a status of this version'),
  CopyCode: pattern(/^(?:CODU|COPY|DUPL)$/, 'is none of CODU, COPY and DUPL'),
  BalanceCode: pattern(
    /^(?:XPCD|OPAV|ITAV|CLAV|FWAV|CLBD|ITBD|OPBD|PRCD|INFO)$/,
    'is not a balance type of this version',
  ),
  CurrencyCode: (text) => (isCurrencyCode(text) ? undefined : 'is not a currency code'),
  Iban: pattern(/^[A-Z]{2}[0-9]{2}[a-zA-Z0-9]{1,30}$/, 'is not written as an IBAN'),
  Uetr: pattern(/^[a-f0-9]{8}-[a-f0-9]{4}-4[a-f0-9]{3}-[89ab][a-f0-9]{3}-[a-f0-9]{12}$/, 'is not a UETR'),
  Date: (text) => (isDate(text) ? undefined : 'is not a date'),
  DateTime: (text) => (isDateTime(text) ? undefined : 'is not a date and time'),
};

function textOf(length: number): TextRule {
  return (text) => {
    if (text === '') return 'is empty';
    // A string has at least as many UTF-16 units as characters, so counting characters is seldom needed.
    return text.length > length && Array.from(text).length > length
      ? `is longer than ${length} characters`
      : undefined;
  };
}

function pattern(expression: RegExp, problem: string): TextRule {
  return (text) => (expression.test(text) ? undefined : problem);
}

/** Decimals of at most 18 digits (ISO 20022 allows no more), with at most so many after the point. */
function decimal(fractionDigits: number, mayBeNegative: boolean): TextRule {
  return (text) => {
    const value = readDecimal(text);
    if (value === undefined) return 'is not a decimal number';
    if (value.units < 0n && !mayBeNegative) return 'is negative';
    if (significantDigits(value) > 18) return 'has more than 18 digits';
    return value.scale > fractionDigits ? `has more than ${fractionDigits} decimals` : undefined;
  };
}

const DATE = '([0-9]{4})-([0-9]{2})-([0-9]{2})';
const ZONE = '(?:Z|[+-](?:(?:0[0-9]|1[0-3]):[0-5][0-9]|14:00))?';
const TIME = '(?:(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\\.[0-9]+)?|24:00:00(?:\\.0+)?)';
const DATE_TEXT = new RegExp(`^[ \\t\\r\\n]*${DATE}${ZONE}[ \\t\\r\\n]*$`);
const DATE_TIME_TEXT = new RegExp(`^[ \\t\\r\\n]*${DATE}T${TIME}${ZONE}[ \\t\\r\\n]*$`);

function isDate(text: string): boolean {
  return isCalendarDay(DATE_TEXT.exec(text));
}

function isDateTime(text: string): boolean {
  return text.length <= 64 && isCalendarDay(DATE_TIME_TEXT.exec(text));
}

function isCalendarDay(match: RegExpExecArray | null): boolean {
  if (!match) return false;
  const [year, month, day] = match.slice(1, 4).map(Number) as [number, number, number];
  const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1];
  return year > 0 && days !== undefined && day >= 1 && day <= days;
}

/** True for what ISO 20022 takes as a currency code: three capitals, whether or not ISO 4217 knows them. */
export function isCurrencyCode(text: string): boolean {
  return /^[A-Z]{3}$/.test(text);
}

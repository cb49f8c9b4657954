import { Refusal } from './contract/refusals.ts';
import { CURRENCY_DIGITS } from './currencies.ts';

/** An active ISO 4217 code, such as `EUR`. */
export type Currency = keyof typeof CURRENCY_DIGITS;

/** An exact amount: whole minor units (cents, fils) of one currency. May be negative inside the service. */
export type Money = { readonly minor: bigint; readonly currency: Currency };

/** Money as it travels: a decimal string with at most the currency's digits, never a number. */
export type WireMoney = { amount: string; currency: string };

/** Largest amount in minor units that any balance or entry may reach (signed 64 bit, as both databases store it). */
export const MAX_MINOR = 2n ** 63n - 1n;

/** True when the text is an active ISO 4217 code, in capitals. */
export function isCurrency(text: string): text is Currency {
  return Object.hasOwn(CURRENCY_DIGITS, text);
}

/** How many decimal digits the currency's minor unit has (ISO 4217: JPY 0, EUR 2, KWD 3, CLF 4). */
export function digitsOf(currency: Currency): number {
  return CURRENCY_DIGITS[currency];
}

/**
 * Reads a currency code as a person types it (`eur` is fine).
 * Throws the refusal `currency_unknown`.
 */
export function parseCurrency(text: string): Currency {
  const code = /^[A-Za-z]{3}$/.test(text) ? text.toUpperCase() : text;
  if (isCurrency(code)) return code;
  throw new Refusal('currency_unknown', {
    reason: `“${clip(text)}” is not an active ISO 4217 currency code. Examples: EUR, USD, JPY.`,
  });
}

/**
 * Reads a plain decimal amount that is not negative: ASCII digits, one optional point, at most the currency's digits.
 * Signs, exponents, separators, blanks and other scripts' digits are refused, and nothing is ever rounded.
 * Throws the refusal `amount_invalid`.
 */
export function parseAmount(text: string, currency: Currency): Money {
  const digits = digitsOf(currency);
  const match = /^(0|[1-9][0-9]{0,20})(?:\.([0-9]{1,20}))?$/.exec(text);
  if (!match) {
    throw new Refusal('amount_invalid', {
      reason: `“${clip(text)}” is not an amount. Write plain digits with a point, such as ${example(currency)}.`,
    });
  }
  const fraction = match[2] ?? '';
  if (fraction.length > digits) {
    const allowed = digits === 0 ? 'no decimals' : `at most ${digits} decimals`;
    throw new Refusal('amount_invalid', {
      reason: `${currency} has ${allowed}, and “${clip(text)}” has ${fraction.length}.`,
    });
  }
  const minor = BigInt((match[1] ?? '') + fraction.padEnd(digits, '0'));
  if (minor > MAX_MINOR) {
    throw new Refusal('amount_invalid', {
      reason: `“${clip(text)}” is larger than any amount the ledger can hold.`,
    });
  }
  return { minor, currency };
}

/** Like parseAmount, but zero is refused too: for what is to be paid. */
export function parsePositiveAmount(text: string, currency: Currency): Money {
  const money = parseAmount(text, currency);
  if (money.minor === 0n)
    throw new Refusal('amount_invalid', { reason: 'The amount must be more than zero.' });
  return money;
}

/** The exact decimal text of minor units: `1250n` EUR is `12.50`, `-5n` KWD is `-0.005`. */
export function formatMinor(minor: bigint, currency: Currency): string {
  const digits = digitsOf(currency);
  const sign = minor < 0n ? '-' : '';
  const text = (minor < 0n ? -minor : minor).toString().padStart(digits + 1, '0');
  return digits === 0 ? sign + text : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}

/** `12.50 EUR`. */
export function formatMoney(money: Money): string {
  return `${formatMinor(money.minor, money.currency)} ${money.currency}`;
}

/** Money for the wire. */
export function toWire(minor: bigint, currency: Currency): WireMoney {
  return { amount: formatMinor(minor, currency), currency };
}

/** Money from the wire; throws the refusals of parseCurrency and parseAmount. */
export function fromWire(wire: WireMoney): Money {
  const currency = parseCurrency(wire.currency);
  return parseAmount(wire.amount, currency);
}

function example(currency: Currency): string {
  const digits = digitsOf(currency);
  return digits === 0 ? '12' : `12.${'50'.padEnd(digits, '0').slice(0, digits)}`;
}

/** Text as it may stand in a sentence: not all of a long one, and no half of a character. */
function clip(text: string): string {
  const clipped = text.length > 40 ? `${text.slice(0, 40)}…` : text;
  return clipped.toWellFormed().replaceAll('\0', '\ufffd');
}

/** A decimal number held exactly: `units` divided by ten to the power of `scale`. `1.50` is 15 and 1. */
export type ExactDecimal = { readonly units: bigint; readonly scale: number };

/**
 * Reads decimal text as XML Schema 1.0 part 2 section 3.2.3 writes it: an optional sign, digits, an optional point,
 * leading and trailing zeros as many as there are, white space around it, no exponent. Trailing zeros are dropped.
 * Answers undefined when the text is not a decimal number, or is longer than 64 characters.
 */
export function readDecimal(text: string): ExactDecimal | undefined {
  if (text.length > 64 || !/[0-9]/.test(text)) return undefined;
  const match = /^[ \t\r\n]*(?=[+\-.0-9])([+-]?)0*([1-9][0-9]*)?(?:\.([0-9]*[1-9])?0*)?[ \t\r\n]*$/.exec(
    text,
  );
  if (!match) return undefined;
  const fraction = match[3] ?? '';
  const units = BigInt(`0${match[2] ?? ''}${fraction}`);
  return { units: match[1] === '-' ? -units : units, scale: fraction.length };
}

/**
 * The decimal as whole minor units of a currency with that many digits (ISO 4217), or undefined when it is finer than
 * one minor unit: nothing is ever rounded.
 */
export function toMinor(decimal: ExactDecimal, digits: number): bigint | undefined {
  if (decimal.scale > digits) return undefined;
  return decimal.units * 10n ** BigInt(digits - decimal.scale);
}

/** How many digits the number has, leading and trailing zeros left out (the totalDigits of XML Schema). */
export function significantDigits(decimal: ExactDecimal): number {
  const digits = (decimal.units < 0n ? -decimal.units : decimal.units).toString().length;
  return Math.max(digits, decimal.scale);
}

/** An exact positive fraction, in lowest terms. */
export type Fraction = { readonly numerator: bigint; readonly denominator: bigint };

/** A fraction in lowest terms. Both parts are more than zero. */
export function fraction(numerator: bigint, denominator: bigint): Fraction {
  if (numerator <= 0n || denominator <= 0n) throw new Error('a fraction of rates is more than zero');
  const divisor = commonDivisor(numerator, denominator);
  return { numerator: numerator / divisor, denominator: denominator / divisor };
}

/** What a plain decimal such as `1.1432` is, exactly. Digits and one point, more than zero. */
export function fractionOfDecimal(text: string): Fraction {
  const [whole = '', part = ''] = text.split('.');
  return fraction(BigInt(whole + part), 10n ** BigInt(part.length));
}

/** One fraction by another. */
export function divide(one: Fraction, other: Fraction): Fraction {
  return fraction(one.numerator * other.denominator, one.denominator * other.numerator);
}

/** One fraction times another. */
export function multiply(one: Fraction, other: Fraction): Fraction {
  return fraction(one.numerator * other.numerator, one.denominator * other.denominator);
}

/** So many times a fraction, rounded down to a whole number. */
export function timesDown(amount: bigint, { numerator, denominator }: Fraction): bigint {
  return (amount * numerator) / denominator;
}

/** So many times a fraction, rounded up to a whole number; the amount is not negative. */
export function timesUp(amount: bigint, { numerator, denominator }: Fraction): bigint {
  return (amount * numerator + denominator - 1n) / denominator;
}

/** `5716/5000`: the form in which a fraction is kept. */
export function writeFraction({ numerator, denominator }: Fraction): string {
  return `${numerator}/${denominator}`;
}

/** Reads what `writeFraction` wrote. */
export function readFraction(text: string): Fraction {
  const [numerator = '', denominator = ''] = text.split('/');
  return fraction(BigInt(numerator), BigInt(denominator));
}

/** Digits that people are shown of a fraction that is no short decimal. */
const SHOWN_DIGITS = 10;

/** A fraction as a decimal for people: so many significant digits, rounded down, without zeros at the end. */
export function decimalOf({ numerator, denominator }: Fraction, digits: number = SHOWN_DIGITS): string {
  const whole = (numerator / denominator).toString();
  let places = whole === '0' ? digits : Math.max(0, digits - whole.length);
  // Zeros after the point are not significant.
  for (let rest = numerator * 10n; whole === '0' && rest < denominator; rest *= 10n) places += 1;
  const scaled = ((numerator * 10n ** BigInt(places)) / denominator).toString().padStart(places + 1, '0');
  if (places === 0) return scaled;
  let end = scaled.length;
  while (end > scaled.length - places && scaled[end - 1] === '0') end -= 1;
  const [units, part] = [scaled.slice(0, -places), scaled.slice(-places, end)];
  return part === '' ? units : `${units}.${part}`;
}

function commonDivisor(one: bigint, other: bigint): bigint {
  let [a, b] = [one, other];
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}

import { quote, StatementError } from './statement-error.ts';

/** What one euro was worth in a currency on a day, as a file of the European Central Bank says it. */
export type ReferenceRate = {
  /** `2026-10-30`. */
  readonly day: string;
  /** Three capitals; old files name currencies that are no more. */
  readonly currency: string;
  /** A plain decimal, more than zero. */
  readonly rate: string;
  readonly line: number;
};

/** The most days a file may have: more than forty years of them. */
const MOST_DAYS = 12_000;

/** Collects the rates of a file and holds them to what every such file keeps: each day once, each currency once a day. */
export class ReferenceRates {
  readonly #rates: ReferenceRate[] = [];
  readonly #days = new Set<string>();
  #currencies = new Set<string>();
  #day = '';

  /** A day begins, written as `2026-10-30`. Throws StatementError. */
  begin(day: string, line: number): void {
    if (!isDay(day)) throw new StatementError(`${quote(day)} is not a day.`, line);
    if (this.#days.has(day)) throw new StatementError(`The day ${day} is there twice.`, line);
    if (this.#days.size >= MOST_DAYS)
      throw new StatementError(`The file has more than ${MOST_DAYS} days.`, line);
    this.#days.add(day);
    this.#currencies = new Set();
    this.#day = day;
  }

  /** A rate of the day that has begun. Throws StatementError. */
  add(currency: string, rate: string, line: number): void {
    checkCurrency(currency, line);
    if (this.#currencies.has(currency))
      throw new StatementError(`${currency} is there twice for ${this.#day}.`, line);
    if (!isRate(rate)) throw new StatementError(`${quote(rate)} is not a rate.`, line);
    this.#currencies.add(currency);
    this.#rates.push({ day: this.#day, currency, rate, line });
  }

  /** All of them, when the file is over. Throws StatementError when there are none. */
  all(line: number): readonly ReferenceRate[] {
    if (this.#rates.length === 0) throw new StatementError('The file has no rates.', line);
    return this.#rates;
  }
}

/** Throws StatementError unless it is written like the code of a currency. */
export function checkCurrency(text: string, line: number): void {
  if (!/^[A-Z]{3}$/.test(text)) throw new StatementError(`${quote(text)} is not a currency.`, line);
}

/** Whether a text is a rate: a plain decimal of bounded length, more than zero. */
export function isRate(text: string): boolean {
  return /^(?:0|[1-9][0-9]{0,8})(?:\.[0-9]{1,10})?$/.test(text) && /[1-9]/.test(text);
}

function isDay(text: string): boolean {
  if (!/^[12][0-9]{3}-[0-9]{2}-[0-9]{2}$/.test(text)) return false;
  const ms = Date.parse(text);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

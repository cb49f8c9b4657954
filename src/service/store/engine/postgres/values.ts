import type { CustomTypesConfig } from 'pg';
import type { Value } from '../engine.ts';

/** Type ids, from pg_type.dat of PostgreSQL. */
const BOOLEAN = 16;
const INTEGERS = new Set([20, 21, 23, 26]);
const NUMERIC = 1700;

/**
 * How values are read: every integer as a bigint, also sums of integers, which PostgreSQL gives as numeric; booleans
 * as 1 and 0; everything else as its text.
 */
export const TYPES: CustomTypesConfig = {
  getTypeParser: (oid: number) => {
    if (INTEGERS.has(oid) || oid === NUMERIC) return BigInt;
    if (oid === BOOLEAN) return (text: string) => (text === 't' ? 1n : 0n);
    return (text: string) => text;
  },
};

/** Values for the wire. Only plain ones may pass: the driver would turn dates and objects into text of its own. */
export function checked(values: readonly Value[] = []): (string | null)[] {
  return values.map((value) => {
    if (value === null || typeof value === 'string') return value;
    if (typeof value === 'bigint' || Number.isSafeInteger(value)) return String(value);
    throw new TypeError(`not a database value: ${typeof value}`);
  });
}

/** An array of integers as PostgreSQL writes it. */
export function integers(list: readonly (bigint | number | null)[]): string {
  let text = '{';
  for (let at = 0; at < list.length; at++) text += `${at === 0 ? '' : ','}${list[at] ?? 'NULL'}`;
  return `${text}}`;
}

/** An array of texts as PostgreSQL writes it. */
export function texts(list: readonly (string | null)[]): string {
  let text = '{';
  for (let at = 0; at < list.length; at++) {
    const item = list[at] as string | null;
    if (at > 0) text += ',';
    if (item === null) text += 'NULL';
    else text += `"${/["\\]/.test(item) ? item.replace(/["\\]/g, '\\$&') : item}"`;
  }
  return `${text}}`;
}

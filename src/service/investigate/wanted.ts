import { kindOfId } from '../../core/contract/ids.ts';
import type { Parsed } from '../../core/contract/operations.ts';
import { Refusal } from '../../core/contract/refusals.ts';
import { parseAmount, parseCurrency, type Money } from '../../core/money.ts';
import { findDepositReferences } from '../identity/deposit-reference.ts';
import { emailKeyOf } from '../identity/email.ts';
import { phoneOf } from '../identity/find-holder.ts';
import { nameKey } from '../store/name-key.ts';

type Search = Parsed<'search-accounts'>;

/** What is looked for, in the form in which it is stored. */
export type Wanted =
  | { readonly by: 'email' | 'phone' | 'id' | 'payee' | 'reference' | 'transfer'; readonly key: string }
  | { readonly by: 'amount'; readonly amount: Money }
  | { readonly by: 'opened' };

const CRITERIA = ['query', 'email', 'phone', 'id', 'payee', 'amount', 'reference', 'transfer'] as const;
/** `12.50 EUR`, `12.50EUR`, `EUR 12.50`. */
const AMOUNT = /^(?<first>\d[\d.]*) ?(?<after>[A-Z]{3})$|^(?<before>[A-Z]{3}) ?(?<second>\d[\d.]*)$/i;

/**
 * What a search asks for: one thing, by its own field or by a word that says by its form what it is; or with only a time,
 * the accounts that were opened then. Throws `input_invalid`, and the refusals of amounts and addresses.
 */
export function wantedOf(search: Search): Wanted {
  const given = CRITERIA.filter((name) => search[name] !== undefined);
  const [name, second] = given;
  if (second !== undefined) throw invalid(second, 'cannot be looked for together with something else');
  if (name === undefined) {
    if (search.since !== undefined || search.until !== undefined) return { by: 'opened' };
    throw invalid('query', 'is missing: give something to look for, or a time');
  }
  if (name === 'query') return recognise(search.query ?? '');
  if (name === 'amount') {
    const { amount = '', currency = '' } = search.amount ?? {};
    return amountOf(amount, currency);
  }
  const key = search[name] ?? '';
  if (name === 'email') return { by: 'email', key: emailKeyOf(key) };
  if (name === 'phone') return { by: 'phone', key: phoneOf(key) };
  if (name === 'payee') return { by: 'payee', key: nameKey(key) };
  if (name === 'reference') return referenceOf(key) ?? { by: 'reference', key };
  return { by: name, key };
}

/** What a word is, by its form; what has no form of its own is the name of a payee. */
function recognise(word: string): Wanted {
  const text = word.trim();
  const kind = kindOfId(text);
  if (kind === 'transfer') return { by: 'transfer', key: text };
  if (kind !== undefined) return { by: 'id', key: text };
  if (text.includes('@')) return { by: 'email', key: emailKeyOf(text) };
  if (/^\+[\d\s()./-]+$/.test(text)) return { by: 'phone', key: phoneOf(text) };
  const reference = referenceOf(text);
  if (reference) return reference;
  const { first, after, before, second } = AMOUNT.exec(text)?.groups ?? {};
  if (first !== undefined && after !== undefined) return amountOf(first, after);
  if (second !== undefined && before !== undefined) return amountOf(second, before);
  return { by: 'payee', key: nameKey(text) };
}

function amountOf(amount: string, code: string): Wanted {
  return { by: 'amount', amount: parseAmount(amount, parseCurrency(code)) };
}

function referenceOf(text: string): Wanted | undefined {
  const [key] = findDepositReferences(text);
  return key === undefined ? undefined : { by: 'reference', key };
}

function invalid(field: string, reason: string): Refusal {
  return new Refusal('input_invalid', { field, reason });
}

import type { Input } from '../core/contract/operations.ts';
import { Refusal } from '../core/contract/refusals.ts';
import { LIMITS } from '../core/contract/schemas.ts';
import { parseAmount, parseCurrency } from '../core/money.ts';
import type { Question } from './io.ts';
import { readAmount, readPayment, type PaymentWords } from './payment-words.ts';

export type SendWords = PaymentWords & {
  quote?: string;
  maxFee?: string;
  note?: string;
  idempotencyKey?: string;
};

/** A payment as it was typed, with everything checked that can be checked here. */
export type SendRequest = {
  readonly what: Input<'create-quote'> | Input<'get-quote'>;
  readonly note: string | undefined;
  readonly key: string | undefined;
  readonly maxFee: string | undefined;
  /** What is asked before it leaves. */
  readonly question: Question;
};

/** Words that say what is to be changed into what. */
export type ConversionWords = { amount?: string; currency?: string; into?: string; from?: string };

/** Reads the words of `okpay send`. Throws `usage_invalid`, `amount_invalid`, `currency_unknown`. */
export function readSendWords(words: SendWords): SendRequest {
  const { note, idempotencyKey: key, maxFee } = words;
  if (note !== undefined && note.length > LIMITS.noteLength)
    throw new Refusal('usage_invalid', {
      reason: `The note has ${note.length} characters; ${LIMITS.noteLength} is the most (--note).`,
    });
  checkKey(key);
  const question = { message: 'Send it?', flag: '--yes' };
  return { what: readWhat(words), note: note === '' ? undefined : note, key, maxFee, question };
}

/** A key of the user's own, as a header takes it. Throws `usage_invalid`. */
export function checkKey(key: string | undefined): string | undefined {
  if (key !== undefined && !(/^[\x21-\x7e]+$/.test(key) && key.length <= LIMITS.idempotencyKeyLength))
    throw new Refusal('usage_invalid', {
      reason: `A key is 1 to ${LIMITS.idempotencyKeyLength} visible ASCII characters, without blanks (--idempotency-key).`,
    });
  return key;
}

/**
 * Reads what is to be changed: `100 EUR USD` changes 100 EUR into USD, `100 USD --from EUR` changes as many EUR as it takes for
 * 100 USD. Throws `usage_invalid`, `amount_invalid`, `currency_unknown`.
 */
export function readConversion({ amount, currency, into, from }: ConversionWords): Input<'create-quote'> {
  if (amount === undefined || (into === undefined) === (from === undefined))
    throw new Refusal('usage_invalid', {
      reason: 'Say how much of what into what: 100 EUR USD; or what you want to get: 100 USD --from EUR.',
    });
  const wanted = readAmount(amount, currency);
  return into === undefined
    ? { amount: wanted, from: parseCurrency(from ?? '') }
    : { amount: wanted, receive: parseCurrency(into) };
}

function readWhat(words: SendWords): SendRequest['what'] {
  const { quote, to, maxFee } = words;
  if (quote !== undefined) {
    if (to === undefined) return { quote };
    throw new Refusal('usage_invalid', {
      reason: 'A quote says who is paid and how much: give --quote alone, or who and how much.',
    });
  }
  const payment = readPayment(words);
  if (maxFee !== undefined) parseAmount(maxFee, parseCurrency(payment.from ?? payment.amount.currency));
  return payment;
}

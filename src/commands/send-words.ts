import type { Input } from '../core/contract/operations.ts';
import { Refusal } from '../core/contract/refusals.ts';
import { LIMITS } from '../core/contract/schemas.ts';
import { parseAmount, parseCurrency } from '../core/money.ts';
import { readPayment, type PaymentWords } from './payment-words.ts';

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
};

/** Reads the words of `okpay send`. Throws `usage_invalid`, `amount_invalid`, `currency_unknown`. */
export function readSendWords(words: SendWords): SendRequest {
  const { note, idempotencyKey: key, maxFee } = words;
  if (note !== undefined && note.length > LIMITS.noteLength)
    throw new Refusal('usage_invalid', {
      reason: `The note has ${note.length} characters; ${LIMITS.noteLength} is the most (--note).`,
    });
  if (key !== undefined && !(/^[\x21-\x7e]+$/.test(key) && key.length <= LIMITS.idempotencyKeyLength))
    throw new Refusal('usage_invalid', {
      reason: `A key is 1 to ${LIMITS.idempotencyKeyLength} visible ASCII characters, without blanks (--idempotency-key).`,
    });
  return { what: readWhat(words), note: note === '' ? undefined : note, key, maxFee };
}

function readWhat(words: SendWords): SendRequest['what'] {
  const { quote, to, maxFee, feeFrom } = words;
  if (quote !== undefined) {
    if (to === undefined) return { quote };
    throw new Refusal('usage_invalid', {
      reason: 'A quote says who is paid and how much: give --quote alone, or who and how much.',
    });
  }
  const payment = readPayment(words);
  if (maxFee !== undefined) parseAmount(maxFee, parseCurrency(payment.amount.currency));
  return { ...payment, ...(feeFrom === undefined ? {} : { feeFrom }) };
}

import * as z from 'zod/mini';
import { Refusal } from '../../core/contract/refusals.ts';
import { isThisMachine } from '../../core/places.ts';

/** What a bank says of whose account it is: `unavailable` when it could not be asked. */
export type NameAnswer = {
  readonly result: 'match' | 'close_match' | 'no_match' | 'unavailable';
  /** The name the bank has, told for a close match. */
  readonly name?: string | undefined;
};

/** Asks whether an account is in a name. Never throws: what could not be asked is `unavailable`. */
export type NameCheck = (asked: {
  readonly name: string;
  readonly country: string;
  readonly currency: string;
  readonly details: Readonly<Record<string, string>>;
}) => Promise<NameAnswer>;

const CONNECT_TIMEOUT_MS = 3_000;
const ANSWER_TIMEOUT_MS = 5_000;
const MOST_BYTES = 16_384;

const answer = z.object({
  result: z.enum(['match', 'close_match', 'no_match', 'unavailable']),
  name: z.optional(z.string().check(z.maxLength(140))),
});

/**
 * A check of names by an address of the operator's: it is sent what is asked as JSON by POST, and answers with a result as
 * JSON. HTTPS, or HTTP on this machine. Redirects are not followed, long answers not read. Throws `usage_invalid` for an
 * address that is neither.
 */
export function makeNameCheck(address: string, failed: (code: string) => void): NameCheck {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isLocal = url?.protocol === 'http:' && isThisMachine(url.hostname);
  if (!url || (url.protocol !== 'https:' && !isLocal))
    throw new Refusal('usage_invalid', {
      reason: 'The address that is asked for names begins with https:// (OKPAY_NAME_CHECK_URL).',
      next: 'okpay help environment',
    });
  return async ({ name, country, currency, details }) => {
    const { Client } = await import('undici');
    const client = new Client(url.origin, {
      allowH2: false,
      connectTimeout: CONNECT_TIMEOUT_MS,
      headersTimeout: ANSWER_TIMEOUT_MS,
      bodyTimeout: ANSWER_TIMEOUT_MS,
    });
    try {
      const response = await client.request({
        method: 'POST',
        path: `${url.pathname}${url.search}`,
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        body: JSON.stringify({ name, country, currency, ...details }),
        signal: AbortSignal.timeout(CONNECT_TIMEOUT_MS + ANSWER_TIMEOUT_MS),
      });
      if (response.statusCode !== 200) throw new Error(`status ${response.statusCode}`);
      const pieces: Buffer[] = [];
      let bytes = 0;
      for await (const piece of response.body as AsyncIterable<Buffer>) {
        bytes += piece.length;
        if (bytes > MOST_BYTES) throw new Error('answer too long');
        pieces.push(piece);
      }
      return answer.parse(JSON.parse(Buffer.concat(pieces).toString('utf8')));
    } catch (error) {
      failed((error as { code?: string }).code ?? (error as Error).name);
      return { result: 'unavailable' };
    } finally {
      await client.destroy();
    }
  };
}

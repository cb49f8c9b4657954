import { Client } from 'undici';
import { Refusal } from '../../core/contract/refusals.ts';
import { isThisMachine } from '../../core/places.ts';
import { RATES_BYTES } from './read-rates.ts';

const CONNECT_TIMEOUT_MS = 5_000;
const PIECE_TIMEOUT_MS = 10_000;
/** For all of it, in milliseconds. */
const PATIENCE_MS = 30_000;

/**
 * Reads a file from the address the operator configured: over https, or over http from this machine only. No redirect is
 * followed, as where it leads nobody configured (OWASP ASVS 5.0, V15.3.2), nothing of the caller is sent along, and time and
 * size are bounded. Throws `rates_unreachable`.
 */
export async function fetchRates(address: string): Promise<Uint8Array> {
  const url = checkedUrl(address);
  const client = new Client(url.origin, {
    allowH2: false,
    connectTimeout: CONNECT_TIMEOUT_MS,
    headersTimeout: PIECE_TIMEOUT_MS,
    bodyTimeout: PIECE_TIMEOUT_MS,
  });
  try {
    const { statusCode, body } = await client.request({
      method: 'GET',
      path: url.pathname + url.search,
      headers: { accept: 'application/xml, text/csv' },
      signal: AbortSignal.timeout(PATIENCE_MS),
    });
    if (statusCode !== 200) throw unreachable(url, `it answered with HTTP ${statusCode}`);
    const pieces: Uint8Array[] = [];
    let size = 0;
    for await (const piece of body as AsyncIterable<Uint8Array>) {
      size += piece.length;
      if (size > RATES_BYTES) throw unreachable(url, `the answer is larger than ${RATES_BYTES} bytes`);
      pieces.push(piece);
    }
    return Buffer.concat(pieces);
  } catch (error) {
    if (error instanceof Refusal) throw error;
    const { code, name } = error as NodeJS.ErrnoException;
    throw unreachable(
      url,
      name === 'TimeoutError' ? 'it took too long' : `it did not answer (${code ?? name})`,
    );
  } finally {
    await client.destroy();
  }
}

function checkedUrl(address: string): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (!url) throw new Refusal('rates_unreachable', { url: address, reason: 'it is no address' });
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isThisMachine(url.hostname)))
    throw unreachable(url, 'it takes https, or http on this machine');
  if (url.username !== '' || url.password !== '')
    throw unreachable(url, 'an address with a name or a password in it is not used');
  return url;
}

/** What is told of an address: not what may be a secret in it. */
function unreachable({ origin, pathname }: URL, reason: string): Refusal {
  return new Refusal('rates_unreachable', { url: origin + pathname, reason });
}

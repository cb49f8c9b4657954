import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { Refusal } from '../../core/contract/refusals.ts';

/** Bytes that are read more than once: first to prove them, then to act on them. */
export type Spool = {
  /** The bytes as they come in, kept on the way. To be read to the end once. */
  readonly incoming: AsyncIterable<Uint8Array>;
  /** The same bytes again. */
  readonly again: () => AsyncIterable<Uint8Array>;
  /** Removes what was kept. */
  readonly discard: () => Promise<void>;
};

/** Keeps a stream in a private temporary file, so that memory stays flat. Throws `body_too_large`, `storage_full`. */
export async function makeSpool(body: AsyncIterable<Uint8Array>, limitBytes: number): Promise<Spool> {
  const folder = await mkdtemp(join(tmpdir(), 'okpay-'));
  const file = join(folder, 'body');
  return {
    incoming: keep(body, file, limitBytes),
    again: () => createReadStream(file) as AsyncIterable<Uint8Array>,
    discard: () => rm(folder, { recursive: true, force: true }),
  };
}

async function* keep(
  body: AsyncIterable<Uint8Array>,
  file: string,
  limitBytes: number,
): AsyncGenerator<Uint8Array> {
  const out = createWriteStream(file, { mode: 0o600, flags: 'wx' });
  let failure: NodeJS.ErrnoException | undefined;
  out.on('error', (error) => (failure = error));
  let bytes = 0;
  try {
    for await (const chunk of body) {
      bytes += chunk.length;
      if (bytes > limitBytes) throw new Refusal('body_too_large', { limit: String(limitBytes) });
      if (failure) throw failure;
      if (!out.write(chunk)) await once(out, 'drain');
      yield chunk;
    }
    out.end();
    await finished(out);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === 'ENOSPC' || code === 'EDQUOT' ? new Refusal('storage_full') : error;
  } finally {
    // Also when the reader has seen enough and stops.
    out.destroy();
  }
}

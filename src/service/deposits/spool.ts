import { once } from 'node:events';
import { createReadStream, createWriteStream, type WriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { Refusal } from '../../core/contract/refusals.ts';

/** Lines that are written down first and read when all of them are there, in a private temporary file: memory stays flat. */
export type Spool = {
  /** Keeps a line, which has no line break in it. */
  readonly keep: (line: string) => void;
  /** To be awaited now and then: writes down what was kept when it has become much. Throws `storage_full`. */
  readonly settle: () => Promise<void>;
  /** All lines in their order, many at a time. Nothing can be kept any more. Throws `storage_full`. */
  readonly lines: () => AsyncIterable<readonly string[]>;
  /** Removes what was kept. */
  readonly discard: () => Promise<void>;
};

/** How much is written at once, in characters. */
const PIECE = 65_536;

/** Opens an empty spool, for this process alone. */
export async function makeSpool(): Promise<Spool> {
  const folder = await mkdtemp(join(tmpdir(), 'okpay-'));
  const file = join(folder, 'lines');
  const out = createWriteStream(file, { mode: 0o600, flags: 'wx' });
  let failure: NodeJS.ErrnoException | undefined;
  out.on('error', (error) => (failure = error));
  let waiting = '';
  return {
    keep: (line) => {
      waiting += `${line}\n`;
    },
    settle: async () => {
      if (waiting.length < PIECE) return;
      const piece = waiting;
      waiting = '';
      await outOfRoom(async () => {
        if (failure) throw failure;
        if (!out.write(piece)) await once(out, 'drain');
      });
    },
    lines: () => linesOf(file, out, waiting),
    discard: async () => {
      out.destroy();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function* linesOf(file: string, out: WriteStream, rest: string): AsyncGenerator<readonly string[]> {
  await outOfRoom(async () => {
    out.end(rest);
    await finished(out);
  });
  const input = createReadStream(file, 'utf8');
  try {
    // Not readline: to it a text breaks at other characters, too.
    let begun = '';
    for await (const chunk of input) {
      const lines = (begun + (chunk as string)).split('\n');
      begun = lines.pop() ?? '';
      yield lines;
    }
  } finally {
    // Also when the reader has seen enough and stops.
    input.destroy();
  }
}

/** Does what writes to the disk; a disk that is full becomes a refusal. */
async function outOfRoom(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === 'ENOSPC' || code === 'EDQUOT' ? new Refusal('storage_full') : error;
  }
}

/** The bytes of a body as they come, as long as they are not too many. Throws `body_too_large`. */
export async function* atMost(
  body: AsyncIterable<Uint8Array>,
  limitBytes: number,
): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.length;
    if (bytes > limitBytes) throw new Refusal('body_too_large', { limit: String(limitBytes) });
    yield chunk;
  }
}

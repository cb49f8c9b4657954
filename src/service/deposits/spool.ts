import { mkdtemp, open, rm, type FileHandle } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Refusal } from '../../core/contract/refusals.ts';

/**
 * Lines that are kept first and read when all of them are there. When they become many they are written down in a private
 * temporary file: memory stays flat.
 */
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

/** An empty spool. There is no file before there is much to keep: most files that are refused are refused before. */
export function makeSpool(): Spool {
  let written: { readonly folder: string; readonly file: FileHandle } | undefined;
  let waiting = '';
  const write = async () => {
    const piece = waiting;
    waiting = '';
    await outOfRoom(async () => {
      written ??= await openFile();
      await written.file.appendFile(piece);
    });
  };
  return {
    keep: (line) => {
      waiting += `${line}\n`;
    },
    settle: async () => {
      if (waiting.length >= PIECE) await write();
    },
    lines: async function* () {
      if (!written) {
        yield linesOf(waiting);
        return;
      }
      await write();
      yield* readLines(written.file);
    },
    discard: async () => {
      await written?.file.close();
      if (written) await rm(written.folder, { recursive: true, force: true });
    },
  };
}

async function openFile(): Promise<{ folder: string; file: FileHandle }> {
  const folder = await mkdtemp(join(tmpdir(), 'okpay-'));
  try {
    return { folder, file: await open(join(folder, 'lines'), 'wx+', 0o600) };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** The lines of a text that ends with one. Not readline: to it a text breaks at other characters, too. */
function linesOf(text: string): string[] {
  return text.split('\n').slice(0, -1);
}

async function* readLines(file: FileHandle): AsyncGenerator<readonly string[]> {
  let begun = '';
  for await (const chunk of file.createReadStream({ encoding: 'utf8', start: 0, autoClose: false })) {
    const text = begun + (chunk as string);
    const end = text.lastIndexOf('\n') + 1;
    begun = text.slice(end);
    yield linesOf(text.slice(0, end));
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

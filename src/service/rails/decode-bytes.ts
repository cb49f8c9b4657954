import { isAscii } from 'node:buffer';
import { TextDecoder } from 'node:util';
import { StatementError } from './statement-error.ts';

/** Encodings a file may declare, and what decodes them. WHATWG reads ISO-8859-1 as windows-1252, which is a superset. */
const DECODERS: ReadonlyMap<string, string> = new Map([
  ['utf-8', 'utf-8'],
  ['us-ascii', 'utf-8'],
  ['iso-8859-1', 'windows-1252'],
  ['windows-1252', 'windows-1252'],
  ['iso-8859-15', 'iso-8859-15'],
]);

/** An XML declaration longer than this is none. */
const DECLARATION_BYTES = 1024;

/**
 * Turns the bytes of an XML file into text, strictly: UTF-8 unless the file declares ISO-8859-1, ISO-8859-15 or
 * windows-1252, and never a guess. A byte order mark is dropped. `push` and `end` answer the text up to the first byte that
 * is not valid in the encoding; from then on `failure` says so, with its line. They throw StatementError for UTF-16, UTF-32
 * and any other declared encoding.
 */
export class ByteDecoder {
  #decoder: TextDecoder | undefined;
  #head: Uint8Array = new Uint8Array(0);
  #line = 1;
  #unfinished: Uint8Array = new Uint8Array(0);
  #failure: StatementError | undefined;

  get failure(): StatementError | undefined {
    return this.#failure;
  }

  push(bytes: Uint8Array): string {
    if (this.#decoder) return this.#ascii(bytes) ?? this.#decode(this.#decoder, bytes);
    this.#head = join(this.#head, bytes);
    const name = encodingOf(this.#head, false);
    return name === undefined ? '' : this.#start(name);
  }

  end(): string {
    const text = this.#decoder ? '' : this.#start(encodingOf(this.#head, true) ?? 'utf-8');
    if (this.#unfinished.length > 0) {
      this.#failure ??= new StatementError('The file ends in the middle of a character.', this.#line);
    }
    return text;
  }

  #start(name: string): string {
    this.#decoder = new TextDecoder(name, { fatal: true });
    const head = this.#head;
    this.#head = new Uint8Array(0);
    return this.#decode(this.#decoder, head);
  }

  /**
   * Most of a bank's file is ASCII, which is the same in every encoding that is read. A TextDecoder in the middle of a stream
   * makes texts of two bytes a character of it, which take twice the room and twice the time to parse.
   */
  #ascii(bytes: Uint8Array): string | undefined {
    if (this.#unfinished.length > 0 || !isAscii(bytes)) return undefined;
    this.#line += newlines(bytes);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  }

  #decode(decoder: TextDecoder, bytes: Uint8Array): string {
    const line = this.#line;
    const unfinished = this.#unfinished;
    try {
      const text = decoder.decode(bytes, { stream: true });
      if (decoder.encoding === 'utf-8') this.#unfinished = unfinishedTail(join(unfinished, bytes));
      this.#line += newlines(bytes);
      return text;
    } catch {
      const all = join(unfinished, bytes);
      const good = all.subarray(0, firstBadByte(all));
      this.#failure = new StatementError(
        'The file holds bytes that are not valid UTF-8.',
        line + newlines(good),
      );
      return new TextDecoder('utf-8', { ignoreBOM: true }).decode(good, { stream: true });
    }
  }
}

/** The decoder for these first bytes, or undefined while too few of them are known. */
function encodingOf(head: Uint8Array, isWhole: boolean): string | undefined {
  if (head.length < 4 && !isWhole) return undefined;
  const [first, second] = head;
  if (
    (first === 0xfe && second === 0xff) ||
    (first === 0xff && second === 0xfe) ||
    head.subarray(0, 4).includes(0)
  ) {
    throw new StatementError('The file is in UTF-16 or UTF-32; only UTF-8 is read.', 1);
  }
  const hasMark = first === 0xef && second === 0xbb && head[2] === 0xbf;
  const start = Buffer.from(hasMark ? head.subarray(3) : head)
    .toString('latin1')
    .slice(0, DECLARATION_BYTES);
  if (!/^<\?xml[ \t\r\n]/.test(start)) {
    return '<?xml '.startsWith(start.replace(/[\t\r\n]/, ' ')) && !isWhole ? undefined : 'utf-8';
  }
  const declaration = /^[^>]*\?>/.exec(start)?.[0];
  if (declaration === undefined) return start.length < DECLARATION_BYTES && !isWhole ? undefined : 'utf-8';
  const declared = /[ \t\r\n]encoding[ \t\r\n]*=[ \t\r\n]*["']([^"']*)["']/.exec(declaration)?.[1] ?? 'utf-8';
  const decoder = DECODERS.get(declared.toLowerCase());
  if (decoder === undefined || (hasMark && decoder !== 'utf-8')) {
    throw new StatementError(
      `The file says it is in ${/^[A-Za-z0-9._-]{1,40}$/.test(declared) ? declared : 'an unknown encoding'}` +
        `${decoder === undefined ? '' : ' and starts with the mark of UTF-8'}; only UTF-8, ISO-8859-1, ISO-8859-15 and windows-1252 are read.`,
      1,
    );
  }
  return decoder;
}

/** How many bytes come before the first that cannot be UTF-8; a prefix decodes exactly when it ends before that byte. */
function firstBadByte(bytes: Uint8Array): number {
  let good = 0;
  let bad = bytes.length;
  while (good + 1 < bad) {
    const middle = (good + bad) >> 1;
    try {
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, middle), { stream: true });
      good = middle;
    } catch {
      bad = middle;
    }
  }
  return good;
}

/** The bytes at the end that begin a UTF-8 character and do not finish it (RFC 3629 section 3). */
function unfinishedTail(bytes: Uint8Array): Uint8Array {
  for (let back = 1; back <= Math.min(3, bytes.length); back += 1) {
    const byte = bytes[bytes.length - back] as number;
    if (byte < 0x80) break;
    if (byte >= 0xc0) {
      const needed = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return back < needed ? bytes.slice(-back) : new Uint8Array(0);
    }
  }
  return new Uint8Array(0);
}

function newlines(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, at + 1)) count += 1;
  return count;
}

function join(left: Uint8Array, right: Uint8Array): Uint8Array {
  if (left.length === 0) return right;
  const both = new Uint8Array(left.length + right.length);
  both.set(left);
  both.set(right, left.length);
  return both;
}

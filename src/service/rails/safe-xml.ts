import { SaxesParser, type SaxesTagNS } from 'saxes';
import { ByteDecoder } from './decode-bytes.ts';
import { quote, StatementError } from './statement-error.ts';

/** Where something stands in the file: `line` from 1, `column` from 1 where known. */
export type Place = { readonly line: number; readonly column: number | undefined };

/** One start tag: its name without prefix, the namespace it is in, and its attributes (namespace declarations left out). */
export type StartTag = {
  readonly name: string;
  readonly namespace: string;
  readonly place: Place;
  readonly attributes: readonly {
    readonly name: string;
    readonly namespace: string;
    readonly value: string;
  }[];
};

/** What an XML file is told to, in the order of the file. Text of one element may come in several parts. */
export type XmlListener = {
  open(tag: StartTag): void;
  text(text: string): void;
  close(): void;
};

/** Elements inside one another. */
export const MAX_DEPTH = 64;
/** Attributes and namespace declarations on one element. */
export const MAX_ATTRIBUTES = 32;
/** Characters of one text, comment, tag or attribute. */
export const MAX_TOKEN_CHARACTERS = 65_536;

const SLICE_BYTES = 16_384;
const XMLNS = 'http://www.w3.org/2000/xmlns/';
const NO_ATTRIBUTES: StartTag['attributes'] = [];

/**
 * Reads untrusted XML 1.0 with namespaces in flat memory. It is refused, with a StatementError naming the line, when it
 * has a document type (so that no entity is ever declared, OWASP XXE), when it is not well-formed, when it uses an entity
 * other than the five of XML, when it passes a limit above, and when it is not text in a known encoding.
 */
export class SafeXml {
  readonly #bytes = new ByteDecoder();
  readonly #parser = new SaxesParser<{ xmlns: true; forceXMLVersion: true; defaultXMLVersion: '1.0' }>({
    xmlns: true,
    forceXMLVersion: true,
    defaultXMLVersion: '1.0',
  });
  readonly #listener: XmlListener;
  #depth = 0;
  #attributes = 0;
  #lastEvent = 0;
  #prologTail: string | undefined = '';
  #tagPlace: Place = { line: 1, column: 1 };

  constructor(listener: XmlListener) {
    this.#listener = listener;
    const parser = this.#parser;
    // The parser looks names up in an object that inherits from Object.prototype, where `&constructor;` is defined.
    parser.ENTITIES = Object.assign(Object.create(null) as Record<string, string>, {
      amp: '&',
      lt: '<',
      gt: '>',
      apos: "'",
      quot: '"',
    });
    parser.on('error', (error) => this.#refuseSyntax(error.message));
    parser.on('doctype', () => this.#refuseDoctype(parser.line));
    parser.on('comment', () => this.#alive());
    parser.on('processinginstruction', () => this.#alive());
    parser.on('opentagstart', (tag) => this.#beginTag(tag.name));
    parser.on('attribute', () => this.#countAttribute());
    parser.on('opentag', (tag) => this.#openTag(tag));
    parser.on('text', (text) => this.#text(text));
    parser.on('cdata', (text) => this.#text(text));
    parser.on('closetag', () => {
      this.#depth -= 1;
      this.#listener.close();
    });
    // With the seventh handler V8 keeps the parser as a table of names, and parsing takes four times as long. What something
    // else inherits from it keeps as an object again.
    void Object.create(parser);
  }

  /** The line the reader has reached. */
  get line(): number {
    return this.#parser.line;
  }

  /** Reads on. Give it slices of `inSlices`, so that the limits are looked at often. */
  write(bytes: Uint8Array): void {
    this.#parse(this.#bytes.push(bytes));
    if (this.#bytes.failure) throw this.#bytes.failure;
  }

  /** Says that the file is over; throws StatementError when it is not whole. */
  end(): void {
    this.#parse(this.#bytes.end());
    if (this.#bytes.failure) throw this.#bytes.failure;
    this.#parser.close();
  }

  #parse(text: string): void {
    if (text === '') return;
    if (this.#prologTail !== undefined) this.#lookForDoctype(this.#prologTail, text);
    this.#parser.write(text);
    if (this.#parser.position - this.#lastEvent > MAX_TOKEN_CHARACTERS) {
      throw new StatementError(
        `One text, comment or tag is longer than ${MAX_TOKEN_CHARACTERS} characters.`,
        this.#parser.line,
      );
    }
  }

  /** A document type can only come before the first element: it is refused on sight, before the parser has seen it. */
  #lookForDoctype(tail: string, text: string): void {
    const start = tail + text;
    const element = start.search(/<[^!?]/);
    const doctype = start.search(/<!DOCTYPE/i);
    if (doctype !== -1 && (element === -1 || doctype < element)) {
      const before = start.slice(tail.length, Math.max(doctype, tail.length));
      this.#refuseDoctype(this.#parser.line + before.split('\n').length - 1);
    }
    this.#prologTail = element === -1 ? start.slice(-16) : undefined;
  }

  #refuseDoctype(line: number): never {
    throw new StatementError('The file has a document type (<!DOCTYPE), which no bank file needs.', line);
  }

  #refuseSyntax(message: string): never {
    const problem = message.replace(/^[0-9]+:[0-9]+: /, '').replace(/\.$/, '');
    const { line, column } = this.#parser;
    if (problem === 'undefined entity') {
      throw new StatementError('The file uses an entity that XML does not define.', line, column);
    }
    if (problem === 'document must contain a root element') {
      throw new StatementError('The file is empty.', line);
    }
    const what = problem.startsWith('unclosed tag: ') ? `unclosed tag ${quote(problem.slice(14))}` : problem;
    throw new StatementError(`The file is not well-formed XML: ${what.slice(0, 120)}.`, line, column);
  }

  #alive(): void {
    this.#lastEvent = this.#parser.position;
  }

  #text(text: string): void {
    this.#alive();
    this.#listener.text(text);
  }

  #beginTag(name: string): void {
    this.#alive();
    const line = this.#parser.line;
    const column = this.#parser.column;
    // The parser has read one character past the name; where that was a line break, the tag began a line before.
    this.#tagPlace =
      column === 0
        ? { line: line - 1, column: undefined }
        : { line, column: Math.max(1, column - name.length - 1) };
    this.#attributes = 0;
    this.#depth += 1;
    if (this.#depth > MAX_DEPTH) {
      throw new StatementError(`Elements are more than ${MAX_DEPTH} deep inside one another.`, line, column);
    }
  }

  #countAttribute(): void {
    this.#alive();
    this.#attributes += 1;
    if (this.#attributes > MAX_ATTRIBUTES) {
      throw new StatementError(
        `One element has more than ${MAX_ATTRIBUTES} attributes.`,
        this.#tagPlace.line,
        this.#tagPlace.column,
      );
    }
  }

  #openTag(tag: SaxesTagNS): void {
    this.#listener.open({
      name: tag.local,
      namespace: tag.uri,
      place: this.#tagPlace,
      attributes: this.#attributes === 0 ? NO_ATTRIBUTES : attributesOf(tag),
    });
  }
}

function attributesOf(tag: SaxesTagNS): StartTag['attributes'] {
  return Object.values(tag.attributes)
    .filter((attribute) => attribute.uri !== XMLNS)
    .map((attribute) => ({ name: attribute.local, namespace: attribute.uri, value: attribute.value }));
}

/** The bytes in small slices, without copying them. */
export function* inSlices(bytes: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += SLICE_BYTES) yield bytes.subarray(at, at + SLICE_BYTES);
}

import type { Call } from './document.ts';
import type { Draft, Who } from './requests.ts';
import { Fields, Raw, writeJson } from './tree.ts';
import { Known } from './values.ts';

/** A request as it goes out. */
export type Wire = {
  readonly call: Call;
  readonly method: string;
  readonly target: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer | undefined;
  readonly chunked: boolean;
};

/** What a draft may ask for. */
export type Lookup = {
  /** The text that stands for what is known under a name; the texts chosen for this request so far are told by name. */
  readonly known: (known: Known, call: Call, who: Who, chosen: ReadonlyMap<string, string>) => string;
  /** The Authorization header. */
  readonly header: (who: Who) => string | undefined;
};

/** The request that a draft is now, with everything looked up. */
export function wireOf(draft: Draft, lookup: Lookup): Wire {
  const { call, who, method, chunked } = draft;
  const chosen = new Map<string, string>();
  const look = (value: unknown): unknown => {
    if (value instanceof Known) {
      const text = lookup.known(value, call, who, chosen);
      if (!chosen.has(value.name)) chosen.set(value.name, text);
      return text;
    }
    if (value instanceof Fields) return new Fields(value.entries.map(([name, inner]) => [name, look(inner)]));
    return Array.isArray(value) ? value.map(look) : value;
  };
  const places = new Map(draft.places.map(([name, value]) => [name, look(value)]));
  const path = call.path.replace(/\{(\w+)\}/g, (_, name: string) => inAddress(places.get(name)));
  const query = (look(draft.query) as Fields).entries.map(
    ([name, value]) => `${inAddress(name)}=${inAddress(value)}`,
  );
  const authorization = lookup.header(who);
  const named = draft.headers.some(([name]) => name === 'authorization');
  return {
    call,
    method,
    target: query.length === 0 ? path : `${path}?${query.join('&')}`,
    headers: [
      ...(authorization === undefined || named ? [] : [['authorization', authorization] as const]),
      ...draft.headers.map(([name, value]) => [name, inHeader(look(value))] as const),
    ],
    body: draft.bytes ?? bytesOf(look(draft.body)),
    chunked,
  };
}

function bytesOf(body: unknown): Buffer | undefined {
  if (body === undefined) return undefined;
  // A file is not JSON.
  return Buffer.from(typeof body === 'string' ? body : writeJson(body));
}

/** Escaped byte for byte; what is raw keeps all that a request line can have in it. */
function inAddress(value: unknown): string {
  if (value instanceof Raw)
    return value.text.replace(/[^\x21-\x7e]/g, (letter) => inAddress(letter)).replaceAll('#', '');
  const text = typeof value === 'string' ? value : writeJson(value);
  return Array.from(Buffer.from(text), (byte) => {
    const letter = String.fromCharCode(byte);
    return /[\w.~-]/.test(letter) ? letter : `%${byte.toString(16).padStart(2, '0')}`;
  }).join('');
}

/** Without what no client can put into a header, and without blanks around it, which are none of it (RFC 9110, 5.5). */
function inHeader(value: unknown): string {
  return (typeof value === 'string' ? value : writeJson(value)).replace(
    /[^\t\x20-\x7e\x80-\xff]|^[\t ]+|[\t ]+$/g,
    '',
  );
}

/** A request for people: what it takes to send it again by hand. */
export function show({ method, target, headers, body }: Wire): string {
  const lines = headers.map(([name, value]) => `${name}: ${cut(value)}`);
  return [
    `${method} ${cut(target)}`,
    ...lines,
    ...(body === undefined ? [] : [`${body.length} bytes: ${cut(body.toString())}`]),
  ]
    .map((line) => `    ${line}`)
    .join('\n');
}

function cut(text: string): string {
  const shown = text.replace(
    /[^\x20-\x7e]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return shown.length > 1_000 ? `${shown.slice(0, 1_000)}…` : shown;
}

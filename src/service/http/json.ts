import { Refusal } from '../../core/contract/refusals.ts';

/** How deep objects and lists may be nested. */
const DEPTH_LIMIT = 32;

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * Reads a JSON object from bytes, strictly: valid UTF-8, no byte order mark, no name twice in one object (RFC 8259, 4:
 * what another reader makes of those is unpredictable), not nested too deep. Throws `body_invalid`.
 */
export function readJsonObject(bytes: Uint8Array): Record<string, unknown> {
  const value = parse(bytes);
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid('it must be an object.');
  }
  return value as Record<string, unknown>;
}

function parse(bytes: Uint8Array): unknown {
  let text: string;
  let value: unknown;
  try {
    text = utf8.decode(bytes);
  } catch {
    throw invalid('it is not UTF-8.');
  }
  try {
    value = JSON.parse(text);
  } catch {
    throw invalid('it is not JSON (RFC 8259).');
  }
  checkStructure(text);
  return value;
}

/** Walks through text that is known to be JSON, so only strings and brackets matter. */
function checkStructure(text: string): void {
  /** One entry for each open bracket: the names seen, or null in a list. */
  const open: (Set<string> | null)[] = [];
  let names: Set<string> | null = null;
  let isName = false;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (character === '"') {
      const end = endOfString(text, at);
      if (isName && names) addName(names, JSON.parse(text.slice(at, end + 1)) as string);
      isName = false;
      at = end;
    } else if (character === '{' || character === '[') {
      names = character === '{' ? new Set() : null;
      isName = names !== null;
      if (open.push(names) > DEPTH_LIMIT) throw invalid(`it is nested deeper than ${DEPTH_LIMIT}.`);
    } else if (character === '}' || character === ']') {
      open.pop();
      names = open.at(-1) ?? null;
    } else if (character === ',') {
      isName = names !== null;
    }
  }
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  while (text.charAt(at) !== '"') at += text.charAt(at) === '\\' ? 2 : 1;
  return at;
}

function addName(names: Set<string>, name: string): void {
  if (names.has(name)) throw invalid('a name is in an object twice.');
  names.add(name);
}

function invalid(reason: string): Refusal {
  return new Refusal('body_invalid', { reason });
}

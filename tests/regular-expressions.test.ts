import { join } from 'node:path';
import { Script, createContext, runInContext, type Context } from 'node:vm';
import fc from 'fast-check';
import ts from 'typescript';
import { describe, expect, test, vi } from 'vitest';
import { ROOT, nodesOf, placeOf, readSources } from './house.ts';

const LENGTH = 100_000;
/** A pattern that reads a text once takes a few milliseconds; one that goes back over it takes seconds, or for ever. */
const BOUND_MS = 500;
/** Besides what a pattern names itself: one of each kind of character. */
const KINDS = [' ', '0', 'a', '.', '\u0301'];
/** What no pattern expects at the end. */
const END = '\u0000!';

/** A pattern, and where it is. */
type Found = { readonly place: string; readonly pattern: RegExp };

const sources = readSources('src');
/** Every pattern written in src, once. */
const written = new Map(
  sources.flatMap((file) =>
    nodesOf(file, ts.isRegularExpressionLiteral).map((node): [string, Found] => {
      const pattern = runInContext(node.getText(), createContext()) as RegExp;
      return [node.getText(), { place: placeOf(file, node), pattern }];
    }),
  ),
);

/** The patterns that modules put together of their constants when they are loaded. */
async function builtPatterns(): Promise<{ files: string[]; built: Found[] }> {
  const isBuilt = (node: ts.Node) => ts.isNewExpression(node) && node.expression.getText() === 'RegExp';
  const files = sources.filter((file) => nodesOf(file, isBuilt).length > 0);
  const built: Found[] = [];
  const Plain = RegExp;
  // Another file may have loaded them already.
  vi.resetModules();
  for (const { path } of files) {
    class Seen extends Plain {
      constructor(source: string, flags?: string) {
        super(source, flags);
        built.push({ place: path, pattern: new Plain(source, flags) });
      }
    }
    vi.stubGlobal('RegExp', Seen);
    await import(join(ROOT, path));
    vi.unstubAllGlobals();
  }
  return { files: files.map(({ path }) => path), built };
}

/** Without a repetition that has no end a pattern looks at a text once, or a fixed number of times. */
function repeats({ pattern }: Pick<Found, 'pattern'>): boolean {
  return /[*+]|,\}/.test(pattern.source);
}

/**
 * Texts of 100 kB that make a careless pattern go back and back: something that leads to a repetition, one or two
 * characters repeated, and an end that fits nothing.
 */
function* worstTexts({ source, flags }: RegExp): Generator<string> {
  const seen = new Set<string>();
  function* pumped(head: string, body: string): Generator<string> {
    if (body === '' || seen.has(`${head}\u0001${body}`)) return;
    seen.add(`${head}\u0001${body}`);
    yield head + repeated(body) + END;
  }
  const letters = [...new Set([...source.replace(/\\(u\{?\w+\}?|x\w\w|p\{\w+(=\w+)?\}|.)/g, ''), ...KINDS])];
  for (const letter of letters) yield* pumped('', letter);
  for (const text of matching(source, flags)) {
    const signs = [...text].slice(0, 24);
    for (let at = 0; at <= signs.length; at += 1) {
      const head = signs.slice(0, at).join('');
      yield* pumped(head, signs[at] ?? '');
      yield* pumped(head, signs[at - 1] ?? '');
      yield* pumped(head, signs.slice(at, at + 2).join(''));
    }
  }
}

const bodies = new Map<string, string>();
function repeated(body: string): string {
  const made = bodies.get(body) ?? body.repeat(Math.ceil(LENGTH / body.length));
  bodies.set(body, made);
  return made;
}

/** A few texts that the pattern takes, for those fast-check can make them for. */
function matching(source: string, flags: string): string[] {
  try {
    const kept = new RegExp(source, flags.replace(/[gy]/g, ''));
    return fc.sample(fc.stringMatching(kept, { maxLength: 24 }), { numRuns: 2, seed: 1 });
  } catch {
    return [];
  }
}

const replaceAll = new Script('for (text of texts) text.replace(pattern, "")');

/**
 * The text a pattern is too slow for, shortened. V8 stops a regular expression when the time of its script is over; then
 * the text it was at is tried again alone, as it may have been the machine that was slow.
 */
function slowOn(pattern: RegExp): string | undefined {
  const isSlow = (context: Context) => {
    try {
      replaceAll.runInContext(context, { timeout: BOUND_MS });
      return false;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') return true;
      throw error;
    }
  };
  const texts = [...worstTexts(pattern)];
  for (let from = 0; from < texts.length;) {
    const context = createContext({ pattern, texts: texts.slice(from), text: '' });
    if (!isSlow(context)) return undefined;
    const text = context['text'] as string;
    if (isSlow(createContext({ pattern, texts: [text], text }))) return JSON.stringify(text.slice(0, 30));
    from = texts.indexOf(text) + 1;
  }
  return undefined;
}

describe('no regular expression goes back over a text again and again (ASVS V1.3.12)', () => {
  test('of all that are written in src, or put together there', async () => {
    expect(written.size).toBeGreaterThan(150);
    const { files, built } = await builtPatterns();
    expect([...new Set(built.map(({ place }) => place))]).toEqual(files);
    const slow = [...written.values(), ...built].filter(repeats).flatMap(({ place, pattern }) => {
      const text = slowOn(pattern);
      return text === undefined ? [] : [`${place} ${pattern} on ${text}`];
    });
    expect(slow).toEqual([]);
  });

  test.each([/^(\d|\d\d)*x$/, /=+$/])('control: %s is seen', (pattern) => {
    expect(repeats({ pattern })).toBe(true);
    expect(slowOn(pattern)).toBeDefined();
  });
});

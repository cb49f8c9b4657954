import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { readStatements, StatementError } from '../../../src/service/rails/read-statement.ts';
import type { Model } from '../../../src/service/rails/message-model.ts';
import { documentModel } from '../../../src/service/rails/statement-schema.ts';

const DATA = process.env['OKPAY_TEST_DATA'] ?? join(import.meta.dirname, '../../../../shared/data');
const ISO = join(DATA, 'iso20022');
const MUTANTS = Number(process.env['OKPAY_SCHEMA_MUTANTS'] ?? 250);

const hasXmllint = ((): boolean => {
  try {
    execFileSync('xmllint', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();
const missing = !existsSync(ISO)
  ? `no test data at ${DATA}`
  : !hasXmllint
    ? 'xmllint is not installed'
    : undefined;

const SAMPLES = {
  '02': [
    'genkgo_camt053.v2.with-party-ids.xml',
    'moov-io_FI_camt_053_sample.xml',
    'svapnil_ing_example_camt.xml',
    'svapnil_goldman_sachs_camt_053_uk_v2_1.xml',
  ],
  '04': ['genkgo_camt053.v4.xml', 'viafintech_valid_example_v4.xml'],
  '08': ['genkgo_camt053.v8.xml'],
} as const;

/** Refusals that the schema knows nothing of: the figures do not agree, or are not money. */
const BEYOND_SCHEMA =
  /^The closing balance is|^The summary says|more than the ledger can hold|not an active ISO 4217|, and [A-Z]{3} has /;

const folder = mkdtempSync(join(tmpdir(), 'okpay-schema-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe.skipIf(missing)(`the schema table against xmllint${missing ? ` (skipped: ${missing})` : ''}`, () => {
  for (const [version, samples] of Object.entries(SAMPLES)) {
    it(`agrees with camt.053.001.${version} on ${MUTANTS} altered statements of each sample`, async () => {
      const random = seeded(Number(version));
      const files: { path: string; text: string; change: string }[] = [];
      for (const sample of samples) {
        const tree = parse(readFileSync(join(ISO, 'camt.053', sample), 'utf8'));
        for (let count = 0; count < MUTANTS; count += 1) {
          const copy = structuredClone(tree);
          const change = mutate(copy, documentModel(Number(version)), random);
          const text = print(copy);
          const path = join(folder, `${version}-${files.length}.xml`);
          writeFileSync(path, text);
          files.push({ path, text, change });
        }
      }
      const valid = validPaths(
        join(ISO, 'xsd', `camt.053.001.${version}.xsd`),
        files.map(({ path }) => path),
      );
      const wrong: string[] = [];
      for (const { path, text, change } of files) {
        const reason = await refusalOf(text);
        const isAccepted = reason === undefined || BEYOND_SCHEMA.test(reason);
        if (isAccepted !== valid.has(path)) {
          wrong.push(
            `${change}: xmllint ${valid.has(path) ? 'accepts' : 'refuses'}, we say ${reason ?? 'fine'}`,
          );
        }
      }
      expect(wrong).toEqual([]);
      expect(valid.size).toBeGreaterThan(files.length / 20);
      expect(valid.size).toBeLessThan(files.length);
    });
  }
});

async function refusalOf(text: string): Promise<string | undefined> {
  try {
    for await (const event of readStatements(oneChunk(text))) void event;
    return undefined;
  } catch (error) {
    if (error instanceof StatementError) return error.reason;
    throw error;
  }
}

async function* oneChunk(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

function validPaths(schema: string, paths: readonly string[]): Set<string> {
  const valid = new Set<string>();
  for (let at = 0; at < paths.length; at += 500) {
    const some = paths.slice(at, at + 500);
    let output: string;
    try {
      execFileSync('xmllint', ['--nonet', '--noout', '--schema', schema, ...some], {
        stdio: 'pipe',
        maxBuffer: 1e9,
      });
      output = some.map((path) => `${path} validates`).join('\n');
    } catch (error) {
      output = String((error as { stderr: Buffer }).stderr);
    }
    for (const [, path] of output.matchAll(/^(\S+) validates$/gm)) valid.add(path ?? '');
  }
  return valid;
}

type Element = { name: string; attributes: string; text: string; children: Element[] };

/** A reader for these samples only: elements, attributes as text, and either text or children. */
function parse(xml: string): Element {
  const top: Element = { name: '', attributes: '', text: '', children: [] };
  const open = [top];
  const plain = xml.replace(/<\?.*?\?>|<!--.*?-->/gs, '');
  for (const [, slash, name = '', attributes = '', empty, text = ''] of plain.matchAll(
    /<(\/?)([\w:]+)([^>]*?)(\/?)>([^<]*)/g,
  )) {
    if (slash) open.pop();
    else {
      const element = { name, attributes, text: text.trim() === '' ? '' : text, children: [] };
      open.at(-1)?.children.push(element);
      if (!empty) open.push(element);
    }
  }
  return top.children[0] as Element;
}

function print({ name, attributes, text, children }: Element): string {
  return `<${name}${attributes}>${text}${children.map(print).join('')}</${name}>`;
}

type Place = { element: Element; parent: Element; parentModel: Model; model: Model | undefined };

/** All elements below the document that the table knows, with their parents. */
function places(parent: Element, model: Model): Place[] {
  return parent.children.flatMap((element) => {
    const item = model.items.find(({ name }) => name === element.name);
    if (!item) return [];
    return [
      { element, parent, parentModel: model, model: item.model },
      ...(item.model ? places(element, item.model) : []),
    ];
  });
}

const NAMES = [
  'Id',
  'Amt',
  'CdtDbtInd',
  'Dt',
  'Cd',
  'Prtry',
  'Sts',
  'Ntry',
  'Bal',
  'NtryRef',
  'AcctSvcrRef',
  'Nm',
  'UETR',
];
const TEXTS = [
  '', ' ', 'x', 'x'.repeat(35), 'x'.repeat(36), 'é'.repeat(35), '𝒳'.repeat(35), '1', '007', '-1', '+1.50', '.5', '5.',
  '1e3', '1.00000', '1.000001', '0', '123456789012345678', '1234567890123456789', 'true', '1.5', 'BOOK', 'PDNG', 'FUTR',
  'CRDT', 'DBIT', 'EUR', '2024-02-29', '2023-02-29', '2024-01-01Z', '2024-01-01+15:00', '2024-01-01T24:00:00',
  '2024-01-01T24:00:01', '2024-01-01T10:00:00.5+14:00', '2024-01-01T10:00', 'DE89370400440532013000',
  'de89', 'OPBD', 'XXXX', 'CODU', '&lt;', 'a&#13;b',
]; // prettier-ignore

/** Alters one element that the table knows, and says how. Elements without a model may only be moved, not altered inside. */
function mutate(document: Element, model: Model, random: () => number): string {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const all = places(document, model);
  const { element, parent, parentModel, model: own } = pick(all);
  const at = parent.children.indexOf(element);
  const what = `${parent.name}/${element.name}`;
  const isText = (own?.rules.length ?? 0) > 0;
  switch (Math.floor(random() * 7)) {
    case 0:
      parent.children.splice(at, 1);
      return `${what} removed`;
    case 1:
      parent.children.splice(at, 0, structuredClone(element));
      return `${what} doubled`;
    case 2: {
      const to = Math.floor(random() * parent.children.length);
      parent.children.splice(at, 1);
      parent.children.splice(to, 0, element);
      return `${what} moved from ${at} to ${to}`;
    }
    case 3: {
      const stranger: Element = { name: pick(NAMES), attributes: '', text: pick(TEXTS), children: [] };
      // What the table skips may hold anything for us, and not for xmllint.
      const known = places({ ...parent, children: [stranger] }, parentModel);
      if (known.some(({ model: inner }) => inner === undefined)) return 'nothing';
      parent.children.splice(Math.floor(random() * (parent.children.length + 1)), 0, stranger);
      return `${stranger.name} “${stranger.text}” put into ${parent.name}`;
    }
    case 4:
      if (!isText) return 'nothing';
      element.attributes = pick(['', ' Ccy="EUR"', ' Ccy="eur"', ' Ccy="JPY"', ' x="1"']);
      return `${what} with attributes${element.attributes}`;
    default:
      if (!isText) return 'nothing';
      element.text = pick(TEXTS);
      return `${what} says “${element.text}”`;
  }
}

/** mulberry32, so that a failing run can be repeated. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

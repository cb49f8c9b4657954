import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readStatements, StatementError } from '../../../src/service/rails/read-statement.ts';
import { MAX_ATTRIBUTES, MAX_DEPTH, MAX_TOKEN_CHARACTERS } from '../../../src/service/rails/safe-xml.ts';

const DATA = process.env['OKPAY_TEST_DATA'] ?? join(import.meta.dirname, '../../../../shared/data');
const ATTACKS = join(DATA, 'bad-input/xml');
const missing = existsSync(ATTACKS) ? '' : ` (skipped: no test data at ${DATA})`;

const NAMESPACE = 'urn:iso:std:iso:20022:tech:xsd:camt.053.001.02';
const DOCTYPE = 'The file has a document type (<!DOCTYPE), which no bank file needs.';
const NOT_A_STATEMENT = 'The file is not a bank statement of the versions camt.053.001.02 to 13: ';

/** A statement without entries, with this remark at its end. */
function statement(remark: string): string {
  return (
    `<Document xmlns="${NAMESPACE}"><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId><CreDtTm>2026-01-02T00:00:00</CreDtTm></GrpHdr>` +
    '<Stmt><Id>S</Id><CreDtTm>2026-01-02T00:00:00</CreDtTm><Acct><Id><IBAN>DE89370400440532013000</IBAN></Id></Acct>' +
    '<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">0</Amt><CdtDbtInd>CRDT</CdtDbtInd>' +
    `<Dt><Dt>2026-01-02</Dt></Dt></Bal><AddtlStmtInf>${remark}</AddtlStmtInf></Stmt></BkToCstmrStmt></Document>`
  );
}

async function* chunks(content: string | Uint8Array, size = 65_536): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.from(content as string);
  for (let at = 0; at < buffer.length; at += size) yield buffer.subarray(at, at + size);
}

/** The refusal of a file, the same whole and a byte at a time, or undefined when it is read. */
async function refusal(content: string | Uint8Array): Promise<{ line: number; reason: string } | undefined> {
  const [whole, piecewise] = await Promise.all([refusalOf(chunks(content)), refusalOf(chunks(content, 1))]);
  expect(piecewise).toEqual(whole);
  return whole;
}

async function refusalOf(
  source: AsyncIterable<Uint8Array>,
): Promise<{ line: number; reason: string } | undefined> {
  try {
    for await (const event of readStatements(source)) void event;
    return undefined;
  } catch (error) {
    if (!(error instanceof StatementError)) throw error;
    expect(error.message).toBe(`Line ${error.line}: ${error.reason}`);
    expect(error.reason).toMatch(/^\S.*\.$/s);
    return { line: error.line, reason: error.reason };
  }
}

/** How much processor time a refusal takes, once the code is warm, in milliseconds: other work does not count. */
async function duration(source: () => AsyncIterable<Uint8Array>): Promise<number> {
  await refusalOf(source());
  const start = process.cpuUsage();
  await refusalOf(source());
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000;
}

describe.skipIf(missing)(`the attack files (ASVS V1.5.1)${missing}`, () => {
  const files = missing ? [] : readdirSync(ATTACKS).filter((name) => name.endsWith('.xml'));
  const payloads = missing ? [] : readFileSync(join(ATTACKS, 'payloads_XXE_Fuzzing.txt'), 'utf8').split('\n');

  it.each(files)('%s is refused at once', async (name) => {
    const content = readFileSync(join(ATTACKS, name));
    const expected = {
      'dtd.xml': { line: 2, reason: DOCTYPE },
      'external.xml': { line: 1, reason: DOCTYPE },
      'xmlbomb.xml': { line: 1, reason: DOCTYPE },
      'simple.xml': {
        line: 3,
        reason: `${NOT_A_STATEMENT}its first element is “root” with “element” in it.`,
      },
    }[name];
    expect(await refusal(content)).toEqual(expected);
    expect(await duration(() => chunks(content))).toBeLessThan(50);
  });

  it('refuses every payload of the XXE list at once', async () => {
    expect(payloads.length).toBeGreaterThan(40);
    for (const payload of payloads) {
      const answer = await refusal(payload);
      expect(answer, payload).toBeDefined();
      if (/^(<\?xml[^>]*>)?<!DOCTYPE/.test(payload)) expect(answer).toEqual({ line: 1, reason: DOCTYPE });
      expect(await duration(() => chunks(payload)), payload).toBeLessThan(50);
      // Inside a sound statement too: only what is plain text once it is marked up as such may pass.
      const inside = await refusal(statement(payload));
      if (/<!DOCTYPE|<!ENTITY|&foo;/.test(payload)) expect(inside, payload).toBeDefined();
    }
  });
});

describe('an XML file (ASVS V1.5.1)', () => {
  it('is read when it is plain, in comments, CDATA, references, prefixes and with a byte order mark', async () => {
    expect(await refusal(statement('fine'))).toBeUndefined();
    expect(
      await refusal(`\uFEFF<?xml version="1.0" encoding="UTF-8"?><!-- <a> --><?x y?>${statement('ü')}`),
    ).toBeUndefined();
    expect(
      await refusal(statement('<![CDATA[<!DOCTYPE x>]]> &amp;&lt;&gt;&quot;&apos;&#x20AC;')),
    ).toBeUndefined();
    const prefixed = statement('x')
      .replace('xmlns=', 'xmlns:p=')
      .replace(/<(\/?)(?=\w)/g, '<$1p:');
    expect(await refusal(prefixed)).toBeUndefined();
    expect(await refusal(`${statement('x')}\n<!-- end -->\n`)).toBeUndefined();
    expect(await refusal(statement('x').replaceAll('><', '>\r\n<'))).toBeUndefined();
  });

  it('is refused with a document type before anything of it is read, however long', async () => {
    expect(await refusal(`<?xml version="1.0"?>\n\n <!DOCTYPE a>${statement('x')}`)).toEqual({
      line: 3,
      reason: DOCTYPE,
    });
    expect(await refusal(`<!-- <Document> -->\n<!DOCTYPE a>${statement('x')}`)).toEqual({
      line: 2,
      reason: DOCTYPE,
    });
    async function* endless(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('<!DOCTYPE bomb [<!ENTITY a "');
      for (;;) yield Buffer.alloc(65_536, 'a');
    }
    expect(await refusalOf(endless())).toEqual({ line: 1, reason: DOCTYPE });
    expect(await duration(endless)).toBeLessThan(50);
    const laughs = Array.from(
      { length: 10_000 },
      (_, at) => `<!ENTITY l${at} "&l${at - 1};&l${at - 1};">`,
    ).join('\n');
    expect(await duration(() => chunks(`<!DOCTYPE l [${laughs}]>${statement('&l9999;')}`))).toBeLessThan(50);
  });

  it('is given up after a few of its pieces, however long it would go on', async () => {
    const endings: [string, string][] = [
      ['<!DOCTYPE bomb [<!ENTITY a "', 'a'],
      ['', '<a>'],
      ['<a ', 'b="c" '],
      ['<a>', 'text'],
      ['<!--', '-'],
      ['<a><![CDATA[', ']'],
    ];
    for (const [head, body] of endings) {
      const piece = Buffer.from(body.repeat(10_000));
      let given = 0;
      async function* long(): AsyncGenerator<Uint8Array> {
        yield Buffer.from(head);
        for (; given < 20_000_000; given += piece.length) yield piece;
      }
      expect(await refusalOf(long()), head + body).toBeDefined();
      expect(given, head + body).toBeLessThan(2_000_000);
    }
  });

  it.each(['foo', 'constructor', 'toString', '__proto__', 'hasOwnProperty'])(
    'is refused with the entity &%s;',
    async (name) => {
      expect(await refusal(statement(`&${name};`))).toEqual({
        line: 1,
        reason: 'The file uses an entity that XML does not define.',
      });
    },
  );

  it('is refused when it is not well-formed, at the line', async () => {
    const sound = statement('x');
    const cases: [string, number, string][] = [
      ['', 1, 'The file is empty.'],
      [' \n\n', 3, 'The file is empty.'],
      ['hello', 1, 'The file is not well-formed XML: text data outside of root node.'],
      ['{"a": 1}', 1, 'The file is not well-formed XML: text data outside of root node.'],
      [sound.slice(0, -11), 1, 'The file is not well-formed XML: unclosed tag “Document”.'],
      [`${sound}\n<more/>`, 2, 'The file is not well-formed XML: documents may contain only one root.'],
      [`${sound}\nmore`, 2, 'The file is not well-formed XML: text data outside of root node.'],
      [statement('\n\u0000'), 2, 'The file is not well-formed XML: disallowed character.'],
      [statement('&#0;'), 1, 'The file is not well-formed XML: malformed character entity.'],
      [statement('<a b="1" b="2"/>'), 1, 'The file is not well-formed XML: duplicate attribute: b.'],
      [statement('<q:a/>'), 1, 'The file is not well-formed XML: unbound namespace prefix: "q".'],
    ];
    for (const [content, line, reason] of cases) expect(await refusal(content)).toEqual({ line, reason });
  });

  it('is refused past its limits, and the limits are exact', async () => {
    const nested = (depth: number): string =>
      statement('x').replace('<IBAN>', '<Othr><Id>1</Id><SchmeNm>' + '<a>'.repeat(depth) + '</a>'.repeat(depth) + '</SchmeNm></Othr>')
        .replace('DE89370400440532013000</IBAN>', ''); // prettier-ignore
    expect(await refusal(nested(MAX_DEPTH - 7))).toBeUndefined();
    expect(await refusal(nested(MAX_DEPTH - 6))).toMatchObject({
      reason: `Elements are more than ${MAX_DEPTH} deep inside one another.`,
    });
    const attributes = (count: number): string =>
      `<Svcr${Array.from({ length: count }, (_, at) => ` a${at}=""`).join('')}/>`;
    const servicer = (count: number): string =>
      statement('x').replace('</Acct>', `${attributes(count)}</Acct>`);
    expect(await refusal(servicer(MAX_ATTRIBUTES))).toBeUndefined();
    expect(await refusal(servicer(MAX_ATTRIBUTES + 1))).toMatchObject({
      reason: `One element has more than ${MAX_ATTRIBUTES} attributes.`,
    });
    const tooLong = { reason: `One text, comment or tag is longer than ${MAX_TOKEN_CHARACTERS} characters.` };
    const long = 'x'.repeat(2 * MAX_TOKEN_CHARACTERS);
    for (const one of [
      statement(long),
      statement(`<!--${long}-->`),
      `<${long}/>`,
      `<a b="${long}"/>`,
      statement(`&${long};`),
    ]) {
      expect(await refusalOf(chunks(one, 4_096))).toMatchObject(tooLong);
    }
    const pieces = 'x<!-- -->'.repeat(MAX_TOKEN_CHARACTERS + 1);
    expect(await refusalOf(chunks(statement(pieces)))).toMatchObject({
      reason: `AddtlStmtInf is longer than ${MAX_TOKEN_CHARACTERS} characters.`,
    });
    async function* endlessDepth(): AsyncGenerator<Uint8Array> {
      for (;;) yield Buffer.from('<a>'.repeat(10_000));
    }
    expect(await refusalOf(endlessDepth())).toBeDefined();
  });

  it('is read in the encodings it may declare, and in no other', async () => {
    const declared = (encoding: string): string =>
      `<?xml version="1.0" encoding="${encoding}"?>${statement('é')}`;
    for (const encoding of ['iso-8859-1', 'ISO-8859-15', 'windows-1252']) {
      expect(await refusal(Buffer.from(declared(encoding), 'latin1'))).toBeUndefined();
    }
    expect(await refusal(declared('utf-8'))).toBeUndefined();
    const only = '; only UTF-8, ISO-8859-1, ISO-8859-15 and windows-1252 are read.';
    for (const encoding of ['UTF-16', 'utf-7', 'EBCDIC-CP-US', 'x-user-defined']) {
      expect(await refusal(declared(encoding))).toEqual({
        line: 1,
        reason: `The file says it is in ${encoding}${only}`,
      });
    }
    const utf16 = { line: 1, reason: 'The file is in UTF-16 or UTF-32; only UTF-8 is read.' };
    expect(await refusal(Buffer.from(`\uFEFF${statement('x')}`, 'utf16le'))).toEqual(utf16);
    expect(await refusal(Buffer.from(statement('x'), 'utf16le'))).toEqual(utf16);
    expect(await refusal(Buffer.from(`\uFEFF${statement('x')}`, 'utf16le').swap16())).toEqual(utf16);
    expect(await refusal('+ADw-?xml version=+ACI-1.0+ACI-?+AD4-')).toMatchObject({ line: 1 });
    expect(await refusal(`\uFEFF${declared('iso-8859-1')}`)).toMatchObject({ line: 1 });
  });

  it('is refused with bytes that are not UTF-8, at their line', async () => {
    const [head = '', tail = ''] = statement('€\n€^').replaceAll('><', '>\n<').split('^');
    const expected = {
      line: head.split('\n').length,
      reason: 'The file holds bytes that are not valid UTF-8.',
    };
    const bad = [
      [0xff],
      [0xc3, 0x28],
      [0xe2, 0x82, 0x0a],
      [0xc0, 0xaf],
      [0xed, 0xa0, 0x80],
      [0xf5, 0x80, 0x80, 0x80],
    ];
    for (const bytes of bad) {
      expect(
        await refusal(Buffer.concat([Buffer.from(head), Buffer.from(bytes), Buffer.from(tail)])),
      ).toEqual(expected);
      // What is wrong before the bytes is said first, however the file is cut.
      const wrong = Buffer.concat([Buffer.from('<a>\n</b>\n'), Buffer.from(bytes)]);
      expect(await refusal(wrong)).toMatchObject({ line: 2 });
    }
    expect(
      await refusal(Buffer.concat([Buffer.from(statement('x')), Buffer.from([0xe2, 0x82])])),
    ).toMatchObject({
      reason: 'The file ends in the middle of a character.',
    });
  });

  it('writes nothing hostile into the sentence of its refusal', async () => {
    for (const name of ['\u202Eevil', 'a\u200Bb', 'x'.repeat(500)]) {
      const answer = await refusal(
        `<root><AppHdr xmlns="urn:${name}\u001b[2J"/></root>`.replace('\u001b', '&#27;'),
      );
      expect(answer?.reason).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(answer?.reason.length).toBeLessThan(300);
      const other = await refusal(`<Document xmlns="urn:${name}"/>`);
      expect(other?.reason).toContain('its Document is of “urn:');
      expect(other?.reason).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      expect(other?.reason.length).toBeLessThan(300);
    }
  });
});

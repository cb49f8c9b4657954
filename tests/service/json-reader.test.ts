import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readJsonObject } from '../../src/service/http/json.ts';

const DATA = process.env['OKPAY_TEST_DATA'] ?? join(import.meta.dirname, '../../../shared/data');
const CORPUS = join(DATA, 'bad-input', 'json');

/** What a reader makes of bytes: the value as text, or nothing. */
function readBy(reader: (bytes: Buffer) => unknown, bytes: Buffer): string | undefined {
  try {
    return JSON.stringify(reader(bytes));
  } catch {
    return undefined;
  }
}

/** How the command line reads what the service answers. */
const client = (bytes: Buffer) => JSON.parse(bytes.toString()) as unknown;

describe('JSON means the same to the service and to the command line, or nothing (ASVS V1.5.3)', () => {
  test('an object in which a name comes twice is none, at any depth and however it is written', () => {
    const twice = [
      '{"to":"a","to":"b"}',
      '{"to":"a","\\u0074o":"b"}',
      '{"amount":{"amount":"1","amount":"2"}}',
      '{"rows":[{"x":1},{"x":1,"y":{"x":1,"x":1}}]}',
      '{"__proto__":1,"__proto__":2}',
    ];
    for (const text of twice) expect(readBy(readJsonObject, Buffer.from(text)), text).toBeUndefined();
    // The control: another reader takes the last, or the first, and nobody could tell which.
    for (const text of twice) expect(readBy(client, Buffer.from(text)), text).toBeDefined();
    const once = '{"rows":[{"x":1},{"x":1,"y":{"x":1}}],"x":"\\"x\\":1,"}';
    expect(readBy(readJsonObject, Buffer.from(once))).toBe(once);
  });

  test.skipIf(!existsSync(CORPUS))(`in every file of the JSONTestSuite (${CORPUS})`, () => {
    const files = readdirSync(CORPUS);
    expect(files.length).toBeGreaterThan(100);
    const differ = files.filter((file) => {
      const bytes = readFileSync(join(CORPUS, file));
      const read = readBy(readJsonObject, bytes);
      return read !== undefined && (read !== readBy(client, bytes) || file.startsWith('n_'));
    });
    expect(differ).toEqual([]);
    const objects = files.filter(
      (file) => readBy(readJsonObject, readFileSync(join(CORPUS, file))) !== undefined,
    );
    expect(objects.length).toBeGreaterThan(5);
  });
});

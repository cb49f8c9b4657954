import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readBundle } from '../../src/core/account-bundle.ts';

const TRAVERSALS = join(import.meta.dirname, '../../../shared/data/bad-input/path/directory_traversal.txt');
const HOSTILE = [
  '../x.json',
  '/etc/passwd',
  '..',
  '.',
  '',
  'a/b.json',
  'a\\b.json',
  'C:\\x.json',
  'x.json\0',
  'X.JSON',
  '.hidden.json',
  'SHA256SUMS',
  ...(existsSync(TRAVERSALS) ? readFileSync(TRAVERSALS, 'utf8').split(/\r?\n/) : []),
];

const digest = (text: string) => createHash('sha256').update(text).digest('hex');

/** A stream of these files with the manifest that belongs to them, in pieces as the network would cut it. */
function streamOf(files: Record<string, string>, sizes: readonly number[] = [7]): AsyncIterable<string> {
  const manifest = { files: Object.entries(files).map(([file, text]) => ({ file, sha256: digest(text) })) };
  const parts = Object.entries(files).map(([file, text]) => `${JSON.stringify(file)}\n${text}`);
  return cut([...parts, `"manifest.json"\n${JSON.stringify(manifest)}\n`].join(''), sizes);
}

async function* cut(text: string, sizes: readonly number[] = [7]): AsyncGenerator<string> {
  for (let at = 0, number = 0; at < text.length; number++) {
    const size = sizes[number % sizes.length] ?? 1;
    yield text.slice(at, at + size);
    at += size;
  }
}

async function read(stream: AsyncIterable<string>): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for await (const { file, text } of readBundle(stream)) files[file] = (files[file] ?? '') + text;
  return files;
}

const FILES = {
  'one.jsonl': '{"a":"\\n\\"two.jsonl\\""}\n{"b":"é👩‍👩‍👧‍👦"}\n',
  'two.jsonl': '',
  'three.jsonl': '{}\n',
};

test('a bundle is its files byte for byte, however the network cuts it, and their digests', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 }),
      async (sizes) => {
        const { SHA256SUMS, 'manifest.json': manifest = '', ...files } = await read(streamOf(FILES, sizes));
        expect(files).toEqual(FILES);
        expect(SHA256SUMS).toBe(
          Object.entries({ ...FILES, 'manifest.json': manifest })
            .map(([file, text]) => `${digest(text)}  ${file}\n`)
            .join(''),
        );
      },
    ),
    { numRuns: 50 },
  );
});

test('nothing is taken from a service that names a path (ASVS V5.3.2)', async () => {
  const taken: string[] = [];
  for (const name of HOSTILE) {
    const stream = cut(`${JSON.stringify(name)}\n{}\n"manifest.json"\n{"files":[]}\n`);
    await read(stream).then(
      (files) => taken.push(name, ...Object.keys(files)),
      (error: unknown) => expect(error).toMatchObject({ code: 'service_unreachable' }),
    );
  }
  expect(taken).toEqual([]);
});

test('a bundle that breaks off, or was changed on its way, is none', async () => {
  let whole = '';
  for await (const piece of streamOf(FILES)) whole += piece;
  for (const end of [0, 1, 20, whole.indexOf('"manifest.json"'), whole.length - 1])
    await expect(read(cut(whole.slice(0, end)))).rejects.toMatchObject({ code: 'service_unreachable' });
  for (const [from, to] of [
    ['{"b":', '{"c":'],
    ['"three.jsonl"\n{}\n', ''],
    ['"two.jsonl"\n', '"two.jsonl"\n{"more":1}\n'],
  ] as const)
    await expect(read(cut(whole.replace(from, to)))).rejects.toMatchObject({ code: 'service_unreachable' });
});

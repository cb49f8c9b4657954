import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeNewFolder, type FilePiece } from '../../src/commands/new-folder.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'okpay-folder-'))));
afterEach(() => rmSync(folder, { recursive: true }));

async function* pieces(...all: [file: string, text: string][]): AsyncGenerator<FilePiece> {
  for (const [file, text] of all) yield { file, text };
}

const TWO: [string, string][] = [
  ['one', 'a'],
  ['one', 'b'],
  ['two', ''],
];

describe('a folder that a bundle goes into', () => {
  test('has all its files, for the user alone', async () => {
    const path = join(folder, 'bundle');
    await writeNewFolder(path, pieces(...TWO));
    expect(readdirSync(path).sort()).toEqual(['one', 'two']);
    expect(readFileSync(join(path, 'one'), 'utf8')).toBe('ab');
    expect([path, join(path, 'one')].map((each) => statSync(each).mode & 0o777)).toEqual([0o700, 0o600]);
    expect(readdirSync(folder)).toEqual(['bundle']);
  });

  test('never takes the place of anything', async () => {
    writeFileSync(join(folder, 'file'), 'precious');
    mkdirSync(join(folder, 'empty'));
    mkdirSync(join(folder, 'full'));
    writeFileSync(join(folder, 'full', 'x'), 'precious');
    symlinkSync(join(folder, 'full'), join(folder, 'link'));
    symlinkSync(join(folder, 'nowhere'), join(folder, 'dangling'));
    for (const name of ['file', 'empty', 'full', 'link', 'dangling', '.', 'full/..', 'missing/bundle'])
      await expect(writeNewFolder(join(folder, name), pieces(...TWO))).rejects.toMatchObject({
        code: 'usage_invalid',
      });
    expect(readdirSync(folder).sort()).toEqual(['dangling', 'empty', 'file', 'full', 'link']);
    expect(readdirSync(join(folder, 'empty'))).toEqual([]);
    expect(readFileSync(join(folder, 'full', 'x'), 'utf8')).toBe('precious');
  });

  test.each<[string, (path: string) => void]>([
    ['a file', (path) => writeFileSync(path, 'theirs')],
    ['a folder with something in it', (path) => (mkdirSync(path), writeFileSync(join(path, 'x'), 'theirs'))],
    ['a link', (path) => symlinkSync(folder, path)],
  ])('does not replace %s that appears while it is written', async (_, appear) => {
    const path = join(folder, 'bundle');
    const late = async function* () {
      yield* pieces(...TWO);
      appear(path);
    };
    await expect(writeNewFolder(path, late())).rejects.toMatchObject({ code: 'usage_invalid' });
    expect(readdirSync(folder)).toEqual(['bundle']);
    expect(existsSync(join(path, 'one'))).toBe(false);
    expect(lstatSync(path).isSymbolicLink()).toBe(_ === 'a link');
  });

  test('is not there at all when what it is made of breaks off', async () => {
    const broken = async function* () {
      yield* pieces(...TWO);
      throw new Error('gone');
    };
    await expect(writeNewFolder(join(folder, 'bundle'), broken())).rejects.toThrow('gone');
    expect(readdirSync(folder)).toEqual([]);
  });
});

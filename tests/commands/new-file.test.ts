import { execFileSync } from 'node:child_process';
import {
  chmodSync,
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
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeNewFile } from '../../src/commands/new-file.ts';

const TRAVERSALS = join(import.meta.dirname, '../../../shared/data/bad-input/path/directory_traversal.txt');

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'okpay-file-'))));
afterEach(() => rmSync(folder, { recursive: true }));

async function* text(...chunks: string[]): AsyncGenerator<string> {
  yield* chunks;
}

describe('a file that an export goes into', () => {
  test('holds the whole text, for the user alone', async () => {
    const path = join(folder, 'book');
    await writeNewFile(path, text('one ', 'two'), false);
    expect(readFileSync(path, 'utf8')).toBe('one two');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['book']);
  });

  test('is never put in the place of another without force', async () => {
    const path = join(folder, 'book');
    writeFileSync(path, 'old');
    await expect(writeNewFile(path, text('new'), false)).rejects.toMatchObject({ code: 'usage_invalid' });
    expect(readFileSync(path, 'utf8')).toBe('old');
    chmodSync(path, 0o644);
    await writeNewFile(path, text('new'), true);
    expect(readFileSync(path, 'utf8')).toBe('new');
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test('that appears while it is written is not replaced either', async () => {
    const path = join(folder, 'book');
    const late = async function* () {
      yield 'ours';
      writeFileSync(path, 'theirs');
    };
    await expect(writeNewFile(path, late(), false)).rejects.toMatchObject({ code: 'usage_invalid' });
    expect(readFileSync(path, 'utf8')).toBe('theirs');
    expect(readdirSync(folder)).toEqual(['book']);
  });

  test.each([false, true])('is not reached through a link (force: %s)', async (force) => {
    const target = join(folder, 'target');
    const path = join(folder, 'link');
    writeFileSync(target, 'precious');
    symlinkSync(target, path);
    await expect(writeNewFile(path, text('new'), force)).rejects.toMatchObject({ code: 'usage_invalid' });
    expect(readFileSync(target, 'utf8')).toBe('precious');
    expect(lstatSync(path).isSymbolicLink()).toBe(true);
  });

  test('is not there at all when the text breaks off', async () => {
    const path = join(folder, 'book');
    const broken = async function* () {
      yield 'half';
      throw new Error('gone');
    };
    await expect(writeNewFile(path, broken(), false)).rejects.toThrow('gone');
    expect(existsSync(path)).toBe(false);
    expect(readdirSync(folder)).toEqual([]);
  });

  test.each(['.', 'missing/book'])('has a place to be: %s is none', async (name) => {
    mkdirSync(join(folder, 'sub'));
    await expect(writeNewFile(join(folder, name), text('x'), false)).rejects.toMatchObject({
      code: 'usage_invalid',
    });
  });

  test('is not there, instead of cut short, when the disk is full', async (context) => {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' });
    } catch {
      return context.skip('only root can mount a small file system');
    }
    try {
      const path = join(folder, 'book');
      await expect(writeNewFile(path, text('x'.repeat(1_500_000)), false)).rejects.toMatchObject({
        code: 'storage_full',
      });
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      execFileSync('umount', ['-l', folder]);
    }
  });

  test('is only where its name says, whatever way the name goes there (ASVS V5.3.2)', async () => {
    const names = [
      '../../x',
      '../../../../tmp/x',
      './x',
      'missing/../x',
      '..\\..\\x',
      '%2e%2e%2fx',
      'x\u202etxt.exe',
      '\u001b[31mred',
      'x'.repeat(300),
      ' ',
      '-',
      ...(existsSync(TRAVERSALS) ? readFileSync(TRAVERSALS, 'utf8').split(/\r?\n/) : []),
    ].filter((name) => name !== '');
    const steps = Math.max(...names.map((name) => name.split('..').length));
    const deep = join(folder, ...Array.from({ length: steps }, (_, at) => `d${at}`));
    mkdirSync(deep, { recursive: true });
    const outside = join(folder, 'outside');
    mkdirSync(outside);
    symlinkSync(outside, join(deep, 'link'));
    const files = () =>
      readdirSync(folder, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => join(entry.parentPath, entry.name));
    let written = 0;
    for (const name of names) {
      const path = `${deep}/${name}`;
      const outcome = await writeNewFile(path, text('ours'), false).catch((error: unknown) => error);
      if (outcome === undefined) {
        // A plain file under the very name, and no other.
        expect(files()).toEqual([resolve(path)]);
        expect(statSync(resolve(path)).mode & 0o777).toBe(0o600);
        rmSync(resolve(path));
        written += 1;
      } else {
        expect(outcome).toMatchObject({ code: 'usage_invalid' });
        expect(files()).toEqual([]);
      }
    }
    expect(written).toBeGreaterThan(3);
    expect(readdirSync(outside)).toEqual([]);
  });
});

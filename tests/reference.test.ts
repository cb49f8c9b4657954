import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { renderApiReference } from '../scripts/render-api-reference.ts';
import { renderCliReference } from '../scripts/render-cli-reference.ts';

const docs = join(import.meta.dirname, '..', 'docs');

test.each([
  ['cli.md', renderCliReference],
  ['api.md', async () => renderApiReference()],
])('docs/%s is not stale', async (file, render) => {
  const stale = readFileSync(join(docs, file), 'utf8') !== (await render());
  expect(stale, 'run: npm run reference').toBe(false);
});

test('README counts the requirements of OWASP ASVS that tests name', () => {
  const root = join(import.meta.dirname, '..');
  const tests = globSync('tests/**/*.ts', { cwd: root }).map((path) =>
    readFileSync(join(root, path), 'utf8'),
  );
  const named = new Set(tests.flatMap((text) => text.match(/\bV\d+\.\d+\.\d+/g) ?? []));
  const [, said] = /(\d+) are named by a test/.exec(readFileSync(join(root, 'README.md'), 'utf8')) ?? [];
  expect(Number(said)).toBe(named.size);
});

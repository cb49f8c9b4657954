import { readFileSync } from 'node:fs';
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

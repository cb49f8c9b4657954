import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

/**
 * Writes the declarations of the library into `types`, and those of zod that they lean on beside them: whoever installs
 * okpay has no zod.
 */
export function writeLibraryTypes(root: string, types: string): void {
  const compiler = join(root, 'node_modules', '@typescript', 'native', 'bin', 'tsc');
  execFileSync(process.execPath, [
    compiler,
    '-p',
    join(root, 'scripts', 'library-types.json'),
    '--outDir',
    types,
  ]);
  const zod = join(types, 'zod', 'v4', 'mini', 'external.d.ts');
  copyDeclarations(
    join(root, 'node_modules', 'zod'),
    join('v4', 'mini', 'external.d.ts'),
    join(types, 'zod'),
    new Set(),
  );
  for (const file of readdirSync(types, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.d.ts') || file.startsWith('zod')) continue;
    const path = join(types, file);
    const text = readFileSync(path, 'utf8')
      .replaceAll(/(from '\.[^']*)\.ts'/g, "$1.js'")
      .replaceAll("'zod/mini'", `'${specifier(dirname(path), zod)}'`);
    writeFileSync(path, text);
  }
}

/** Copies one declaration file of a package and all those it imports. */
function copyDeclarations(from: string, file: string, to: string, done: Set<string>): void {
  if (done.has(file)) return;
  done.add(file);
  const text = readFileSync(join(from, file), 'utf8');
  mkdirSync(dirname(join(to, file)), { recursive: true });
  writeFileSync(join(to, file), text);
  for (const [, imported = ''] of text.matchAll(/(?:from|import\()\s*"(\.[^"]+)\.js"/g)) {
    copyDeclarations(from, join(dirname(file), `${imported}.d.ts`), to, done);
  }
}

function specifier(folder: string, file: string): string {
  return relative(folder, file)
    .split(sep)
    .join('/')
    .replace(/\.d\.ts$/, '.js');
}

import { join } from 'node:path';
import { rolldown, type CodeSplittingGroup, type ModuleInfo, type OutputOptions } from 'rolldown';
import { plainBuiltins, quickWidths, smallUndici, withoutTheUnreached } from './bundle-plugins.ts';

/**
 * Each file that a command needs costs it half a millisecond. So what one of these imports at once becomes one file with
 * it, except for what is in a file above; what is imported on demand stays apart.
 */
const TOGETHER = {
  start: 'src/main.ts',
  client: 'src/core/client.ts',
  network: 'src/core/transport/network.ts',
  service: 'src/service/app.ts',
  sqlite: 'src/service/store/engine/sqlite/open.ts',
};
const SHARED_BY_USE_CASES = {
  name: 'ledger',
  test: /\/src\/service\/(identity|ledger|store)\//,
  minShareCount: 3,
};
/** Wanted by commands and by the service: with that it would bring all of it to a command that talks to a server. */
const CRYPTO = '\0builtin:imported:crypto';
/** What only commands that pay share stays apart: the others need nothing of it, and it computes with money. */
const SHARED_BY_COMMANDS = {
  name: 'commands',
  test: /\/src\/commands\/(?!(?:payment-words|send-words|pay-quote|settle-earlier|answer-of-key|price-of)\.ts)/,
  minShareCount: 3,
};

/**
 * Bundles the program and the library of the clone at `root` into `dist`, with every package they use. Gives the paths
 * of the files that went in.
 */
export async function bundle(root: string, dist: string): Promise<ReadonlySet<string>> {
  const program = await write(root, 'src/main.ts', {
    dir: dist,
    entryFileNames: 'main.js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    codeSplitting: { groups: [...togetherGroups(root), SHARED_BY_USE_CASES, SHARED_BY_COMMANDS] },
  });
  const library = await write(root, 'src/core/index.ts', {
    file: join(dist, 'index.js'),
    codeSplitting: false,
  });
  return new Set([...program, ...library]);
}

function togetherGroups(root: string): CodeSplittingGroup[] {
  return Object.entries(TOGETHER).map(([name, file], at, all) => {
    let together: Set<string> | undefined;
    return {
      debugName: name,
      name: (id, chunks) => {
        together ??= importedBy(join(root, file), (each) => chunks.getModuleInfo(each));
        return together.has(id) || (name === 'start' && id === CRYPTO) ? name : null;
      },
      priority: all.length - at,
    };
  });
}

/** A module and all it imports at once, directly or not. */
function importedBy(
  id: string,
  infoOf: (id: string) => ModuleInfo | null,
  found = new Set<string>(),
): Set<string> {
  if (found.has(id)) return found;
  found.add(id);
  for (const imported of infoOf(id)?.importedIds ?? []) importedBy(imported, infoOf, found);
  return found;
}

async function write(root: string, input: string, output: OutputOptions): Promise<string[]> {
  const build = await rolldown({
    cwd: root,
    input,
    platform: 'node',
    // Not part of okpay: whoever wants a keychain installs it beside it (src/core/keychain.ts).
    external: ['@napi-rs/keyring'],
    plugins: [smallUndici(root), quickWidths(root), withoutTheUnreached(), plainBuiltins()],
    // undici's own switch for builds without its experimental parser.
    transform: { target: 'node24.15', define: { esbuildDetection: 'true' } },
    onLog: (_level, { code, message }) => {
      // A module that is loaded on demand in one place and at once in another is no mistake.
      if (code !== 'INEFFECTIVE_DYNAMIC_IMPORT') throw new Error(`The bundler is not content: ${message}`);
    },
  });
  await build.write({
    ...output,
    format: 'esm',
    comments: { legal: true, annotation: false, jsdoc: false },
    // Names are kept: a stack trace in a bug report should say where it was.
    minify: { compress: true, mangle: false, codegen: { removeWhitespace: true } },
  });
  const files = await build.watchFiles;
  await build.close();
  return files;
}

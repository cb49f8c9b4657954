import { join } from 'node:path';
import { rolldown, type OutputOptions } from 'rolldown';
import { plainBuiltins, quickWidths, smallUndici, withoutTheUnreached } from './bundle-plugins.ts';

/**
 * Bundles the program and the library of the clone at `root` into `dist`, with every package they use. Gives the paths
 * of the files that went in.
 */
export async function bundle(root: string, dist: string): Promise<ReadonlySet<string>> {
  const program = await write(root, 'src/main.ts', {
    dir: dist,
    entryFileNames: 'main.js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    // Each file that a command needs costs it half a millisecond, so what is needed together is one file.
    codeSplitting: {
      groups: [
        { name: 'start', tags: ['$initial'], priority: 2 },
        { name: 'client', test: /\/src\/core\/(?!transport\/)/, priority: 1 },
        { name: 'service', test: /\/src\/service\//, minShareCount: 2 },
        { name: 'commands', test: /\/src\/commands\//, minShareCount: 2 },
      ],
    },
  });
  const library = await write(root, 'src/core/index.ts', {
    file: join(dist, 'index.js'),
    codeSplitting: false,
  });
  return new Set([...program, ...library]);
}

async function write(root: string, input: string, output: OutputOptions): Promise<string[]> {
  const build = await rolldown({
    cwd: root,
    input,
    platform: 'node',
    plugins: [smallUndici(root), quickWidths(root), withoutTheUnreached(), plainBuiltins()],
    // undici's own switch for builds without its experimental parser.
    transform: { target: 'node24.15', define: { esbuildDetection: 'true' } },
    onLog: (_level, { message }) => {
      throw new Error(`The bundler is not content: ${message}`);
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

import { builtinModules } from 'node:module';
import { join } from 'node:path';
import type { Plugin } from 'rolldown';

/**
 * Reads Node's own modules with process.getBuiltinModule instead of `import`. The import makes an ESM view of the
 * module and so touches every getter on it; those of node:http alone load Node's own undici, 40 ms.
 */
export function plainBuiltins(): Plugin {
  return {
    name: 'plain-builtins',
    resolveId(path, importer, { kind }) {
      const name = path.replace(/^node:/, '');
      if (importer === undefined || !(path.startsWith('node:') || builtinModules.includes(name)))
        return undefined;
      return {
        id: `\0builtin:${kind === 'require-call' ? 'required' : 'imported'}:${name}`,
        moduleSideEffects: false,
      };
    },
    load(id) {
      const [, how, name] = /^\0builtin:(required|imported):(.+)$/.exec(id) ?? [];
      if (name === undefined) return undefined;
      return how === 'required' ? `module.exports = ${whole(name)};` : exportsOf(name);
    },
  };
}

/** Built-ins that Node does not load by itself and that short commands hardly call: the first call loads them. */
const ON_DEMAND = ['assert', 'assert/strict', 'child_process', 'crypto', 'net', 'worker_threads', 'zlib'];

/** A module with the exports of a built-in, each read only when something imports it. */
function exportsOf(name: string): string {
  const builtin = Object.getOwnPropertyDescriptors(process.getBuiltinModule(`node:${name}`));
  const names = Object.keys(builtin).filter((each) => /^(?!default$)[A-Za-z_$][\w$]*$/.test(each));
  // What is called without `new` can be loaded by the call.
  const isLate = (each: string) =>
    ON_DEMAND.includes(name) && /^[a-z]/.test(each) && typeof builtin[each]?.value === 'function';
  return [
    `const builtin = () => process.getBuiltinModule('node:${name}');`,
    'const now = (name) => builtin()[name];',
    'const late = (name) => (...given) => builtin()[name](...given);',
    `export default /* @__PURE__ */ (() => ${whole(name)})();`,
    ...names.map((each) => `const _${each} = /* @__PURE__ */ ${isLate(each) ? 'late' : 'now'}('${each}');`),
    `export { ${names.map((each) => `_${each} as ${each}`).join(', ')} };`,
  ].join('\n');
}

/** An expression for a built-in module as a whole. */
function whole(name: string): string {
  const builtin = `process.getBuiltinModule('node:${name}')`;
  if (!ON_DEMAND.includes(name)) return builtin;
  const itself = name.startsWith('assert') ? `(ok, ...why) => { if (!ok) ${builtin}(ok, ...why); }` : '{}';
  return `new Proxy(${itself}, { get: (_, name) => ${builtin}[name] })`;
}

/** undici by a small entry: a connection and its `request`. All of it is several times as much code. */
export function smallUndici(root: string): Plugin {
  // Named as if it were a file of the package, so that what it imports is found there.
  const entry = join(root, 'node_modules', 'undici', 'small-entry.mjs');
  return {
    name: 'small-undici',
    resolveId: (path) => (path === 'undici' ? entry : undefined),
    load: (id) =>
      id === entry
        ? `import Client from './lib/dispatcher/client.js';
          import Dispatcher from './lib/dispatcher/dispatcher.js';
          import request from './lib/api/api-request.js';
          Object.assign(Dispatcher.prototype, { request });
          export { Client };`
        : undefined,
  };
}

/** cli-table3 measures every cell with a large pattern for emoji; a cell of plain letters is as wide as it is long. */
export function quickWidths(root: string): Plugin {
  const quick = join(root, 'node_modules', 'cli-table3', 'quick-width.cjs');
  return {
    name: 'quick-widths',
    resolveId: (path, importer) =>
      path === 'string-width' && importer?.includes('/cli-table3/src/') ? quick : undefined,
    load: (id) =>
      id === quick
        ? `module.exports = (text) => /^[ -~]*$/.test(text) ? text.length : require('string-width')(text);`
        : undefined,
  };
}

/** Parts of packages that okpay never reaches: who asks for them, what they are, and why they are not reached. */
const UNREACHED: readonly { readonly by: string; readonly path: RegExp }[] = [
  // HTTP/2: the network transport asks for HTTP/1.1. Forms: it sends none.
  { by: 'undici', path: /\/(client-h2|web\/fetch\/[a-z-]+)(\.js)?$/ },
  // JSON schemas for settings: profiles have none.
  { by: 'conf', path: /^ajv(-formats)?(\/|$)/ },
  // Colours of its own: cells are coloured by chalk before they get there.
  { by: 'cli-table3', path: /^@colors\/colors/ },
  // The binding to the C library, and sockets of another runtime: pg takes its own over node:net.
  { by: 'pg', path: /^pg-(native|cloudflare)$/ },
  // QR codes as pictures: ours are text.
  { by: 'qrcode', path: /^pngjs/ },
  // The prompt that opens a text editor: nothing asks with it.
  { by: '@inquirer', path: /^@inquirer\/external-editor$/ },
];

/** Leaves out what is not reached. A call that gets there after all says so, and the tests run the bundle. */
export function withoutTheUnreached(): Plugin {
  return {
    name: 'without-the-unreached',
    resolveId: (path, importer = '') =>
      UNREACHED.some((part) => part.path.test(path) && importer.includes(`/node_modules/${part.by}/`))
        ? `\0left-out:${path}`
        : undefined,
    load: (id) =>
      id.startsWith('\0left-out:')
        ? `const stop = () => { throw new Error(${JSON.stringify(`${id.slice(10)} is left out of this build.`)}); };
          module.exports = new Proxy(stop, { get: (_, name) => name === '__esModule' ? undefined : stop });`
        : undefined,
  };
}

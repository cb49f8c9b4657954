import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { execaSync } from 'execa';
import { describe, expect, test } from 'vitest';
import { OPERATIONS, type Operation } from '../src/core/contract/operations.ts';
import { USE_CASES } from '../src/service/use-cases/table.ts';

const ROOT = resolve(import.meta.dirname, '..');
const SOURCE = join(ROOT, 'src');

type File = { readonly path: string; readonly text: string; readonly imports: readonly string[] };

const files: readonly File[] = readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => {
    const text = readFileSync(join(SOURCE, name), 'utf8');
    return { path: name, text, imports: importsOf(name, text) };
  });

/** The files of ours that a file imports, types included, as paths from src. */
function importsOf(path: string, text: string): string[] {
  const found = text.matchAll(/(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+)'/g);
  return [...found].map((match) => relative(SOURCE, resolve(SOURCE, dirname(path), match[1] ?? '')));
}

/** Every import `from -> to` that a rule forbids. */
function forbidden(rule: (from: string, to: string) => boolean): string[] {
  return files.flatMap(({ path, imports }) =>
    imports.filter((to) => rule(path, to)).map((to) => `${path} -> ${to}`),
  );
}

const isIn = (folder: string) => (path: string) => path.startsWith(`${folder}/`);
const inCommands = isIn('commands');
const inCore = isIn('core');
const inService = isIn('service');
/** Files of src/commands that are commands: the tree loads them. */
const tree = readFileSync(join(SOURCE, 'commands/tree.ts'), 'utf8');
const commandFiles = new Set(
  [...tree.matchAll(/import\('\.\/([^']+)'\)/g)].map((match) => `commands/${match[1]}`),
);
const useCaseFiles = files
  .map(({ path }) => path)
  .filter((path) => /^service\/use-cases\/[^/]+\//.test(path));
/** Who alone may ask the money tables. */
const MONEY_STORE = ['balances', 'intents', 'transfers', 'journal', 'audit'].map(
  (name) => `service/store/${name}.ts`,
);

describe('imports go down', () => {
  test('every import names a file that is there', () => {
    expect(
      files.flatMap(({ path, imports }) =>
        imports.filter((to) => !existsSync(join(SOURCE, to))).map((to) => `${path} -> ${to}`),
      ),
    ).toEqual([]);
    expect(files.length).toBeGreaterThan(150);
    expect(commandFiles.size).toBeGreaterThan(25);
  });

  test('commands and the service never import each other; only main knows both', () => {
    expect(forbidden((from, to) => inCommands(from) && inService(to))).toEqual([]);
    expect(forbidden((from, to) => inService(from) && inCommands(to))).toEqual([]);
    expect(forbidden((from, to) => from !== 'main.ts' && to === 'main.ts')).toEqual([]);
  });

  test('core imports neither; contract and money import nothing above them', () => {
    expect(forbidden((from, to) => inCore(from) && !inCore(to))).toEqual([]);
    const low = (path: string) =>
      path.startsWith('core/contract/') || /^core\/(money|currencies)\.ts$/.test(path);
    expect(forbidden((from, to) => low(from) && !low(to))).toEqual([]);
  });

  test('one command never imports another', () => {
    expect(forbidden((from, to) => commandFiles.has(from) && commandFiles.has(to))).toEqual([]);
  });

  test('one use-case never imports another, and only the table loads them', () => {
    expect(
      forbidden((from, to) => useCaseFiles.includes(to) && from !== 'service/use-cases/table.ts'),
    ).toEqual([]);
  });

  test('only the ledger asks the money tables', () => {
    const allowed = (from: string) => from.startsWith('service/ledger/') || from.startsWith('service/store/');
    expect(forbidden((from, to) => MONEY_STORE.includes(to) && !allowed(from))).toEqual([]);
    const lane = 'service/store/engine/ledger-store.ts';
    expect(forbidden((from, to) => to === lane && !allowed(from))).toEqual([]);
  });

  test('the store imports nothing above it but the shapes of the ledger', () => {
    const above = (to: string) =>
      /^service\/(http|use-cases|jobs|pages|identity|deposits|payments)\//.test(to);
    expect(forbidden((from, to) => from.startsWith('service/store/') && above(to))).toEqual([]);
  });

  test('there is no circle of any length', () => {
    expect(circles(new Map(files.map(({ path, imports }) => [path, imports])))).toEqual([]);
  });

  test('control: the circle finder sees a circle', () => {
    expect(
      circles(
        new Map([
          ['a', ['b']],
          ['b', ['c']],
          ['c', ['a']],
        ]),
      ),
    ).not.toEqual([]);
  });
});

/** The first way round found from each file that can reach itself. */
function circles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const found: string[] = [];
  const walk = (path: string, way: readonly string[]): void => {
    const at = way.indexOf(path);
    if (at !== -1) return void found.push([...way.slice(at), path].join(' -> '));
    if (done.has(path)) return;
    for (const to of graph.get(path) ?? []) walk(to, [...way, path]);
    done.add(path);
  };
  for (const path of graph.keys()) walk(path, []);
  return found;
}

describe('names and habits', () => {
  test('no room is called utils, helpers or common', () => {
    expect(
      files
        .map(({ path }) => path)
        .filter((path) => /(^|\/)(utils?|helpers?|common|misc)(\/|\.ts|-)/.test(path)),
    ).toEqual([]);
  });

  const having = (pattern: RegExp, within: (path: string) => boolean = () => true) =>
    files.filter(({ path, text }) => within(path) && pattern.test(text)).map(({ path }) => path);

  test('no default exports, no module state, no console, no import for its side effect', () => {
    expect(having(/^export default/m)).toEqual([]);
    expect(having(/^(?:export )?let /m)).toEqual([]);
    expect(having(/\bconsole\.\w+\(/)).toEqual([]);
    expect(having(/^import '/m)).toEqual([]);
  });

  test('only the store holds SQL', () => {
    const sql =
      /['"`](?:\s*)(?:SELECT\s+[\w*]|INSERT INTO\s|UPDATE\s+\w+\s+SET\s|DELETE FROM\s|CREATE (?:TABLE|INDEX)\s)/;
    // SELECT 1 asks whether the database answers at all, and reads no table.
    const within = (path: string) => !path.startsWith('service/store/');
    const found = files.filter(
      ({ path, text }) => within(path) && sql.test(text.replaceAll(/'SELECT 1[^']*'/g, "''")),
    );
    expect(found.map(({ path }) => path)).toEqual([]);
  });

  test('only what shows things to people uses colour and tables', () => {
    expect(
      having(/from 'chalk'|import\('chalk'\)|'cli-table3'/, (path) => !path.startsWith('commands/show/')),
    ).toEqual([]);
  });

  test('nothing committed names a machine path or a registry host', () => {
    const tracked = execaSync('git', ['ls-files'], { cwd: ROOT })
      .stdout.split('\n')
      .filter((path) => existsSync(join(ROOT, path)));
    const bad = new RegExp(
      ['/wor' + 'k/', '/ro' + 'ot/', 'registry\\.npm' + 'js', 'deb\\.deb' + 'ian'].join('|'),
    );
    const named = tracked.filter(
      (path) => !/\.(png|ico)$/.test(path) && bad.test(readFileSync(join(ROOT, path), 'utf8')),
    );
    expect(named).toEqual([]);
  });
});

describe('every operation', () => {
  const texts = readdirSync(join(ROOT, 'tests'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && name !== 'tidy.test.ts')
    .map((name) => readFileSync(join(ROOT, 'tests', name), 'utf8'))
    .join('\n');
  const reference = readFileSync(join(ROOT, 'docs/api.md'), 'utf8');

  test.each(Object.entries(OPERATIONS) as [keyof typeof OPERATIONS, Operation][])(
    '%s has a use-case, a role, a test and a line in the reference',
    async (name, operation) => {
      expect(typeof (await USE_CASES[name]())).toBe('function');
      expect(operation.role).toMatch(/^(anyone|holder|viewer|support|senior|admin|console)$/);
      expect(texts.includes(`'${name}'`), 'is named in a test').toBe(true);
      expect(reference.includes(operation.path), 'npm run reference').toBe(true);
    },
  );
});

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { execaSync } from 'execa';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { TREE } from '../src/commands/tree.ts';
import { OPERATIONS, type Operation } from '../src/core/contract/operations.ts';
import { USE_CASES } from '../src/service/use-cases/table.ts';
import { ROOT, circlesOf, nodesOf, placeOf, readSources, type SourceFile } from './house.ts';

const sources = readSources('src');
const tests = readSources('tests');

/** `from -> to` for every import that is not allowed. */
function forbidden(allowed: (from: string, to: string) => boolean): string[] {
  return sources.flatMap(({ path, imports }) =>
    imports.filter((to) => !allowed(path, to)).map((to) => `${path} -> ${to}`),
  );
}

const isIn = (path: string, ...folders: string[]) =>
  folders.some((folder) => path.startsWith(`src/${folder}/`));

/** A file that is loaded for one line of a table only: a command's body, an operation's use-case. */
function loadedBy(table: string): Set<string> {
  const text = readFileSync(join(ROOT, table), 'utf8');
  return new Set([...text.matchAll(/import\('(.+?)'\)/g)].map(([, path = '']) => join(dirname(table), path)));
}

describe('imports', () => {
  test('go down the stairs: commands and service never meet, core knows neither', () => {
    expect(
      forbidden((from, to) => {
        if (isIn(from, 'commands')) return isIn(to, 'commands', 'core');
        if (isIn(from, 'core')) return isIn(to, 'core');
        if (isIn(from, 'service')) return isIn(to, 'service', 'core');
        return from === 'src/main.ts' && to !== from;
      }),
    ).toEqual([]);
  });

  test('contract and money import nothing above them', () => {
    const below = (path: string) =>
      isIn(path, 'core/contract') || ['src/core/money.ts', 'src/core/currencies.ts'].includes(path);
    expect(forbidden((from, to) => !below(from) || below(to))).toEqual([]);
  });

  test('only main knows both sides', () => {
    const both = sources.filter(
      ({ imports }) =>
        imports.some((to) => isIn(to, 'commands')) && imports.some((to) => isIn(to, 'service')),
    );
    expect(both.map(({ path }) => path)).toEqual(['src/main.ts']);
  });

  test('make no circle of any length, types included', () => {
    const graph = new Map(sources.map(({ path, imports }) => [path, imports]));
    expect(circlesOf(graph)).toEqual([]);
    // The control: one more import closes a circle.
    const [from, to] = ['src/core/money.ts', 'src/core/client.ts'];
    const closed = new Map(graph).set('src/core/currencies.ts', [to]).set(from, ['src/core/currencies.ts']);
    expect(circlesOf(closed.set(to, [from]))).toHaveLength(1);
  });

  test('name files that exist, with their ending', () => {
    expect(forbidden((_, to) => to.endsWith('.ts') && existsSync(join(ROOT, to)))).toEqual([]);
  });

  test('never go from one command to another, or from one use-case to another', () => {
    const commands = loadedBy('src/commands/tree.ts');
    const useCases = loadedBy('src/service/use-cases/table.ts');
    expect(commands.size).toBeGreaterThan(20);
    expect(useCases.size).toBeGreaterThan(20);
    expect(forbidden((from, to) => !commands.has(to) || from === 'src/commands/tree.ts')).toEqual([]);
    expect(forbidden((from, to) => !useCases.has(to) || from === 'src/service/use-cases/table.ts')).toEqual(
      [],
    );
  });

  test('reach the money tables through the ledger only', () => {
    const money =
      /^src\/service\/store\/(balances|intents|transfers|transfer-trail|journal|audit|engine\/ledger-store)\.ts$/;
    expect(forbidden((from, to) => !money.test(to) || isIn(from, 'service/ledger', 'service/store'))).toEqual(
      [],
    );
  });

  test('go from the store up to the shapes of the ledger at most', () => {
    expect(
      forbidden(
        (from, to) => !isIn(from, 'service/store') || isIn(to, 'service/store', 'service/ledger', 'core'),
      ),
    ).toEqual([]);
  });

  test('bring colour and tables into what shows things to people only', () => {
    const shown = sources.filter(({ text }) => /'(chalk|cli-table3)'/.test(text)).map(({ path }) => path);
    expect(shown.filter((path) => !isIn(path, 'commands/show'))).toEqual([]);
    expect(shown.length).toBeGreaterThan(0);
  });

  test('reach an engine’s own folder only from the folders of the engines', () => {
    const own = /^src\/service\/store\/engine\/(sqlite|postgres)\//;
    expect(forbidden((from, to) => !own.test(to) || isIn(from, 'service/store/engine'))).toEqual([]);
  });
});

describe('the house', () => {
  test('has no utils, helpers or common', () => {
    const vague = /^(utils?|helpers?|common|misc|shared|lib|types|index)(\.|$)/i;
    const parts = sources.map(({ path }) => path).filter((path) => path !== 'src/core/index.ts');
    expect(parts.filter((path) => path.split('/').some((part) => vague.test(part)))).toEqual([]);
  });

  test('names files and folders in small letters with hyphens', () => {
    const all = [...sources, ...tests].map(({ path }) => path);
    expect(all.filter((path) => !/^[a-z0-9-]+(\/[a-z0-9-]+)*(\.test)?\.ts$/.test(path))).toEqual([]);
  });

  test('has no default export', () => {
    expect(places(sources, ts.isExportAssignment)).toEqual([]);
    const isDefault = (node: ts.Node) =>
      node.kind === ts.SyntaxKind.DefaultKeyword && !ts.isDefaultClause(node.parent);
    expect(places(sources, isDefault)).toEqual([]);
  });

  test('prints through io only', () => {
    const isConsole = (node: ts.Node) =>
      ts.isPropertyAccessExpression(node) && node.expression.getText() === 'console';
    expect(places(sources, isConsole)).toEqual([]);
  });

  test('has no interval that outlives its work', () => {
    const isInterval = (node: ts.Node) =>
      ts.isCallExpression(node) && node.expression.getText() === 'setInterval';
    const endless = sources.filter(({ text }) => !/finally \{\s*clearInterval/.test(text));
    expect(places(endless, isInterval)).toEqual([]);
  });

  test('keeps no state in modules', () => {
    const isAtTop = (node: ts.Node): node is ts.VariableStatement =>
      ts.isVariableStatement(node) && ts.isSourceFile(node.parent);
    const isVariable = (node: ts.Node) =>
      isAtTop(node) && (node.declarationList.flags & ts.NodeFlags.Const) === 0;
    expect(places(sources, isVariable)).toEqual([]);
    const isFilled = (node: ts.Node) =>
      isAtTop(node) &&
      node.declarationList.declarations.some(({ name }) =>
        new RegExp(`\\b${name.getText()}\\.(set|add|push|unshift|splice|delete|clear)\\(`).test(
          node.getSourceFile().text,
        ),
      );
    expect(places(sources, isFilled)).toEqual([]);
  });

  test('imports nothing for its side effects', () => {
    expect(places(sources, (node) => ts.isImportDeclaration(node) && !node.importClause)).toEqual([]);
  });

  test('has SQL in the store only', () => {
    const sql =
      /^\s*(SELECT\s.+\sFROM\s|INSERT\s+INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|CREATE\s+(TABLE|INDEX)\s)/is;
    const isSql = (node: ts.Node) =>
      (ts.isStringLiteralLike(node) && sql.test(node.text)) ||
      (ts.isTemplateExpression(node) &&
        sql.test(node.head.text + '…'.padEnd(node.getText().length, ' FROM ')));
    const elsewhere = sources.filter(({ path }) => !isIn(path, 'service/store'));
    expect(places(elsewhere, isSql)).toEqual([]);
    expect(places(sources, isSql).length).toBeGreaterThan(40);
  });

  test('explains every exported function', () => {
    const isSilent = (node: ts.Node) =>
      ts.isFunctionDeclaration(node) &&
      node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true &&
      ts.getJSDocCommentsAndTags(node).length === 0;
    const silent = places(sources, isSilent).filter((place) => !place.startsWith('src/service/store/'));
    expect(silent).toEqual([]);
  });
});

describe('every operation', () => {
  const operations = Object.entries<Operation>(OPERATIONS);
  const api = readFileSync(join(ROOT, 'docs', 'api.md'), 'utf8');
  const tested = tests.map(({ text }) => text).join('\n');

  test.each(operations)(
    '%s has a use-case of its name, a line in the reference and a test',
    async (name, operation) => {
      const useCases: Record<string, () => Promise<{ name: string }>> = USE_CASES;
      const camelCase = name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
      expect((await useCases[name]?.())?.name).toBe(camelCase);
      expect(api).toContain(`\n## ${name}\n\n\`${operation.method} ${operation.path}\``);
      expect(tested).toMatch(new RegExp(`['"\`]${name}['"\`]|\\b${camelCase}\\b`));
    },
  );

  test('has a path and method of its own, and a summary that is a line', () => {
    const routes = operations.map(([, { method, path }]) => `${method} ${path.replace(/\{\w+\}/g, '{}')}`);
    expect(new Set(routes).size).toBe(routes.length);
    for (const [, { summary }] of operations) expect(summary).toMatch(/^[A-Z].{5,70}[^.]$/);
  });
});

describe('every command', () => {
  test.each(TREE.filter(({ load }) => load))('$words is the file of its words', ({ words }) => {
    const files = sources.map(({ path }) => path);
    // `show` would be the folder that shows.
    const file = words === 'show' ? 'show-transfer' : words.replaceAll(' ', '/');
    expect(files).toContain(`src/commands/${file}.ts`);
  });

  test('file is in the tree', () => {
    const listed = loadedBy('src/commands/tree.ts');
    const commands = sources.filter(
      ({ path, text }) => isIn(path, 'commands') && /export function \w+Command\(/.test(text),
    );
    expect(commands.map(({ path }) => path).filter((path) => !listed.has(path))).toEqual([]);
  });
});

describe('what is committed', () => {
  const files = execaSync('git', ['ls-files', '-z'], { cwd: ROOT }).stdout.split('\0').filter(Boolean);
  const texts = files.filter((file) => !/\.(png|gz|zip|bin)$/.test(file) && existsSync(join(ROOT, file)));

  test('names no machine, no registry host and no secret', () => {
    const telling = [
      /(^|[^\w.])\/(home|Users|root|work)\/\w/,
      /"resolved":/,
      /\b(registry\.(npmjs|yarnpkg)|deb\.debian)\./,
      /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
      /\bnpm_[A-Za-z0-9]{36}\b/,
    ];
    const found = texts.flatMap((file) => {
      if (file === 'tests/tidy.test.ts') return [];
      const text = readFileSync(join(ROOT, file), 'utf8');
      return telling.flatMap((pattern) => (pattern.test(text) ? [`${file}: ${pattern}`] : []));
    });
    expect(found).toEqual([]);
  });

  test('has no two completions or references of their own making', () => {
    const made = readdirSync(join(ROOT, 'completions')).map((file) => basename(file));
    expect(made.sort()).toEqual(['okpay.bash', 'okpay.fish', 'okpay.ps1', 'okpay.zsh']);
  });
});

function places(files: readonly SourceFile[], asked: (node: ts.Node) => boolean): string[] {
  return files.flatMap((file) => nodesOf(file, asked).map((node) => placeOf(file, node)));
}

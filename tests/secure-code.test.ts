import { DEFAULT_MIN_VERSION } from 'node:tls';
import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { nodesOf, placeOf, readSources, type SourceFile } from './house.ts';

/**
 * What a reader of the source can prove, and a run of it cannot: that something is nowhere. Each rule is shown to see
 * what it forbids.
 */
const sources = readSources('src');

/** A file that somebody might write. */
function written(text: string): SourceFile {
  const path = 'src/service/written.ts';
  return {
    path,
    text,
    imports: [],
    tree: ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true),
  };
}

/** `path: names` for every import of a module, however it is imported; `*` for all of it. */
function importsOf(files: readonly SourceFile[], module: RegExp): string[] {
  return files.flatMap((file) =>
    nodesOf(file, (node) => ts.isStringLiteralLike(node) && module.test(node.text)).flatMap(({ parent }) => {
      const bindings = ts.isImportDeclaration(parent) ? parent.importClause?.namedBindings : undefined;
      if (ts.isImportDeclaration(parent) && parent.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword)
        return [];
      const names =
        bindings && ts.isNamedImports(bindings) ? bindings.elements.map(({ name }) => name.text) : ['*'];
      return [`${file.path}: ${names.join(', ')}`];
    }),
  );
}

describe('programs', () => {
  /** Calls of `spawn` that could have a shell, or words that are not a list. */
  const risky = (files: readonly SourceFile[]) =>
    files.flatMap((file) =>
      nodesOf(
        file,
        (node) =>
          (ts.isIdentifier(node) && node.text === 'shell') ||
          (ts.isCallExpression(node) && node.expression.getText() === 'spawn' && node.arguments.length !== 3),
      ).map((node) => placeOf(file, node)),
    );

  test('are started in one place, pg_dump and pg_restore only, and never by a shell (ASVS V1.2.5)', () => {
    const module = /^(node:)?child_process$|^(execa|cross-spawn|shelljs)$/;
    expect(importsOf(sources, module)).toEqual(['src/service/store/engine/postgres/programs.ts: spawn']);
    const [programs] = sources.filter(({ path }) => path.endsWith('/programs.ts')) as [SourceFile];
    expect(programs.text).toContain("export type Program = 'pg_dump' | 'pg_restore';");
    expect(risky([programs])).toEqual([]);
    const control = written("import { exec } from 'node:child_process'; spawn('a b', { shell: true });");
    expect(importsOf([control], module)).toEqual(['src/service/written.ts: exec']);
    expect(risky([control])).toHaveLength(2);
  });
});

describe('cryptography', () => {
  /** Names in texts given to functions of node:crypto: hashes, ciphers, key derivation. */
  const algorithmsOf = (files: readonly SourceFile[]) =>
    new Set(
      files
        .filter(({ text }) => text.includes("from 'node:crypto'"))
        .flatMap((file) => nodesOf(file, ts.isStringLiteralLike))
        .map((node) => (node as ts.StringLiteral).text)
        .filter((text) =>
          /^(md\d|sha\d*|sha[\d-]+|ripemd.*|rc\d|des.*|aes.*|bf.*|chacha.*|argon2.*|scrypt|pbkdf2)$/i.test(
            text,
          ),
        ),
    );

  test('is that of Node and of otplib, by today’s algorithms; none is our own (ASVS V11.2.1)', () => {
    const packages =
      /^(crypto|node:crypto|otplib|@otplib\/.*|@noble\/.*|@scure\/.*|crypto-js|bcrypt.*|argon2|jose|tweetnacl|node-forge|sjcl)$/;
    const used = importsOf(sources, packages).map((line) => line.split(': ') as [string, string]);
    const others = used.filter(([path]) => {
      const text = sources.find((file) => file.path === path)?.text ?? '';
      return !text.includes("from 'node:crypto'");
    });
    expect(others).toEqual([['src/core/totp.ts', expect.any(String)]]);
    const names = new Set(
      used.filter(([path]) => path !== 'src/core/totp.ts').flatMap(([, all]) => all.split(', ')),
    );
    expect([...names].sort()).toEqual([
      'Hash',
      'argon2',
      'createCipheriv',
      'createDecipheriv',
      'createHash',
      'createHmac',
      'hash',
      'randomBytes',
      'timingSafeEqual',
    ]);
    expect([...algorithmsOf(sources)].sort()).toEqual(['aes-256-gcm', 'argon2id', 'sha256']);
    // What an own one would be made of. The tally of the audit compares orders of rows, and keeps nothing secret.
    const isRound = (node: ts.Node) =>
      [ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken, ts.SyntaxKind.LessThanLessThanToken].includes(
        node.kind,
      ) || ['Math.imul', 'crypto.subtle'].includes(node.getText());
    const rounds = (files: readonly SourceFile[]) =>
      files.filter((file) => nodesOf(file, isRound).length > 0).map(({ path }) => path);
    expect(rounds(sources)).toEqual(['src/service/ledger/audit/tally.ts']);
    const control = written(
      "import { createHash } from 'node:crypto'; createHash('md5'); const mixed = (a << 5) ^ (a >>> 27);",
    );
    expect([...algorithmsOf([control])]).toEqual(['md5']);
    expect(rounds([control])).toHaveLength(1);
  });

  const isCall = (name: string) => (node: ts.Node) =>
    ts.isCallExpression(node) && node.expression.getText() === name;

  test('has no randomness but that of node:crypto; Math.random only spreads waits (ASVS V11.5.1)', () => {
    const guessable = sources.flatMap((file) =>
      nodesOf(file, isCall('Math.random')).map((node) => ({
        path: file.path,
        waits: node.parent.parent.getText().includes('Math.random') && /setTimeout\(/.test(lineOf(node)),
      })),
    );
    expect(guessable.length).toBeGreaterThan(0);
    expect(guessable.filter(({ waits }) => !waits)).toEqual([]);
    const uuids = sources.filter(({ text }) => /randomUUID|\buuid\b|getRandomValues|pseudoRandom/.test(text));
    expect(uuids.map(({ path }) => path)).toEqual([]);
  });
});

describe('TLS', () => {
  test('is of version 1.2 at least on every way out, with a certificate that was checked (ASVS V12.1.1, V12.3.2)', () => {
    expect(DEFAULT_MIN_VERSION).toBe('TLSv1.2');
    const settings = (files: readonly SourceFile[]) =>
      files.flatMap((file) =>
        nodesOf(
          file,
          (node) =>
            (ts.isPropertyAssignment(node) || ts.isPropertySignature(node)) &&
            /^(minVersion|maxVersion|secureProtocol|ciphers|rejectUnauthorized|checkServerIdentity)$/.test(
              node.name.getText(),
            ),
        ).map((node) => node.getText().replace(/;$/, '')),
      );
    const strict = ["minVersion: 'TLSv1.2'", 'rejectUnauthorized: true'];
    expect([...new Set(settings(sources))].sort()).toEqual(strict);
    const variables = /NODE_TLS_REJECT_UNAUTHORIZED|DEFAULT_MIN_VERSION|tls-min-v1/;
    expect(sources.filter(({ text }) => variables.test(text)).map(({ path }) => path)).toEqual([]);
    expect(settings([written('connect({ rejectUnauthorized: false });')])).toEqual([
      'rejectUnauthorized: false',
    ]);
  });
});

describe('secrets', () => {
  const SECRET = /(secret|hash|digest|password|token|tag|mac|signature)$/i;
  /** Not secrets, or nothing is told by how long it takes. */
  const PUBLIC = new Set([
    // Both are hashes as they are stored: which row it is, or whether it was changed since.
    'src/service/use-cases/admin/bootstrap-staff.ts user?.passwordHash !== passwordHash',
    'src/service/use-cases/identity/change-password.ts (await userById(tx, user.id))?.passwordHash !== user.passwordHash',
    'src/service/use-cases/identity/log-in.ts match !== user.passwordHash',
    'src/service/use-cases/identity/log-in.ts (await userById(tx, user.id))?.passwordHash !== match',
    // The chain of the audit log is shown to whoever verifies it.
    'src/service/audit-log/verify.ts record.hash !== found',
    'src/service/audit-log/verify.ts expectedHash !== found',
    // Two fields of one form.
    'src/service/pages/reset.ts again !== password',
    "src/service/pages/reset.ts password === ''",
  ]);

  /** Comparisons with an operator that ends at the first letter that differs. */
  function compared(files: readonly SourceFile[]): string[] {
    const operators = [
      ts.SyntaxKind.EqualsEqualsEqualsToken,
      ts.SyntaxKind.ExclamationEqualsEqualsToken,
      ts.SyntaxKind.EqualsEqualsToken,
      ts.SyntaxKind.ExclamationEqualsToken,
    ];
    const named = (side: ts.Expression) => SECRET.test(side.getText().replace(/[!)\]]+$/, ''));
    const fixed = (side: ts.Expression) => /^(undefined|null)$|^-?\d/.test(side.getText());
    return files.flatMap((file) =>
      nodesOf(
        file,
        (node) =>
          ts.isBinaryExpression(node) &&
          operators.includes(node.operatorToken.kind) &&
          !ts.isTypeOfExpression(node.left) &&
          ![node.left, node.right].some(fixed) &&
          [node.left, node.right].some(named),
      ).map((node) => `${file.path} ${node.getText()}`),
    );
  }

  test('are compared in constant time, never with === (ASVS V11.2.4)', () => {
    const service = sources.filter(({ path }) => path.startsWith('src/service/'));
    expect(compared(service).sort()).toEqual([...PUBLIC].sort());
    const controls = [
      'if (user.passwordHash !== match) refuse();',
      'const same = row.codeHash === codeHashOf(code);',
      'found.find((one) => one.token === token);',
      'stored.tag == tag;',
    ];
    for (const control of controls) expect(compared([written(control)])).toHaveLength(1);
    const inConstantTime = sources.filter(({ text }) => /timingSafeEqual\(|verifySync\(/.test(text));
    expect(inConstantTime.map(({ path }) => path)).toEqual([
      'src/core/totp.ts',
      'src/service/identity/codes.ts',
      'src/service/identity/passwords.ts',
    ]);
  });
});

describe('every format has one reader (ASVS V1.5.3)', () => {
  /** Where JSON is read in these folders. */
  const readers = (...folders: string[]) =>
    sources
      .filter(
        ({ path, text }) => folders.some((folder) => path.startsWith(folder)) && /JSON\.parse\b/.test(text),
      )
      .filter(
        (file) =>
          nodesOf(file, (node) => node.getText() === 'JSON.parse' && ts.isCallExpression(node.parent))
            .length > 0,
      )
      .map(({ path }) => path);

  test('JSON that comes in, and XML', () => {
    expect(readers('src/service/http', 'src/service/pages', 'src/service/rails')).toEqual([
      'src/service/http/json.ts',
    ]);
    // The command line takes no JSON of anybody’s: it reads answers of the service, and files of its own.
    expect(readers('src/commands', 'src/main.ts')).toEqual([]);
    expect(importsOf(sources, /^saxes$/)).toEqual(['src/service/rails/safe-xml.ts: SaxesParser, SaxesTagNS']);
    const others =
      /^(fast-xml-parser|xml2js|sax|papaparse|csv-parse.*|yaml|js-yaml|json5|qs|querystring|node:querystring)$/;
    expect(importsOf(sources, others)).toEqual([]);
  });
});

/** The statement around a node. */
function lineOf(node: ts.Node): string {
  let at = node;
  while (!ts.isStatement(at)) at = at.parent;
  return at.getText();
}

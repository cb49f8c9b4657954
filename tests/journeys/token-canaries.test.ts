import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dropDatabase, newDatabase } from '../shared-postgres.ts';

const BINARY = join(import.meta.dirname, '../../bin/okpay.js');
const PASSWORD = 'canary horse battery staple';

type Ran = { readonly code: number | null; readonly stdout: string; readonly stderr: string };
type Options = { readonly stdin?: string; readonly env?: Record<string, string> };

/** Everything a run of the binary shows to others on the machine, and what it wrote. */
const seen = {
  commandLines: new Set<string>(),
  environmentsOfChildren: new Set<string>(),
  output: [] as string[],
};

/** The processes that a process has started, and those they have. */
function below(pid: number): number[] {
  const found = read(`/proc/${pid}/task/${pid}/children`).split(' ').map(Number).filter(Boolean);
  return found.flatMap((child) => [child, ...below(child)]);
}

function read(path: string): string {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return '';
  }
}

function start(words: readonly string[], home: string, { stdin = '', env = {} }: Options) {
  const child = spawn(process.execPath, [BINARY, ...words], {
    env: { PATH: process.env['PATH'], NO_COLOR: '1', CI: '1', OKPAY_HOME: home, ...env },
  });
  const written = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (written.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (written.stderr += chunk.toString()));
  child.stdin.on('error', () => undefined).end(stdin);
  const { pid = 0 } = child;
  const look = setInterval(() => {
    const own = read(`/proc/${pid}/cmdline`);
    seen.commandLines.add(own);
    for (const each of below(pid)) {
      // In this order: until a new process becomes the other program it is still okpay, with all that okpay has.
      const commandLine = read(`/proc/${each}/cmdline`);
      seen.commandLines.add(commandLine);
      if (commandLine !== own) seen.environmentsOfChildren.add(read(`/proc/${each}/environ`));
    }
  }, 5);
  const ended = once(child, 'close').then(([code]) => {
    clearInterval(look);
    return { code: code as number | null, ...written };
  });
  return { child, written, ended };
}

describe('secrets of sessions and tokens, through the real program (ASVS V13.3.1, V16.2.5)', () => {
  let home: string;
  beforeAll(() => {
    home = mkdtempSync(join(tmpdir(), 'okpay-canaries-'));
  });
  afterAll(() => rmSync(home, { recursive: true, force: true }));

  async function okpay(line: string, options: Options = {}): Promise<Ran> {
    const ran = await start(line.split(' '), home, options).ended;
    // What shows a secret on purpose is kept apart by its test.
    if (!line.startsWith('token create')) seen.output.push(ran.stdout);
    seen.output.push(ran.stderr);
    return ran;
  }

  /** Every file below a folder, apart from those of `except`. */
  const filesIn = (folder: string, except: RegExp) =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .filter((path) => !except.test(path));

  test('are where they are kept, and nowhere else', async () => {
    const password = { env: { OKPAY_PASSWORD: PASSWORD } };
    const bootstrap = 'admin staff add --email root@example.com --bootstrap --name Root';
    expect(await okpay(bootstrap, password)).toMatchObject({ code: 0 });
    expect(await okpay('login --email root@example.com', password)).toMatchObject({ code: 0 });
    const sessionFile = join(home, 'sessions', 'default.json');
    const { token: session } = JSON.parse(readFileSync(sessionFile, 'utf8')) as { token: string };
    const created = await okpay('token create ci --scope read --scope pay --daily EUR:5');
    const token = created.stdout.trim();
    expect([session, token]).toEqual([
      expect.stringMatching(/^okp_.{43}$/),
      expect.stringMatching(/^okt_.{43}$/),
    ]);
    expect(await okpay('login --with-token --profile ci', { stdin: token })).toMatchObject({ code: 0 });

    const server = start(
      ['serve', '--port', '0', '--metrics-port', '0', '--json', '--log-level', 'info'],
      home,
      { env: { OKPAY_DEBUG: '1' } },
    );
    const url = await new Promise<string>((resolve, reject) => {
      server.child.stdout.on('data', () => {
        if (server.written.stdout.includes('}'))
          resolve((JSON.parse(server.written.stdout) as { url: string }).url);
      });
      void server.ended.then(({ stderr }) => reject(new Error(stderr)));
    });
    const { metricsUrl = '' } = JSON.parse(server.written.stdout) as { metricsUrl?: string };
    try {
      const by = (secret: string, more = {}) => ({ env: { OKPAY_TOKEN: secret, ...more } });
      for (const line of [
        'balance',
        'whoami',
        'history --json',
        'send nobody@example.com 1 EUR --yes',
        'token list',
      ])
        for (const secret of [session, token])
          await okpay(`${line} --url ${url}`, by(secret, { OKPAY_DEBUG: '1' }));
      expect((await okpay(`balance --url ${url}`, by(`${token}x`))).code).toBe(4);
      expect((await okpay(`balance --url ${url}`, by(`${session}x`))).code).toBe(4);
      expect(
        (await okpay(`login --with-token --url ${url} --profile two`, { stdin: `${token}x` })).code,
      ).toBe(4);
      for (const secret of [session, token]) {
        await fetch(`${url}/v1/me?token=${secret}`, { headers: { authorization: `Bearer ${secret}` } });
        await fetch(`${url}/v1/transfers/${secret}`, { headers: { cookie: `token=${secret}` } });
        await fetch(`${url}/v1/quotes`, { method: 'POST', body: `{"token": "${secret}", ${secret}` });
      }
      const metrics = await (await fetch(metricsUrl)).text();
      expect(metrics).toContain('okpay_');
      seen.output.push(metrics);
      for (const format of ['hledger', 'beancount', 'csv', 'jsonl'])
        await okpay(`admin export journal --format ${format} --url ${url}`, by(session));
    } finally {
      server.child.kill('SIGTERM');
      await server.ended;
    }
    seen.output.push(server.written.stdout, server.written.stderr);
    expect(
      await okpay(`db backup ${join(home, 'backup.db')}`, { env: { OKPAY_TOKEN: token } }),
    ).toMatchObject({ code: 0 });
    await okpay('doctor', { env: { OKPAY_TOKEN: token } });

    const places = {
      output: seen.output.join('\n'),
      commandLines: [...seen.commandLines].join('\n'),
      ...Object.fromEntries(
        filesIn(home, /\/sessions\//).map((path) => [path, readFileSync(path, 'latin1')]),
      ),
    };
    expect(Object.keys(places).length).toBeGreaterThan(5);
    expect(places.output).toContain('"route":"/v1/me"');
    expect(places.commandLines).toContain('history');
    const hits = [session, token, PASSWORD].flatMap((secret) =>
      Object.entries(places).flatMap(([place, text]) => (text.includes(secret.slice(4)) ? [place] : [])),
    );
    expect(hits).toEqual([]);
    // The control: what looks for them finds them where they are kept.
    const kept = filesIn(join(home, 'sessions'), /^$/)
      .map((path) => readFileSync(path, 'latin1'))
      .join('\n');
    for (const secret of [session, token]) expect(kept).toContain(secret);
  }, 60_000);

  test('are not in what a program that okpay starts can see', async () => {
    const databaseUrl = await newDatabase();
    const bin = join(home, 'bin');
    mkdirSync(bin, { recursive: true });
    // Stands where pg_dump is looked for, and tells what it was given.
    writeFileSync(
      join(bin, 'pg_dump'),
      `#!/bin/sh\n{ env; echo "$@"; } >> "${join(home, 'given')}"\nexit 1\n`,
    );
    chmodSync(join(bin, 'pg_dump'), 0o755);
    const secrets = {
      OKPAY_TOKEN: 'okt_canary-0815',
      OKPAY_PASSWORD: 'canary-0815',
      OKPAY_TOTP_SECRET: 'canary-0815',
    };
    try {
      const { code } = await okpay(`db backup ${join(home, 'postgres.backup')}`, {
        env: {
          ...secrets,
          OKPAY_DATABASE_URL: databaseUrl,
          PATH: `${bin}${delimiter}${process.env['PATH']}`,
        },
      });
      expect(code).not.toBe(0);
    } finally {
      await dropDatabase(databaseUrl);
    }
    expect(existsSync(join(home, 'given'))).toBe(true);
    const given = readFileSync(join(home, 'given'), 'utf8');
    expect(given).toContain('PATH=');
    expect(given).not.toContain('canary-0815');
    expect([...seen.environmentsOfChildren].join('\n')).not.toContain('canary-0815');
  }, 60_000);
});

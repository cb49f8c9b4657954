import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, expect, test } from 'vitest';

const BINARY = resolve(import.meta.dirname, '../../bin/okpay.js');
const PASSWORD = 'correct horse battery staple';

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'okpay-factor-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

/** Runs the real binary on a wallet of its own, as a program in CI would. */
async function okpay(line: string, environment: Record<string, string> = {}) {
  const env = { PATH: process.env['PATH'], OKPAY_HOME: home, CI: '1', ...environment };
  const child = await execa(process.execPath, [BINARY, ...line.split(' ')], {
    reject: false,
    env,
    extendEnv: false,
    stdin: 'ignore',
  });
  return { code: child.exitCode, out: child.stdout, err: child.stderr };
}

test('enable, log out, log in again in CI with OKPAY_TOTP_SECRET: the secret is in its file and nowhere else', async () => {
  const password = join(home, 'password');
  writeFileSync(password, PASSWORD, { mode: 0o600 });
  const secretFile = join(home, 'totp');
  const login = `login --email alice@example.com --password-file ${password}`;
  const said: string[] = [];
  const run = async (line: string, environment?: Record<string, string>) => {
    const ran = await okpay(line, environment);
    said.push(ran.out, ran.err);
    return ran.code;
  };

  expect(await run(`register --email alice@example.com --name Alice --password-file ${password}`)).toBe(0);
  const outbox = join(home, 'outbox');
  const mail = readdirSync(outbox).find((name) => name.includes('verify')) ?? '';
  const code = /\b[0-9A-Z]{4}-[0-9A-Z]{4}\b/.exec(readFileSync(join(outbox, mail), 'utf8'))?.[0] ?? '';
  expect(await run(`verify ${code}`)).toBe(0);
  expect(await run(login)).toBe(0);
  expect(await run(`2fa enable --password-file ${password} --secret-file ${secretFile}`)).toBe(0);
  expect(await run('logout')).toBe(0);

  expect(await run(login)).toBe(4);
  expect(await run(login, { OKPAY_TOTP_SECRET: secretFile })).toBe(0);
  expect(await run('2fa status --json')).toBe(0);
  expect(JSON.parse(said.at(-2) ?? '')).toMatchObject({ enabled: true, recoveryCodesLeft: 10 });

  const secret = readFileSync(secretFile, 'utf8').trim();
  expect(secret).toMatch(/^[A-Z2-7]{32}$/);
  for (const text of said) expect(text).not.toContain(secret);
  for (const name of readdirSync(home, { recursive: true, encoding: 'utf8' })) {
    const path = join(home, name);
    if (path === secretFile || !/\.(db|db-wal|json|eml|keys)$/.test(name)) continue;
    expect(readFileSync(path).includes(secret), name).toBe(false);
  }
});

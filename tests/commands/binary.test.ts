import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { runInNewContext } from 'node:vm';
import { execa, type Options } from 'execa';
import { describe, expect, test } from 'vitest';
import { newHome } from './run-command.ts';

const BINARY = resolve(import.meta.dirname, '../../bin/okpay.js');
const OLD_NODE = '/usr/bin/node';
const { version } = JSON.parse(readFileSync(resolve(import.meta.dirname, '../../package.json'), 'utf8')) as {
  version: string;
};

function okpay(words: readonly string[], options: Options = {}, home = newHome()) {
  const env = { OKPAY_HOME: home, CI: '', NO_COLOR: '', ...options.env };
  return execa(process.execPath, [BINARY, ...words], { reject: false, input: '', ...options, env });
}

/** Runs the launcher as an old Node would see it, as far as the check. */
function launchUnder(nodeVersion: string) {
  const written = { stdout: '', stderr: '' };
  const fake = {
    versions: { node: nodeVersion },
    execPath: '/usr/bin/node',
    argv: ['node', 'okpay'],
    env: {},
    stdout: { write: (text: string) => (written.stdout += text) },
    stderr: { write: (text: string) => (written.stderr += text) },
    exitCode: undefined as number | undefined,
    getBuiltinModule: () => {
      throw new Error('The check was passed.');
    },
  };
  const source = readFileSync(BINARY, 'utf8').replace(/^#!.*/, '');
  const reached: string[] = [];
  const modules = { main: () => reached.push('main'), join, existsSync: () => false };
  try {
    runInNewContext(source, { process: fake, require: () => modules, __dirname: '/x/bin', Number });
  } catch {
    reached.push('main');
  }
  return { ...written, exitCode: fake.exitCode, reached };
}

describe('the launcher', () => {
  test.each(['8.17.0', '18.0.0', '20.20.2', '22.20.0', '24.14.1'])('Node %s is too old', (nodeVersion) => {
    const outcome = launchUnder(nodeVersion);
    expect(outcome).toMatchObject({ stdout: '', exitCode: 1, reached: [] });
    expect(outcome.stderr.trimEnd().split('\n')).toHaveLength(2);
    expect(outcome.stderr).toContain(`this is Node.js ${nodeVersion}`);
  });

  test.each(['24.15.0', '24.21.0', '26.10.0', '100.0.0'])('Node %s is not', (nodeVersion) => {
    expect(launchUnder(nodeVersion)).toMatchObject({ stderr: '', reached: ['main'] });
  });

  test('is written so that Node 8 can read it', () => {
    const source = readFileSync(BINARY, 'utf8');
    for (const newer of [/^import /m, /\bimport\(/, /=>/, /\?\./, /\?\?/, /\bcatch \{/, /`/])
      expect(source).not.toMatch(newer);
  });

  const isOld = existsSync(OLD_NODE) && OLD_NODE !== process.execPath;
  test.runIf(isOld)('a real old Node gets two lines and 1', async () => {
    const found = await execa(OLD_NODE, ['--version']);
    const outcome = await execa(OLD_NODE, [BINARY, 'balance'], { reject: false });
    if (Number(found.stdout.slice(1).split('.')[0]) >= 24) return;
    expect(outcome).toMatchObject({ exitCode: 1, stdout: '' });
    expect(outcome.stderr.split('\n')).toHaveLength(2);
  });

  test.each(['--version', '-V', '-v'])('%s is answered without touching anything', async (flag) => {
    const home = join(newHome(), 'none');
    const outcome = await okpay([flag], {}, home);
    expect(outcome).toMatchObject({ exitCode: 0, stdout: version, stderr: '' });
    expect(existsSync(home)).toBe(false);
  });

  test('compiled code is kept in a folder of the user’s own', async () => {
    const home = newHome();
    await okpay(['--help'], {}, home);
    expect(statSync(join(home, 'cache', 'code')).mode & 0o777).toBe(0o700);
  });

  test('without a place for it, okpay runs all the same', async () => {
    const home = join(newHome(), 'file');
    writeFileSync(home, '');
    expect((await okpay(['--help'], {}, home)).exitCode).toBe(0);
  });
});

describe('the binary', () => {
  test('--help is on stdout', async () => {
    const outcome = await okpay(['--help']);
    expect(outcome).toMatchObject({ exitCode: 0, stderr: '' });
    expect(outcome.stdout).toContain('okpay help exit-codes');
  });

  test('help exit-codes prints every code', async () => {
    const { stdout } = await okpay(['help', 'exit-codes', '--json']);
    const { exitCodes } = JSON.parse(stdout as string) as { exitCodes: { code: number }[] };
    expect(exitCodes.map(({ code }) => code)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 130]);
  });

  test('help environment says what is set and shows no value', async () => {
    const { stdout } = await okpay(['help', 'environment'], { env: { OKPAY_PASSWORD: 'hunter2' } });
    expect(stdout).toMatch(/OKPAY_PASSWORD +set/);
    expect(stdout).not.toContain('hunter2');
  });

  test('a command that does not exist is 2, with a suggestion', async () => {
    const outcome = await okpay(['blance']);
    expect(outcome).toMatchObject({ exitCode: 2, stdout: '' });
    expect(outcome.stderr).toContain('Did you mean balance?');
  });

  test('without a terminal nothing is asked: the flag is named', async () => {
    const outcome = await okpay(['register']);
    expect(outcome).toMatchObject({ exitCode: 2, stdout: '' });
    expect(outcome.stderr).toContain('--email is needed');
  });

  test('a reader that has gone is no error', async () => {
    const home = newHome();
    const outcome = await execa({
      shell: true,
      reject: false,
      env: { OKPAY_HOME: home },
    })`${process.execPath} ${BINARY} --help | true`;
    expect(outcome.stderr).toBe('');
    const closed = await execa({
      shell: true,
      reject: false,
      env: { OKPAY_HOME: home },
    })`${process.execPath} ${BINARY} help exit-codes >&-`;
    expect(closed.stderr).toBe('');
  });

  test.runIf(existsSync('/dev/full'))('an answer that cannot be written is told, and is not 0', async () => {
    const outcome = await execa({
      shell: true,
      reject: false,
      env: { OKPAY_HOME: newHome() },
    })`${process.execPath} ${BINARY} help exit-codes > /dev/full`;
    expect(outcome.exitCode).toBe(1);
    expect(outcome.stderr).toContain('could not be written');
  });

  test('a service that does not answer is 11, and nothing happened', async () => {
    const url = 'http://127.0.0.1:9';
    const outcome = await okpay(['balance', '--json', '--url', url]);
    expect(outcome.exitCode).toBe(11);
    expect(JSON.parse(outcome.stdout as string)).toMatchObject({ error: { code: 'service_unreachable' } });
  });

  test('OKPAY_DEBUG=1 shows where an unexpected error came from', async () => {
    const env = { OKPAY_DATABASE_URL: 'nonsense:' };
    const outcome = await okpay(['balance'], { env: { ...env, OKPAY_DEBUG: '1' } });
    expect(outcome.exitCode).not.toBe(0);
    expect(outcome.stderr).toContain('    at ');
    expect((await okpay(['balance'], { env })).stderr).not.toContain('    at ');
  });
});

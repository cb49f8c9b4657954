import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { Refusal } from '../../src/core/contract/refusals.ts';
import { newHome, runCommand, type Settings } from './run-command.ts';

const USER = { id: 'usr_1', email: 'ann@example.com', displayName: 'Ann', createdAt: '2026-11-23T12:00:00Z' };
const REGISTERED = {
  registration: 'reg_1',
  email: 'ann@example.com',
  expiresAt: '2026-11-24T12:00:00Z',
};
const LOGGED_IN = { token: 'okp_secret', session: 'ses_1', expiresAt: '2026-12-23T12:00:00Z', user: USER };
const SESSION = {
  id: 'ses_1',
  device: 'laptop\u001b[2J',
  network: 'console',
  createdAt: '2026-11-23T12:00:00Z',
  lastUsedAt: '2026-11-23T12:00:00Z',
  expiresAt: '2026-12-23T12:00:00Z',
  current: true,
};
const ANSWERS: Settings['answers'] = {
  register: REGISTERED,
  'resend-verification': { ...REGISTERED, registration: 'reg_2' },
  'verify-email': USER,
  'log-in': LOGGED_IN,
  'log-out': {},
  'get-me': { user: USER, session: SESSION },
  'list-sessions': {
    sessions: [SESSION, { ...SESSION, id: 'ses_2', device: 'phone', current: false }],
    devices: [],
  },
  'revoke-session': {},
  'list-balances': { balances: [] },
};

let home: string;
beforeEach(() => {
  home = newHome();
});
const okpay = (line: string, settings: Settings = {}) =>
  runCommand(line.split(' '), { home, answers: ANSWERS, ...settings });
const logIn = () => okpay('login --email ann@example.com --password-stdin', { stdin: 'a long password\n' });

describe('register, verify, resend', () => {
  const line = 'register --email ann@example.com --name Ann --phone +4915112345678 --password-stdin';

  test('the registration is remembered, so that the code is all that is typed', async () => {
    const registered = await okpay(line, { stdin: 'pass word \n' });
    expect(registered).toMatchObject({ exitCode: 0, stderr: '' });
    expect(registered.calls).toEqual([
      {
        operation: 'register',
        input: {
          email: 'ann@example.com',
          displayName: 'Ann',
          phone: '+4915112345678',
          password: 'pass word ',
        },
      },
    ]);
    expect(registered.stdout).toContain(join(home, 'outbox'));
    expect(registered.stdout).toContain('okpay verify CODE');

    const resent = await okpay('resend --json');
    expect(resent.calls[0]?.input).toEqual({ registration: 'reg_1' });
    expect(JSON.parse(resent.stdout)).toMatchObject({ registration: 'reg_2', mail: join(home, 'outbox') });

    const verified = await okpay('verify 123456');
    expect(verified.calls[0]?.input).toEqual({ registration: 'reg_2', code: '123456' });
    expect(verified.stdout).toContain('Next: okpay login');
    expect((await okpay('verify 123456')).exitCode).toBe(2);
    expect((await okpay('verify 123456 --registration reg_9')).calls[0]?.input).toMatchObject({
      registration: 'reg_9',
    });
  });

  test('at a terminal everything that is missing is asked for, the password twice and unseen', async () => {
    const keys = ['ann@example.com\r', 'Ann\r', 'correct horse\r', 'correct horse\r'];
    const outcome = await okpay('register', { keys });
    expect(outcome.exitCode).toBe(0);
    expect(outcome.calls[0]?.input).toEqual({
      email: 'ann@example.com',
      displayName: 'Ann',
      password: 'correct horse',
    });
    expect(outcome.stderr).not.toContain('horse');
  });

  test('two different passwords are refused before anything is sent', async () => {
    const keys = ['ann@example.com\r', 'Ann\r', 'one\r', 'two\r'];
    expect(await okpay('register', { keys })).toMatchObject({ exitCode: 2, calls: [] });
  });

  test('with a server, or with a mail server, no outbox is promised', async () => {
    const overNetwork = await okpay(`${line} --url https://wallet.example.com`, { stdin: 'x' });
    expect(overNetwork.stdout).not.toContain('outbox');
    const bySmtp = await okpay(line, { stdin: 'x', environment: { OKPAY_SMTP_URL: 'smtp://127.0.0.1' } });
    expect(bySmtp.stdout).not.toContain('outbox');
  });
});

describe('passwords', () => {
  test('come from a file only its owner can read', async () => {
    const path = join(home, 'password');
    writeFileSync(path, 'from the file\n', { mode: 0o600 });
    const outcome = await okpay(`login --email a@b.c --password-file ${path}`);
    expect(outcome.calls[0]?.input).toMatchObject({ password: 'from the file' });
    chmodSync(path, 0o644);
    const refused = await okpay(`login --email a@b.c --password-file ${path}`);
    expect(refused).toMatchObject({ exitCode: 2, calls: [] });
    expect(refused.stderr).toContain(`Next: chmod 600 ${path}`);
    expect((await okpay('login --email a@b.c --password-file /nowhere')).stderr).toContain('ENOENT');
  });

  test('come from the environment', async () => {
    const outcome = await okpay('login --email a@b.c', { environment: { OKPAY_PASSWORD: 'from env' } });
    expect(outcome.calls[0]?.input).toMatchObject({ password: 'from env' });
  });

  test('come from one place only', async () => {
    expect((await okpay('login --email a@b.c --password-stdin --password-file x')).exitCode).toBe(2);
  });

  test('are never asked for where there is nobody', async () => {
    const outcome = await okpay('login --email a@b.c');
    expect(outcome).toMatchObject({ exitCode: 2, calls: [] });
    expect(outcome.stderr).toContain('--password-stdin');
  });

  test('are not taken as a flag by any command', async () => {
    for (const flag of ['--password=x', '--pass=x', '-p']) {
      expect((await okpay(`login --email a@b.c ${flag}`)).exitCode).toBe(2);
      expect((await okpay(`register --email a@b.c ${flag}`)).exitCode).toBe(2);
    }
  });
});

describe('login and logout', () => {
  test('the token is kept in a private file and shown nowhere', async () => {
    const outcome = await logIn();
    expect(outcome.exitCode).toBe(0);
    expect(outcome.calls).toEqual([
      {
        operation: 'log-in',
        input: { email: 'ann@example.com', password: 'a long password', device: hostname().slice(0, 100) },
      },
    ]);
    expect(outcome.stdout + outcome.stderr).not.toContain('okp_secret');
    const json = await okpay('login --json --password-stdin', { stdin: 'x' });
    expect(json.stdout).not.toContain('okp_secret');
    expect(json.calls[0]?.input).toMatchObject({ email: 'ann@example.com' });
    expect(statSync(join(home, 'sessions', 'default.json')).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(home, 'profiles.json'), 'utf8')).not.toContain('okp_secret');
    expect((await okpay('balance')).calls[0]).toMatchObject({ token: 'okp_secret' });
  });

  test('the token goes to the service it came from and to no other', async () => {
    await logIn();
    const elsewhere = await okpay('balance --url https://evil.example.com');
    expect(elsewhere.calls[0]).not.toHaveProperty('token');
  });

  test('a profile keeps its server', async () => {
    await okpay('login --profile work --url https://wallet.example.com/x --email a@b.c --password-stdin', {
      stdin: 'x',
    });
    const { stdout, calls } = await okpay('whoami --profile work --json');
    expect(JSON.parse(stdout)).toMatchObject({ profile: 'work', place: 'https://wallet.example.com' });
    expect(calls[0]).toMatchObject({ token: 'okp_secret' });
  });

  test('OKPAY_TOKEN goes before the file, and login says so', async () => {
    const environment = { OKPAY_TOKEN: 'okp_given' };
    const { stderr } = await okpay('login --email a@b.c --password-stdin', { stdin: 'x', environment });
    expect(stderr).toContain('OKPAY_TOKEN');
    expect((await okpay('balance', { environment })).calls[0]).toMatchObject({ token: 'okp_given' });
  });

  test('a session file others can read stops every command but login', async () => {
    await logIn();
    chmodSync(join(home, 'sessions', 'default.json'), 0o644);
    const refused = await okpay('balance');
    expect(refused).toMatchObject({ exitCode: 4, calls: [] });
    expect(refused.stderr).toContain('Next: okpay login');
    expect((await logIn()).exitCode).toBe(0);
    expect((await okpay('balance')).exitCode).toBe(0);
  });

  test('logout ends the session and forgets the token; a second one has nothing to do', async () => {
    await logIn();
    const first = await okpay('logout --json');
    expect(JSON.parse(first.stdout)).toEqual({ profile: 'default', ended: true });
    const second = await okpay('logout');
    expect(second).toMatchObject({ exitCode: 0, calls: [], stdout: 'Nobody was logged in.\n' });
  });

  test('logout at another service leaves the token of this one alone', async () => {
    await logIn();
    const elsewhere = await okpay('logout --url https://other.example.com');
    expect(elsewhere).toMatchObject({ exitCode: 0, calls: [] });
    expect((await okpay('balance')).calls[0]).toHaveProperty('token');
  });

  test('a session that has ended by itself is forgotten too', async () => {
    await logIn();
    const expired = () => {
      throw new Refusal('session_expired');
    };
    const outcome = await okpay('logout', { answers: { 'log-out': expired } });
    expect(outcome).toMatchObject({ exitCode: 0, stdout: 'Nobody was logged in.\n' });
    expect((await okpay('logout')).calls).toEqual([]);
  });

  test('when the service cannot be reached the token is kept, so that logout can be tried again', async () => {
    await logIn();
    const unreachable = () => {
      throw new Refusal('service_unreachable', { reason: 'No answer.' });
    };
    expect((await okpay('logout', { answers: { 'log-out': unreachable } })).exitCode).toBe(11);
    expect((await okpay('logout')).stdout).toContain('Logged out');
  });

  test('logout --local forgets without a call', async () => {
    await logIn();
    expect(await okpay('logout --local')).toMatchObject({ exitCode: 0, calls: [] });
    expect((await okpay('balance')).calls[0]).not.toHaveProperty('token');
  });
});

describe('whoami and sessions', () => {
  test('whoami --local makes no call and says where the token is', async () => {
    expect((await okpay('whoami --local')).exitCode).toBe(4);
    await logIn();
    const { calls, stdout } = await okpay('whoami --local --json');
    expect(calls).toEqual([]);
    expect(JSON.parse(stdout)).toEqual({
      profile: 'default',
      place: `sqlite:${join(home, 'okpay.db')}`,
      tokenFrom: join(home, 'sessions', 'default.json'),
      email: 'ann@example.com',
      expiresAt: LOGGED_IN.expiresAt,
    });
    const given = await okpay('whoami --local', { environment: { OKPAY_TOKEN: 'x' } });
    expect(given).toMatchObject({ exitCode: 0, calls: [] });
    expect(given.stdout).toContain('OKPAY_TOKEN');
  });

  test('whoami asks the service, and device names cannot drive the terminal', async () => {
    await logIn();
    const { stdout } = await okpay('whoami');
    expect(stdout).toContain('laptop‹U+001B›[2J');
    expect(stdout).toContain('Ann');
  });

  test('the list marks this session', async () => {
    const { stdout } = await okpay('session list');
    expect(stdout).toMatch(/ses_1 .*\(this one\)/);
    expect(stdout).toMatch(/ses_2 .*phone/);
    expect(JSON.parse((await okpay('session list --json')).stdout).sessions).toHaveLength(2);
  });

  test('revoking the session of this machine forgets its token; another one does not', async () => {
    await logIn();
    await okpay('session revoke ses_2');
    expect((await okpay('balance')).calls[0]).toHaveProperty('token');
    await okpay('session revoke ses_1');
    expect((await okpay('balance')).calls[0]).not.toHaveProperty('token');
  });
});

import { chmodSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { Refusal } from '../../src/core/contract/refusals.ts';
import type { OpenKeychain } from '../../src/core/keychain.ts';
import { newHome, runCommand, type Settings } from './run-command.ts';

const SECRET = `okt_${'s'.repeat(43)}`;
const ID = 'tok_01jm0000000000000000000000';
const USER = { id: 'usr_1', email: 'ann@example.com', displayName: 'Ann', createdAt: '2026-11-23T12:00:00Z' };
const TOKEN = {
  id: ID,
  name: 'ci\u001b[2J',
  scopes: ['read', 'pay'],
  caps: [
    { per: 'payment', most: { amount: '100.00', currency: 'EUR' } },
    {
      per: 'day',
      most: { amount: '500.00', currency: 'EUR' },
      used: { amount: '20.00', currency: 'EUR' },
      resetsAt: '2026-11-27T00:00:00Z',
    },
  ],
  payees: [{ id: 'usr_2', name: 'Bob', email: 'bob@example.com' }],
  networks: ['192.0.2.0/24'],
  createdAt: '2026-11-26T12:00:00Z',
  expiresAt: '2027-02-24T12:00:00Z',
  lastUsedAt: '2026-11-26T12:30:00Z',
  lastNetwork: '192.0.2.0/24',
};
const LOGGED_IN = { token: 'okp_secret', session: 'ses_1', expiresAt: '2026-12-23T12:00:00Z', user: USER };
const ANSWERS: Settings['answers'] = {
  'create-token': { secret: SECRET, token: { ...TOKEN, name: 'ci' } },
  'list-tokens': { tokens: [TOKEN, { ...TOKEN, name: 'old', expiresAt: '2026-01-01T00:00:00Z' }] },
  'revoke-token': { id: ID, name: 'ci' },
  'get-me': { user: USER, token: TOKEN },
  'log-in': LOGGED_IN,
  'log-out': {},
  'list-balances': { balances: [] },
};
const NOW = Date.parse('2026-11-26T13:00:00Z');

let home: string;
beforeEach(() => {
  home = newHome();
});
const okpay = (line: string, settings: Settings = {}) =>
  runCommand(line.split(' '), { home, answers: ANSWERS, now: () => NOW, ...settings });

describe('token create', () => {
  test('prints the token alone on stdout, and what it may on stderr', async () => {
    const line =
      'token create ci --scope read --scope pay --cap EUR:100 --daily eur:500 --monthly EUR:5000.50 --monthly JPY:9 --payee bob@example.com --payee Bobby --from 192.0.2.0/24 --expires 30d --plan plan-1';
    const { calls, exitCode, stdout, stderr } = await okpay(line);
    expect(exitCode).toBe(0);
    expect(calls[0]?.input).toEqual({
      name: 'ci',
      scopes: ['read', 'pay'],
      caps: [
        { per: 'payment', most: { amount: '100', currency: 'EUR' } },
        { per: 'day', most: { amount: '500', currency: 'EUR' } },
        { per: 'month', most: { amount: '5000.50', currency: 'EUR' } },
        { per: 'month', most: { amount: '9', currency: 'JPY' } },
      ],
      payees: ['bob@example.com', 'Bobby'],
      networks: ['192.0.2.0/24'],
      plan: 'plan-1',
      expiresAt: '2026-12-26T13:00:00.000Z',
    });
    expect(stdout).toBe(`${SECRET}\n`);
    expect(stderr).toContain('It is shown this once');
    expect(stderr).toContain('100.00 EUR at once, 20.00 of 500.00 EUR a day');
    expect(stderr).not.toContain(SECRET);
  });

  test('leaves the rest to the service when nothing else is said, and warns of a token without a cap', async () => {
    const { calls, stderr } = await okpay('token create ci --scope pay');
    expect(calls[0]?.input).toEqual({ name: 'ci', scopes: ['pay'] });
    expect(stderr).toContain('It has no cap');
    expect((await okpay('token create ci --scope read')).stderr).not.toContain('It has no cap');
    expect((await okpay('token create ci --scope pay --quiet')).stderr).toBe('');
  });

  test.each([
    ['12h', '2026-11-27T01:00:00.000Z'],
    ['2026-12-31T00:00:00Z', '2026-12-31T00:00:00.000Z'],
  ])('ends after %s', async (when, expiresAt) => {
    const { calls } = await okpay(`token create ci --scope read --expires ${when}`);
    expect(calls[0]?.input).toMatchObject({ expiresAt });
  });

  test.each([
    ['token create ci', '--scope'],
    ['token create ci --scope all', 'all'],
    ['token create --scope read', 'name'],
    ['token create ci --scope pay --cap 100', 'EUR:100'],
    ['token create ci --scope pay --cap EUR:-5', 'EUR:100'],
    ['token create ci --scope pay --cap EUR:1,50', 'EUR:100'],
    ['token create ci --scope read --expires soon', '--expires'],
  ])('%s is refused before anything is sent', async (line, named) => {
    const outcome = await okpay(line);
    expect(outcome).toMatchObject({ exitCode: 2, calls: [], stdout: '' });
    expect(outcome.stderr).toContain(named);
  });
});

describe('token list and revoke', () => {
  test('shows how far each goes, what is used, and what has expired; names cannot drive the terminal', async () => {
    const { stdout } = await okpay('token list');
    expect(stdout).toContain('ci‹U+001B›[2J');
    expect(stdout).toContain('20.00 of 500.00 EUR a day');
    expect(stdout).toContain('only to bob@example.com; only from 192.0.2.0/24');
    expect(stdout).toMatch(/Last used:.*from 192\.0\.2\.0\/24/);
    expect(stdout.match(/Until:/g)).toHaveLength(1);
    expect(stdout.match(/Expired:/g)).toHaveLength(1);
    expect((await okpay('token list', { answers: { 'list-tokens': { tokens: [] } } })).stdout).toContain(
      'No tokens',
    );
  });

  test('revokes by name', async () => {
    const { calls, stdout } = await okpay('token revoke ci');
    expect(calls[0]?.input).toEqual({ name: 'ci' });
    expect(stdout).toContain('no longer works');
  });
});

describe('login --with-token', () => {
  const logIn = (more = '', settings: Settings = {}) =>
    okpay(`login --with-token${more}`, { stdin: `${SECRET}\n`, ...settings });

  test('takes the token from stdin, asks whose it is, and keeps it like a session', async () => {
    const outcome = await logIn();
    expect(outcome.calls).toEqual([{ operation: 'get-me', input: {}, token: SECRET }]);
    expect(outcome.stdout + outcome.stderr).not.toContain(SECRET);
    expect((await okpay('balance')).calls[0]).toMatchObject({ token: SECRET });
    expect(readFileSync(join(home, 'sessions', 'default.json'), 'utf8')).toContain(ID);
    const elsewhere = await okpay('balance --url https://evil.example.com');
    expect(elsewhere.calls[0]).not.toHaveProperty('token');
  });

  test('OKPAY_TOKEN goes before it, and login says so', async () => {
    const environment = { OKPAY_TOKEN: `okt_${'e'.repeat(43)}` };
    const { stderr, calls } = await logIn('', { environment });
    expect(calls[0]).toMatchObject({ token: SECRET });
    expect(stderr).toContain('OKPAY_TOKEN is set and goes before this login');
    expect((await okpay('balance', { environment })).calls[0]).toMatchObject({
      token: environment.OKPAY_TOKEN,
    });
  });

  test('keeps nothing that the service does not take, and nothing that is no token', async () => {
    const invalid = () => {
      throw new Refusal('token_invalid');
    };
    expect((await logIn('', { answers: { 'get-me': invalid } })).exitCode).toBe(4);
    expect((await logIn('', { stdin: 'okp_session' })).exitCode).toBe(2);
    expect((await logIn('', { stdin: '' })).exitCode).toBe(2);
    expect((await logIn(' --email a@b.c')).exitCode).toBe(2);
    expect((await okpay('balance')).calls[0]).not.toHaveProperty('token');
  });

  test('whoami says where the secret lives, and what the token may', async () => {
    await logIn();
    const { stdout } = await okpay('whoami');
    for (const text of [
      `in the file ${join(home, 'sessions', 'default.json')}`,
      'read, pay',
      '2027-02-24',
      ID,
    ])
      expect(stdout).toContain(text);
    expect(stdout).not.toContain(SECRET);
    const given = await okpay('whoami', { environment: { OKPAY_TOKEN: SECRET } });
    expect(given.stdout).toContain('in the environment (OKPAY_TOKEN)');
    const json = JSON.parse((await okpay('whoami --json')).stdout) as { token: object; session?: object };
    expect(json).toMatchObject({ token: { id: ID, scopes: ['read', 'pay'], expiresAt: TOKEN.expiresAt } });
    expect((await okpay('whoami --local')).stdout).toMatch(/Token until: +2027-02-24/);
  });

  test('logout forgets it without a call: a token is ended by its owner', async () => {
    await logIn();
    const { calls, stdout } = await okpay('logout');
    expect(calls).toEqual([]);
    expect(stdout).toContain('until it expires, or is revoked');
    expect((await okpay('balance')).calls[0]).not.toHaveProperty('token');
    const environment = { OKPAY_TOKEN: SECRET };
    expect(await okpay('logout', { environment })).toMatchObject({ exitCode: 0, calls: [] });
  });
});

describe('login --keychain', () => {
  const kept = new Map<string, string>();
  let isThere = true;
  const keychain: OpenKeychain = async (account) => {
    if (!isThere) throw new Refusal('keychain_unavailable', { keychain: 'Test Keychain', reason: 'Gone.' });
    return {
      name: 'Test Keychain',
      get: async () => kept.get(account),
      set: async (secret) => {
        if (secret === 'okp_refused')
          throw new Refusal('keychain_unavailable', { keychain: 'Test Keychain', reason: 'Locked.' });
        kept.set(account, secret);
      },
      remove: async () => void kept.delete(account),
    };
  };
  const line = 'login --email ann@example.com --password-stdin';
  const run = (words: string, settings: Settings = {}) => okpay(words, { keychain, stdin: 'x', ...settings });
  beforeEach(() => {
    kept.clear();
    isThere = true;
  });

  test('keeps the secret there, and the profile remembers', async () => {
    await run(`${line} --keychain`);
    expect([...kept.values()]).toEqual(['okp_secret']);
    expect(readFileSync(join(home, 'sessions', 'default.json'), 'utf8')).not.toContain('okp_secret');
    expect((await run('balance')).calls[0]).toMatchObject({ token: 'okp_secret' });
    expect((await run('whoami --local')).stdout).toContain('in the keychain (Test Keychain)');
    expect(JSON.parse((await run('whoami --local --json')).stdout)).toMatchObject({
      tokenFrom: 'Test Keychain',
    });
    kept.clear();
    await run(line);
    expect([...kept.values()]).toEqual(['okp_secret']);
    await run('logout');
    expect(kept.size).toBe(0);
    await okpay('login --with-token', { keychain, stdin: SECRET });
    expect([...kept.values()]).toEqual([SECRET]);
  });

  test('is refused when it is not there, before anything else, with the command that does without', async () => {
    isThere = false;
    const refused = await run(`${line} --keychain`);
    expect(refused).toMatchObject({ exitCode: 11, calls: [] });
    expect(refused.stderr).toContain('Next: okpay login --no-keychain');
    expect((await run('balance')).calls[0]).not.toHaveProperty('token');
    expect((await run(`${line} --no-keychain`)).exitCode).toBe(0);
    expect((await run('balance')).calls[0]).toMatchObject({ token: 'okp_secret' });
    // Not asked for any more.
    expect((await run(line)).exitCode).toBe(0);
  });

  test('never falls back: a token that is in a keychain which has gone is not looked for elsewhere', async () => {
    await run(`${line} --keychain`);
    isThere = false;
    for (const words of ['balance', 'whoami', 'logout', line])
      expect(await run(words), words).toMatchObject({ exitCode: 11, calls: [] });
  });

  test('a session that cannot be kept is ended again', async () => {
    const answers = { ...ANSWERS, 'log-in': { ...LOGGED_IN, token: 'okp_refused' } };
    const { exitCode, calls } = await run(`${line} --keychain`, { answers });
    expect(exitCode).toBe(11);
    expect(calls.map(({ operation, token }) => [operation, token])).toEqual([
      ['log-in', undefined],
      ['log-out', 'okp_refused'],
    ]);
  });

  test('the session file is as private as ever', async () => {
    await run(`${line} --keychain`);
    chmodSync(join(home, 'sessions', 'default.json'), 0o644);
    expect((await run('balance')).exitCode).toBe(4);
  });
});

import { chmodSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { Refusal } from '../../src/core/contract/refusals.ts';
import { newHome, runCommand, type Settings } from './run-command.ts';

const AT = '2026-11-23T12:00:00Z';
const USER = { id: 'usr_1', email: 'ann@example.com', displayName: 'Ann', createdAt: AT };
const LOGGED_IN = { token: 'okp_secret', session: 'ses_1', expiresAt: '2026-12-23T12:00:00Z', user: USER };
const HEAD = `12:${'x'.repeat(43)}`;
const ANSWERS: Settings['answers'] = {
  'log-in': { ...LOGGED_IN, deviceToken: 'okd_one' },
  'list-sessions': {
    sessions: [
      {
        id: 'ses_1',
        device: 'laptop',
        deviceId: 'dev_1',
        network: '203.0.113.0/24',
        createdAt: AT,
        lastUsedAt: AT,
        expiresAt: AT,
        current: true,
      },
    ],
    devices: [
      {
        id: 'dev_1',
        name: 'laptop\u001b[2J',
        network: 'console',
        createdAt: AT,
        lastUsedAt: AT,
        current: true,
      },
    ],
  },
  'revoke-session': {},
  'revoke-other-sessions': { ended: ['ses_2', 'ses_3'] },
  'forget-device': { ended: ['ses_1'] },
  'request-unlock': { unlock: 'mco_1', email: 'ann@example.com', expiresAt: AT },
  'confirm-unlock': {},
  'verify-audit': { sound: true, records: 12, head: HEAD },
  'list-activity': {
    activity: [
      {
        id: 'rec_2',
        at: AT,
        action: 'x',
        kind: 'staff',
        text: 'Support looked at your account',
        by: 'staff',
        facts: {},
      },
      {
        id: 'rec_1',
        at: AT,
        action: 'session-ended',
        kind: 'login',
        text: 'A session was ended',
        by: 'you',
        device: 'lap\r\ntop\u001b[31m',
        network: '203.0.113.0/24',
        facts: { on: 'pho\u001bne' },
      },
    ],
    nextCursor: 'rec_1',
  },
  'list-balances': { balances: [] },
};

let home: string;
beforeEach(() => {
  home = newHome();
});
const okpay = (line: string, settings: Settings = {}) =>
  runCommand(line.split(' '), { home, answers: ANSWERS, ...settings });
const logIn = (more = '', settings: Settings = {}) =>
  okpay(`login --email ann@example.com --password-stdin${more}`, { stdin: 'a long password\n', ...settings });

describe('the device', () => {
  const path = () => join(home, 'sessions', 'default.device.json');
  const sent = (outcome: Awaited<ReturnType<typeof okpay>>) =>
    (outcome.calls[0]?.input as { deviceToken?: string }).deviceToken;

  test('its token is kept in a private file, sent with later logins, and shown nowhere', async () => {
    const first = await logIn(' --json');
    expect(sent(first)).toBeUndefined();
    expect(first.stdout + first.stderr).not.toContain('okd_one');
    expect(statSync(path()).mode & 0o777).toBe(0o600);
    expect(readFileSync(path(), 'utf8')).toContain('okd_one');
    expect(sent(await okpay('login --email ANN@example.com --password-stdin', { stdin: 'x' }))).toBe(
      'okd_one',
    );
  });

  test('it survives a logout, and a session that is revoked', async () => {
    await logIn();
    await okpay('logout');
    await okpay('session revoke ses_1');
    expect(sent(await logIn())).toBe('okd_one');
  });

  test('it goes to no other account and to no other service', async () => {
    await logIn();
    const other = await okpay('login --email bob@example.com --password-stdin', { stdin: 'x' });
    expect(sent(other)).toBeUndefined();
    expect(sent(await logIn(' --url https://other.example.com'))).toBeUndefined();
    expect(sent(await logIn(' --profile work'))).toBeUndefined();
    expect(sent(await logIn())).toBe('okd_one');
  });

  test('a file that others can read or that is broken is not used, and made anew', async () => {
    await logIn();
    chmodSync(path(), 0o644);
    const next = { ...ANSWERS, 'log-in': { ...LOGGED_IN, deviceToken: 'okd_two' } };
    expect(sent(await logIn('', { answers: next }))).toBeUndefined();
    expect(statSync(path()).mode & 0o777).toBe(0o600);
    expect(sent(await logIn())).toBe('okd_two');
  });
});

describe('session', () => {
  test('list shows where a session began, and the devices that are known', async () => {
    const { stdout } = await okpay('session list');
    expect(stdout).toMatch(/ses_1 .*laptop \(this one\).*203\.0\.113\.0\/24/);
    expect(stdout).toMatch(/dev_1 .*laptop‹U\+001B›\[2J \(this one\).*console/);
  });

  test('revoke ends one, all others, or all on a device', async () => {
    await logIn();
    const others = await okpay('session revoke --all-others');
    expect(others.calls.map(({ operation }) => operation)).toEqual(['revoke-other-sessions']);
    expect(others.stdout).toContain('2 sessions have ended');
    expect((await okpay('balance')).calls[0]).toHaveProperty('token');
    const device = await okpay('session revoke --device dev_1 --json');
    expect(device.calls[0]).toMatchObject({ operation: 'forget-device', input: { device: 'dev_1' } });
    expect(JSON.parse(device.stdout)).toEqual({ ended: ['ses_1'], device: 'dev_1' });
    // The session of this machine was one of them.
    expect((await okpay('balance')).calls[0]).not.toHaveProperty('token');
  });

  test.each([
    'session revoke',
    'session revoke ses_1 --all-others',
    'session revoke ses_1 --device dev_1',
    'session revoke --all-others --device dev_1',
  ])('%s is not understood', async (line) => {
    expect(await okpay(line)).toMatchObject({ exitCode: 2, calls: [] });
  });
});

describe('unlock', () => {
  test('asks for a mail, and remembers what the code is for', async () => {
    await logIn();
    const asked = await okpay('unlock');
    expect(asked.calls[0]).toMatchObject({
      operation: 'request-unlock',
      input: { email: 'ann@example.com' },
    });
    expect(asked.calls[0]).not.toHaveProperty('token');
    expect(asked.stdout).toContain('If ann@example.com has an account');
    expect(asked.stdout).toContain('Next: okpay unlock CODE');
    const done = await okpay('unlock ABCD-1234');
    expect(done.calls[0]?.input).toEqual({ unlock: 'mco_1', code: 'ABCD-1234' });
    expect(done.stdout).toContain('Next: okpay login');
    expect(await okpay('unlock ABCD-1234')).toMatchObject({ exitCode: 2, calls: [] });
    const named = await okpay('unlock ABCD-1234 --request mco_9');
    expect(named.calls[0]?.input).toMatchObject({ unlock: 'mco_9' });
  });

  test('is what a login that has to wait points to, and waits are said in words', async () => {
    const refuse = (retryAfter: string) => () => {
      throw new Refusal('too_many_attempts', { retryAfter, next: 'okpay unlock' });
    };
    for (const [seconds, words] of [
      ['1', 'Wait 1 seconds.'],
      ['90', 'Wait 90 seconds.'],
      ['900', 'Wait 15 minutes.'],
      ['7200', 'Wait 2 hours.'],
      ['2592000', 'Wait 30 days.'],
    ] as const) {
      const outcome = await logIn('', { answers: { 'log-in': refuse(seconds) } });
      expect(outcome.exitCode).toBe(3);
      expect(outcome.stderr).toContain(words);
      expect(outcome.stderr).toContain('Next: okpay unlock');
    }
  });
});

describe('activity', () => {
  test('shows who did what from where, and cannot drive the terminal (ASVS V16.4.1)', async () => {
    const { stdout, stderr, calls } = await okpay('activity --kind login --limit 2', { columns: 200 });
    expect(calls[0]?.input).toEqual({ kind: 'login', limit: 2 });
    expect(stdout).toContain('Support looked at your account');
    expect(stdout).toContain('A session was ended (on: pho‹U+001B›ne)');
    expect(stdout).toContain('lap⏎top‹U+001B›[31m');
    expect(stdout.replaceAll(/\u001b\[\d+m/g, '')).not.toContain('\u001b');
    expect(stderr).toContain('okpay activity --limit 2 --kind login --cursor rec_1');
    expect((await okpay('activity --kind other')).exitCode).toBe(2);
    expect((await okpay('activity --limit 0')).exitCode).toBe(2);
  });
});

describe('admin audit verify', () => {
  test('shows the head to keep, and takes it back', async () => {
    const found = await okpay('admin audit verify');
    expect(found).toMatchObject({ exitCode: 0 });
    expect(found.stdout).toContain(HEAD);
    const again = await okpay(`admin audit verify --expect ${HEAD} --json`);
    expect(again.calls[0]?.input).toEqual({ expect: HEAD });
    expect(JSON.parse(again.stdout)).toEqual(ANSWERS['verify-audit']);
    expect(await okpay('admin audit verify --expect 12')).toMatchObject({ exitCode: 2, calls: [] });
  });

  test('exits 1 and names the first broken row', async () => {
    const broken = { seq: '4', id: 'rec_4', why: 'is not what was sealed' };
    const answers = { 'verify-audit': { sound: false, records: 3, head: HEAD, broken } };
    const outcome = await okpay('admin audit verify', { answers });
    expect(outcome).toMatchObject({ exitCode: 1, stdout: '' });
    expect(outcome.stderr).toContain('record 4 (rec_4) is not what was sealed');
  });
});

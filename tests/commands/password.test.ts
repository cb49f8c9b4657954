import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { newHome, runCommand, type Settings } from './run-command.ts';

const USER = { id: 'usr_1', email: 'ann@example.com', displayName: 'Ann', createdAt: '2026-11-23T12:00:00Z' };
const ANSWERS: Settings['answers'] = {
  'log-in': { token: 'okp_secret', session: 'ses_1', expiresAt: '2026-12-23T12:00:00Z', user: USER },
  'change-password': { endedSessions: [{ id: 'ses_2', device: 'phone\u001b[2J' }] },
  'forgot-password': { reset: 'mco_1', email: 'ann@example.com', expiresAt: '2026-11-24T12:00:00Z' },
  'reset-password': {
    email: 'ann@example.com',
    endedSessions: [{ id: 'ses_1', device: 'laptop' }],
    endedTokens: [{ id: 'tok_1', name: 'payouts' }],
    secondFactor: true,
  },
  'change-email': { change: 'mco_2', email: 'ann@example.org', expiresAt: '2026-11-24T12:00:00Z' },
  'confirm-email': { user: { ...USER, email: 'ann@example.org' }, endedSessions: [] },
};

let home: string;
beforeEach(() => {
  home = newHome();
});
const okpay = (line: string, settings: Settings = {}) =>
  runCommand(line.split(' '), { home, answers: ANSWERS, ...settings });
const logIn = () => okpay('login --email ann@example.com --password-stdin', { stdin: 'a long password\n' });
const privateFile = (name: string, text: string) => {
  writeFileSync(join(home, name), text, { mode: 0o600 });
  return join(home, name);
};

describe('password change', () => {
  test('asks for the password of now, and twice for the new one, unseen', async () => {
    await logIn();
    const keys = ['the old one\r', 'the new one\r', 'the new one\r'];
    const outcome = await okpay('password change', { keys });
    expect(outcome.exitCode).toBe(0);
    expect(outcome.calls).toMatchObject([
      { operation: 'change-password', input: { current: 'the old one', password: 'the new one' } },
    ]);
    expect(outcome.stderr).not.toMatch(/old one|new one/);
    expect(outcome.stdout).toContain('ses_2');
    expect(outcome.stdout).not.toContain('\u001b[2J');
  });

  test('takes both from files and the environment, and never one for the other', async () => {
    await logIn();
    const [old, fresh] = [privateFile('old', 'the old one\n'), privateFile('new', ' the new one\n')];
    const input = { current: 'the old one', password: ' the new one' };
    const files = await okpay(`password change --current-password-file ${old} --password-file ${fresh}`);
    expect(files.calls[0]?.input).toEqual(input);
    const environment = { OKPAY_PASSWORD: 'the old one', OKPAY_NEW_PASSWORD: ' the new one' };
    expect((await okpay('password change', { environment })).calls[0]?.input).toEqual(input);
    const stdin = ' the new one\n';
    const piped = { stdin, environment: { OKPAY_PASSWORD: 'the old one' } };
    expect((await okpay('password change --password-stdin', piped)).calls[0]?.input).toEqual(input);
    // With the old one alone, the new one is missing.
    const alone = await okpay('password change', { environment: { OKPAY_PASSWORD: 'the old one' } });
    expect(alone).toMatchObject({ exitCode: 2, calls: [] });
    expect(alone.stderr).toContain('--password-stdin or --password-file is needed');
    chmodSync(old, 0o644);
    const open = await okpay(`password change --current-password-file ${old} --password-file ${fresh}`);
    expect(open).toMatchObject({ exitCode: 2, calls: [] });
  });

  test('with nobody to ask names what is missing', async () => {
    const outcome = await okpay('password change');
    expect(outcome).toMatchObject({ exitCode: 2, calls: [] });
    expect(outcome.stderr).toContain('--current-password-file');
  });
});

describe('password forgot and reset', () => {
  test('the request is remembered, so that the code and the new password are all that is typed', async () => {
    await logIn();
    const asked = await okpay('password forgot');
    expect(asked.calls).toEqual([{ operation: 'forgot-password', input: { email: 'ann@example.com' } }]);
    expect(asked.stdout).toContain(join(home, 'outbox'));
    expect(asked.stdout).toMatch(/If ann@example.com has an account/);
    expect(asked.stdout).toContain('Next: okpay password reset CODE');

    const done = await okpay('password reset XXXX-XXXX --password-stdin', { stdin: 'the new one\n' });
    expect(done.calls).toEqual([
      {
        operation: 'reset-password',
        input: { reset: 'mco_1', code: 'XXXX-XXXX', password: 'the new one' },
      },
    ]);
    expect(done.stdout).toMatch(/ses_1 .*laptop/);
    expect(done.stdout).toMatch(/tok_1 .*payouts/);
    expect(done.stdout).toContain('second factor is asked for as before');
    // The session of this machine was among them.
    expect(existsSync(join(home, 'sessions', 'default.json'))).toBe(false);
    const again = await okpay('password reset XXXX-XXXX --password-stdin', { stdin: 'x' });
    expect(again).toMatchObject({ exitCode: 2, calls: [] });
    expect(again.stderr).toContain('Next: okpay password forgot');
    const named = await okpay('password reset XXXX-XXXX --request mco_9 --password-stdin', { stdin: 'x' });
    expect(named.calls[0]?.input).toMatchObject({ reset: 'mco_9' });
  });

  test('at a terminal the code is asked for too, and two different passwords are refused', async () => {
    await okpay('password forgot --email ann@example.com');
    const keys = ['XXXX-XXXX\r', 'the new one\r', 'the new one\r'];
    expect((await okpay('password reset', { keys })).calls[0]?.input).toMatchObject({
      password: 'the new one',
    });
    await okpay('password forgot --email ann@example.com');
    const slip = ['XXXX-XXXX\r', 'the new one\r', 'another\r'];
    expect(await okpay('password reset', { keys: slip })).toMatchObject({ exitCode: 2, calls: [] });
  });

  test('nothing secret is kept on the machine', async () => {
    await okpay('password forgot --email ann@example.com');
    const kept = readFileSync(join(home, 'profiles.json'), 'utf8');
    expect(kept).toContain('mco_1');
    expect(kept).not.toContain('XXXX');
  });
});

describe('email change and confirm', () => {
  test('the request is remembered, and the new address once it is confirmed', async () => {
    await logIn();
    const asked = await okpay('email change ann@example.org');
    expect(asked.calls).toMatchObject([{ operation: 'change-email', input: { email: 'ann@example.org' } }]);
    expect(asked.stdout).toContain('Next: okpay email confirm CODE');
    const done = await okpay('email confirm YYYY-YYYY --json');
    expect(done.calls[0]?.input).toEqual({ change: 'mco_2', code: 'YYYY-YYYY' });
    expect(JSON.parse(done.stdout)).toMatchObject({ user: { email: 'ann@example.org' } });
    const local = await okpay('whoami --local --json');
    expect(JSON.parse(local.stdout)).toMatchObject({ email: 'ann@example.org' });
    expect((await okpay('email confirm YYYY-YYYY')).stderr).toContain('Next: okpay email change');
  });
});

import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { Refusal } from '../../src/core/contract/refusals.ts';
import { openSession, type SavedSession } from '../../src/core/session.ts';

const SESSION: SavedSession = {
  token: 'okp_secret',
  session: 'ses_1',
  email: 'ann@example.com',
  expiresAt: '2027-01-01T00:00:00Z',
  place: 'https://wallet.example.com',
};

let config: string;
let path: string;
beforeEach(() => {
  config = mkdtempSync(join(tmpdir(), 'okpay-session-'));
  path = join(config, 'sessions', 'default.json');
});

function refusalOf(read: () => unknown): Refusal {
  try {
    read();
  } catch (error) {
    if (error instanceof Refusal) return error;
    throw error;
  }
  throw new Error('Nothing was refused.');
}

function place(text: string, mode = 0o600): void {
  mkdirSync(join(config, 'sessions'), { recursive: true });
  writeFileSync(path, text, { mode });
  chmodSync(path, mode);
}

describe('the session file', () => {
  test('is 0600 in a 0700 folder, and leaves no draft behind', () => {
    mkdirSync(join(config, 'sessions'), { mode: 0o755 });
    const session = openSession(config, 'default', {});
    session.save(SESSION);
    session.save({ ...SESSION, token: 'okp_second' });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(config, 'sessions')).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(config, 'sessions'))).toEqual(['default.json']);
    expect(session.token(SESSION.place)).toBe('okp_second');
  });

  test('is forgotten, twice without complaint', () => {
    const session = openSession(config, 'default', {});
    session.save(SESSION);
    session.forget();
    session.forget();
    expect(existsSync(path)).toBe(false);
    expect(session.token(SESSION.place)).toBeUndefined();
  });

  test('gives its token to no other service', () => {
    const session = openSession(config, 'default', {});
    session.save(SESSION);
    expect(session.token('https://evil.example.com')).toBeUndefined();
    expect(session.token('http://wallet.example.com')).toBeUndefined();
  });

  test('is another one for each profile', () => {
    openSession(config, 'work', {}).save(SESSION);
    expect(openSession(config, 'default', {}).token(SESSION.place)).toBeUndefined();
  });

  test('a token from the environment goes before the file, and the file is not even looked at', () => {
    place('nonsense');
    const session = openSession(config, 'default', { OKPAY_TOKEN: 'okp_given' });
    expect(session.token('anywhere')).toBe('okp_given');
    expect(session.origin).toBe('OKPAY_TOKEN');
    expect(openSession(config, 'default', { OKPAY_TOKEN: '' }).fromEnvironment).toBe(false);
  });

  test.each([0o640, 0o604, 0o660, 0o622, 0o644])('mode %o is refused', (mode) => {
    place(JSON.stringify(SESSION), mode);
    const refusal = refusalOf(() => openSession(config, 'default', {}).token(SESSION.place));
    expect(refusal).toMatchObject({ code: 'session_unsafe', exitCode: 4 });
    expect(refusal.message).toContain(path);
  });

  test('a symbolic link is refused, and replaced, not followed, when a session is saved', () => {
    const target = join(config, 'target.json');
    writeFileSync(target, JSON.stringify(SESSION), { mode: 0o600 });
    mkdirSync(join(config, 'sessions'));
    symlinkSync(target, path);
    const session = openSession(config, 'default', {});
    expect(refusalOf(() => session.token(SESSION.place)).message).toContain('symbolic link');
    session.save({ ...SESSION, token: 'okp_new' });
    expect(session.token(SESSION.place)).toBe('okp_new');
    expect(statSync(target).size).toBe(JSON.stringify(SESSION).length);
  });

  test.runIf(process.getuid?.() === 0)('a file of another user is refused', async () => {
    const { chownSync } = await import('node:fs');
    place(JSON.stringify(SESSION));
    chownSync(path, 12_345, 12_345);
    expect(refusalOf(() => openSession(config, 'default', {}).saved()).message).toContain('another user');
  });

  test.each(['nonsense', '', '[]', 'null', '{"token": 1, "place": "x"}', '{"token": "x"}'])(
    'what is not a session is refused: %s',
    (text) => {
      place(text);
      expect(refusalOf(() => openSession(config, 'default', {}).saved())).toMatchObject({
        code: 'session_unsafe',
      });
    },
  );

  test('a folder in its place is refused', () => {
    mkdirSync(path, { recursive: true });
    expect(refusalOf(() => openSession(config, 'default', {}).saved()).message).toContain('not a plain file');
  });
});

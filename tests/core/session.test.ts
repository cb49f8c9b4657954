import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { Refusal } from '../../src/core/contract/refusals.ts';
import type { OpenKeychain } from '../../src/core/keychain.ts';
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

async function refusalOf(read: () => unknown): Promise<Refusal> {
  try {
    await read();
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
  test('is 0600 in a 0700 folder, and leaves no draft behind', async () => {
    mkdirSync(join(config, 'sessions'), { mode: 0o755 });
    const session = openSession(config, 'default', {});
    await session.save(SESSION);
    await session.save({ ...SESSION, token: 'okp_second' });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(config, 'sessions')).mode & 0o777).toBe(0o700);
    expect(readdirSync(join(config, 'sessions'))).toEqual(['default.json']);
    expect(await session.token(SESSION.place)).toBe('okp_second');
  });

  test('is forgotten, twice without complaint', async () => {
    const session = openSession(config, 'default', {});
    await session.save(SESSION);
    await session.forget();
    await session.forget();
    expect(existsSync(path)).toBe(false);
    expect(await session.token(SESSION.place)).toBeUndefined();
  });

  test('gives its token to no other service', async () => {
    const session = openSession(config, 'default', {});
    await session.save(SESSION);
    expect(await session.token('https://evil.example.com')).toBeUndefined();
    expect(await session.token('http://wallet.example.com')).toBeUndefined();
  });

  test('is another one for each profile', async () => {
    await openSession(config, 'work', {}).save(SESSION);
    expect(await openSession(config, 'default', {}).token(SESSION.place)).toBeUndefined();
  });

  test('a token from the environment goes before the file, and the file is not even looked at', async () => {
    place('nonsense');
    const session = openSession(config, 'default', { OKPAY_TOKEN: 'okp_given' });
    expect(await session.token('anywhere')).toBe('okp_given');
    expect(session.origin).toBe('OKPAY_TOKEN');
    expect(openSession(config, 'default', { OKPAY_TOKEN: '' }).fromEnvironment).toBe(false);
  });

  test.each([0o640, 0o604, 0o660, 0o622, 0o644])('mode %o is refused', async (mode) => {
    place(JSON.stringify(SESSION), mode);
    const refusal = await refusalOf(() => openSession(config, 'default', {}).token(SESSION.place));
    expect(refusal).toMatchObject({ code: 'session_unsafe', exitCode: 4 });
    expect(refusal.message).toContain(path);
  });

  test('a symbolic link is refused, and replaced, not followed, when a session is saved', async () => {
    const target = join(config, 'target.json');
    writeFileSync(target, JSON.stringify(SESSION), { mode: 0o600 });
    mkdirSync(join(config, 'sessions'));
    symlinkSync(target, path);
    const session = openSession(config, 'default', {});
    expect((await refusalOf(() => session.token(SESSION.place))).message).toContain('symbolic link');
    await session.save({ ...SESSION, token: 'okp_new' });
    expect(await session.token(SESSION.place)).toBe('okp_new');
    expect(statSync(target).size).toBe(JSON.stringify(SESSION).length);
  });

  test.runIf(process.getuid?.() === 0)('a file of another user is refused', async () => {
    const { chownSync } = await import('node:fs');
    place(JSON.stringify(SESSION));
    chownSync(path, 12_345, 12_345);
    expect((await refusalOf(() => openSession(config, 'default', {}).saved())).message).toContain(
      'another user',
    );
  });

  test.each(['nonsense', '', '[]', 'null', '{"token": 1, "place": "x"}', '{"token": "x"}'])(
    'what is not a session is refused: %s',
    async (text) => {
      place(text);
      expect(await refusalOf(() => openSession(config, 'default', {}).saved())).toMatchObject({
        code: 'session_unsafe',
      });
    },
  );

  test('a folder in its place is refused', async () => {
    mkdirSync(path, { recursive: true });
    expect((await refusalOf(() => openSession(config, 'default', {}).saved())).message).toContain(
      'not a plain file',
    );
  });

  test.each([0o770, 0o702, 0o777])('a folder others can write into, mode %o, is refused', async (mode) => {
    place(JSON.stringify(SESSION));
    chmodSync(join(config, 'sessions'), mode);
    const refusal = await refusalOf(() => openSession(config, 'default', {}).token(SESSION.place));
    expect(refusal.message).toContain('write into the folder');
    await openSession(config, 'default', {}).save(SESSION);
    expect(await openSession(config, 'default', {}).token(SESSION.place)).toBe(SESSION.token);
  });

  test('what a killed process left is removed by the next login, once it is old, and by a logout at once', async () => {
    const session = openSession(config, 'default', {});
    await session.save(SESSION);
    const left = ['old', 'new'].map((name) => `${path}.4711-${name}`);
    for (const draft of left) writeFileSync(draft, JSON.stringify(SESSION), { mode: 0o600 });
    writeFileSync(join(config, 'sessions', 'default-2.json'), JSON.stringify(SESSION), { mode: 0o600 });
    const longAgo = new Date(Date.now() - 61_000);
    utimesSync(left[0] ?? '', longAgo, longAgo);
    await session.save(SESSION);
    const there = () => readdirSync(join(config, 'sessions')).sort();
    expect(there()).toEqual(['default-2.json', 'default.json', 'default.json.4711-new']);
    await session.forget();
    expect(there()).toEqual(['default-2.json']);
  });
});

/** A keychain in memory, and what is in it. */
function keychainInMemory() {
  const kept = new Map<string, string>();
  let isThere = true;
  const open: OpenKeychain = async (account) => {
    if (!isThere) throw new Refusal('keychain_unavailable', { keychain: 'Test Keychain', reason: 'Gone.' });
    return {
      name: 'Test Keychain',
      get: async () => kept.get(account),
      set: async (secret) => void kept.set(account, secret),
      remove: async () => void kept.delete(account),
    };
  };
  return { kept, open, takeAway: () => (isThere = false) };
}

describe('a session in a keychain', () => {
  test('has its token there and not in the file, which says so', async () => {
    const { kept, open } = keychainInMemory();
    const session = openSession(config, 'default', {}, open);
    await session.save(SESSION, await session.keychain());
    expect(readFileSync(path, 'utf8')).not.toContain(SESSION.token);
    expect([...kept]).toEqual([[path, SESSION.token]]);
    expect(session.origin).toBe('Test Keychain');
    expect(await session.token(SESSION.place)).toBe(SESSION.token);
    expect(await session.token('https://evil.example.com')).toBeUndefined();
    await session.forget();
    expect([kept.size, existsSync(path)]).toEqual([0, false]);
  });

  test('is refused, not looked for elsewhere, when the keychain is not there', async () => {
    const { open, takeAway } = keychainInMemory();
    const session = openSession(config, 'default', {}, open);
    await session.save(SESSION, await session.keychain());
    takeAway();
    for (const ask of [() => session.token(SESSION.place), () => session.keychain(), () => session.forget()])
      expect(await refusalOf(ask)).toMatchObject({ code: 'keychain_unavailable', exitCode: 11 });
  });

  test('moves to the file, and nothing stays behind in the keychain', async () => {
    const { kept, open } = keychainInMemory();
    const session = openSession(config, 'default', {}, open);
    await session.save(SESSION, await session.keychain());
    await session.save({ ...SESSION, token: 'okp_second' });
    expect([session.origin, kept.size]).toEqual([path, 0]);
    expect(await session.token(SESSION.place)).toBe('okp_second');
  });
});

import { existsSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { openProfile } from '../../src/core/profile.ts';

let config: string;
beforeEach(() => {
  config = join(mkdtempSync(join(tmpdir(), 'okpay-profile-')), 'config');
});

describe('profiles', () => {
  test('come to exist by being remembered, in a file of 0600', async () => {
    const profile = openProfile(config, 'work');
    expect(profile).toMatchObject({ name: 'work', known: {}, all: {} });
    expect(existsSync(config)).toBe(false);
    await profile.remember({
      email: 'ann@example.com',
      url: 'https://wallet.example.com',
      registration: 'reg_1',
    });
    await profile.remember({ registration: undefined });
    expect(statSync(join(config, 'profiles.json')).mode & 0o777).toBe(0o600);
    expect(statSync(config).mode & 0o777).toBe(0o700);
    expect(openProfile(config, undefined)).toMatchObject({
      name: 'work',
      known: { email: 'ann@example.com', url: 'https://wallet.example.com' },
    });
    expect(openProfile(config, 'work').known).not.toHaveProperty('registration');
  });

  test('the first stays the current one, and each keeps its own', async () => {
    await openProfile(config, undefined).remember({ email: 'ann@example.com' });
    await openProfile(config, 'work').remember({ email: 'bob@example.com' });
    expect(openProfile(config, undefined)).toMatchObject({
      name: 'default',
      known: { email: 'ann@example.com' },
    });
    expect(Object.keys(openProfile(config, undefined).all)).toEqual(['default', 'work']);
  });

  test('a file that is not JSON is named, and left as it is', async () => {
    await openProfile(config, undefined).remember({ email: 'ann@example.com' });
    const path = join(config, 'profiles.json');
    writeFileSync(path, '{ broken');
    expect(() => openProfile(config, undefined)).toThrow(path);
    expect(readFileSync(path, 'utf8')).toBe('{ broken');
  });

  test.each(['constructor', '--proto--', 'toString', '__proto__'])('%s is no way in', (name) => {
    let known: unknown = {};
    try {
      known = openProfile(config, name).known;
    } catch {
      return;
    }
    expect(known).toEqual({});
  });
});

import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkServerUrl, findPlaces, placeOf } from '../../src/core/places.ts';

describe('places', () => {
  test('are all under OKPAY_HOME when it is set', async () => {
    expect(await findPlaces({ OKPAY_HOME: '/tmp/x' })).toEqual({
      config: '/tmp/x',
      data: '/tmp/x',
      cache: '/tmp/x/cache',
      outbox: '/tmp/x/outbox',
      databaseUrl: 'sqlite:/tmp/x/okpay.db',
    });
  });

  test('are absolute, whatever OKPAY_HOME is', async () => {
    expect((await findPlaces({ OKPAY_HOME: 'x' })).data).toBe(join(process.cwd(), 'x'));
  });

  test('are the platform’s own otherwise', async () => {
    const places = await findPlaces({});
    expect(places.config).toMatch(/okpay/);
    expect(places.databaseUrl).toBe(`sqlite:${join(places.data, 'okpay.db')}`);
  });

  test('the database can be elsewhere', async () => {
    const places = await findPlaces({ OKPAY_HOME: '/tmp/x', OKPAY_DATABASE_URL: 'sqlite:/tmp/y.db' });
    expect(places.databaseUrl).toBe('sqlite:/tmp/y.db');
  });
});

test('a server on another machine is reached over TLS only (ASVS V12.2.1)', () => {
  for (const url of ['http://wallet.example.com', 'http://10.0.0.1:7227', 'http://127.0.0.1.evil.example'])
    expect(() => checkServerUrl(url), url).toThrow('Over http:// a password could be read');
  for (const url of [
    'https://wallet.example.com',
    'http://127.0.0.1:7227',
    'http://localhost',
    'http://[::1]:1',
  ])
    expect(checkServerUrl(url), url).toBe(url);
});

describe('what a session is for', () => {
  test.each([
    ['https://wallet.example.com/some/path?x', 'https://wallet.example.com'],
    ['http://127.0.0.1:7227', 'http://127.0.0.1:7227'],
    ['http://[::1]:7227', 'http://[::1]:7227'],
    ['HTTPS://Wallet.Example.COM:443', 'https://wallet.example.com'],
  ])('%s is %s', (text, origin) => {
    expect(checkServerUrl(text)).toBe(origin);
  });

  test('a database, without its password', () => {
    expect(placeOf(undefined, 'postgres://ann:secret@db/okpay')).toBe('postgres://db/okpay');
    expect(placeOf(undefined, 'sqlite:/tmp/x/okpay.db')).toBe('sqlite:/tmp/x/okpay.db');
    expect(placeOf('https://x', 'sqlite:/y')).toBe('https://x');
  });
});

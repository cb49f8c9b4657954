import { chmodSync, mkdtempSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { openKeyring } from '../../../src/service/identity/keyring.ts';

const PLAIN = Buffer.from('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');
const unusable = expect.objectContaining({ code: 'keys_unusable' });

let path: string;
beforeEach(() => {
  path = join(mkdtempSync(join(tmpdir(), 'okpay-keys-')), 'okpay.keys');
});

/** The parts of what was sealed: which key, nonce, ciphertext, tag. */
function partsOf(sealed: string) {
  const [key = '', encoded = ''] = sealed.split('.');
  const bytes = Buffer.from(encoded, 'base64url');
  return { key, bytes, nonce: bytes.subarray(0, 12).toString('hex') };
}

describe('what is sealed', () => {
  it('opens for the same purpose, and for no other', () => {
    const keyring = openKeyring(path);
    const sealed = keyring.seal('second-factor:usr_1', PLAIN);
    expect(Buffer.from(keyring.open('second-factor:usr_1', sealed))).toEqual(PLAIN);
    for (const purpose of ['second-factor:usr_2', 'webhook:usr_1', ''])
      expect(() => keyring.open(purpose, sealed)).toThrow(unusable);
    expect(sealed).not.toContain(PLAIN.toString());
  });

  it('has a nonce of its own: 100,000 without a repeat (ASVS V11.3.4)', () => {
    const keyring = openKeyring(path);
    const nonces = new Set<string>();
    for (let at = 0; at < 100_000; at++) nonces.add(partsOf(keyring.seal('p', PLAIN)).nonce);
    expect(nonces.size).toBe(100_000);
  });

  it('does not open with any one bit of it flipped (ASVS V11.3.2, V11.3.3)', () => {
    const keyring = openKeyring(path);
    const { key, bytes } = partsOf(keyring.seal('p', PLAIN));
    for (let bit = 0; bit < bytes.length * 8; bit++) {
      const altered = Buffer.from(bytes);
      altered[bit >> 3] = (altered[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(() => keyring.open('p', `${key}.${altered.toString('base64url')}`)).toThrow(unusable);
    }
    // The control: as it was, it opens.
    expect(Buffer.from(keyring.open('p', `${key}.${bytes.toString('base64url')}`))).toEqual(PLAIN);
    for (const cut of ['', key, `${key}.`, `${key}.${bytes.subarray(0, -1).toString('base64url')}`])
      expect(() => keyring.open('p', cut)).toThrow(unusable);
  });

  it('still opens when a new key has come, which seals from then on (ASVS V11.2.2)', () => {
    const before = openKeyring(path).seal('p', PLAIN);
    const file = JSON.parse(readFileSync(path, 'utf8')) as { current: string; keys: Record<string, string> };
    const keys = { ...file.keys, 'year-2': randomBytes(32).toString('base64') };
    writeFileSync(path, JSON.stringify({ current: 'year-2', keys }), { mode: 0o600 });
    const rotated = openKeyring(path);
    expect(Buffer.from(rotated.open('p', before))).toEqual(PLAIN);
    const after = rotated.seal('p', PLAIN);
    expect(partsOf(after).key).toBe('year-2');
    // Once the old key is taken away, what it sealed is closed, and the rest is not.
    writeFileSync(path, JSON.stringify({ current: 'year-2', keys: { 'year-2': keys['year-2'] } }));
    const last = openKeyring(path);
    expect(() => last.open('p', before)).toThrow(unusable);
    expect(Buffer.from(last.open('p', after))).toEqual(PLAIN);
  });
});

describe('the file of keys', () => {
  it('is made on first use, for its owner alone, and is the same for whoever opens it next', () => {
    const keyring = openKeyring(path);
    const sealed = keyring.seal('p', PLAIN);
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(Buffer.from(openKeyring(path).open('p', sealed))).toEqual(PLAIN);
  });

  it('that others can read is not used', () => {
    openKeyring(path).seal('p', PLAIN);
    chmodSync(path, 0o640);
    expect(() => openKeyring(path).seal('p', PLAIN)).toThrow(unusable);
  });

  it.each(['', '{}', '{"current":"a","keys":{}}', '{"current":"a","keys":{"a":"c2hvcnQ="}}', 'null'])(
    'that is none is not used: %s',
    (text) => {
      writeFileSync(path, text, { mode: 0o600 });
      expect(() => openKeyring(path).seal('p', PLAIN)).toThrow(unusable);
    },
  );
});

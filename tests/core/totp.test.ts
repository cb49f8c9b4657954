import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateSync } from 'otplib';
import { describe, expect, it, test } from 'vitest';
import {
  TOTP_STEP_MS,
  acceptedTotpStep,
  encodeTotpSecret,
  readTotpSecret,
  totpCode,
  totpStepAt,
  totpUri,
} from '../../src/core/totp.ts';
import { authenticator, hotp } from '../authenticator.ts';

const VECTORS = join(import.meta.dirname, '../../../shared/data/totp/rfc6238_vectors_a.json');
type Vector = {
  algorithm: string;
  secret_base32: string;
  step: number;
  digits: 8;
  unix_time: number;
  totp: string;
};
const vectors = existsSync(VECTORS) ? (JSON.parse(readFileSync(VECTORS, 'utf8')) as Vector[]) : [];

const SECRET = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
const NOW = Date.parse('2026-11-26T12:00:10.000Z');

describe('a code of the moment', () => {
  test.skipIf(vectors.length === 0)('is what RFC 6238 says, in every vector of its appendix B', () => {
    expect(vectors.length).toBeGreaterThanOrEqual(9);
    for (const { algorithm, secret_base32: secret, digits, step, unix_time: epoch, totp } of vectors) {
      const hash = algorithm.toLowerCase() as 'sha1' | 'sha256' | 'sha512';
      expect(generateSync({ secret, epoch, digits, period: step, algorithm: hash })).toBe(totp);
      // The second opinion that other tests rely on.
      expect(hotp(secret, Math.floor(epoch / step), digits, hash)).toBe(totp);
      if (hash === 'sha1') expect(totpCode(secret, epoch * 1_000)).toBe(totp.slice(-6));
    }
  });

  it('is the same as another implementation makes, over many secrets and times', () => {
    for (let round = 0; round < 300; round++) {
      const secret = encodeTotpSecret(crypto.getRandomValues(new Uint8Array(20)));
      const ms = Math.floor(Math.random() * 4e12);
      expect(authenticator(secret).codeAt(ms)).toBe(totpCode(secret, ms));
    }
  });

  it('is accepted in its own step and one beside it, and no other (ASVS V6.5.5)', () => {
    const step = totpStepAt(NOW);
    const code = totpCode(SECRET, NOW);
    const [from, to] = [(step - 1) * TOTP_STEP_MS, (step + 2) * TOTP_STEP_MS];
    for (const ms of [from, NOW, to - 1]) expect(acceptedTotpStep(SECRET, code, ms, 0)).toBe(step);
    for (const ms of [from - 1, to, NOW + 90_000, NOW - 90_000])
      expect(acceptedTotpStep(SECRET, code, ms, 0)).toBeUndefined();
  });

  it('is not accepted when its step, or a later one, was used, also when the clock was set back', () => {
    const step = totpStepAt(NOW);
    const code = totpCode(SECRET, NOW);
    expect(acceptedTotpStep(SECRET, code, NOW, step - 1)).toBe(step);
    for (const used of [step, step + 1, step + 5, step + 100_000])
      expect(acceptedTotpStep(SECRET, code, NOW, used)).toBeUndefined();
  });
});

describe('a secret', () => {
  it('is read as people and apps write it', () => {
    const forms = [
      SECRET,
      `${SECRET}\n`,
      SECRET.toLowerCase(),
      'GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ',
      'GEZD-GNBV-GY3T-QOJQ-GEZD-GNBV-GY3T-QOJQ',
      `${SECRET}====`,
      totpUri(SECRET, 'alice@example.com'),
    ];
    for (const form of forms) expect(readTotpSecret(form)).toBe(SECRET);
    for (const none of ['', '/run/secrets/totp', 'GEZDGNBV', 'otpauth://totp/x', `${SECRET}1`])
      expect(readTotpSecret(none)).toBeUndefined();
  });

  it('goes into an address that says whose it is, whatever is in the name', () => {
    const url = new URL(totpUri(SECRET, 'a+b&c=d@example.com'));
    expect(decodeURIComponent(url.pathname)).toContain('OKpay:a+b&c=d@example.com');
    expect([url.searchParams.get('secret'), url.searchParams.get('issuer')]).toEqual([SECRET, 'OKpay']);
  });
});

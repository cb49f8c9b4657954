import { createHmac } from 'node:crypto';

const STEP_MS = 30_000;
const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** An authenticator app: it has the secret and nothing of ours, so that it is a second opinion on the codes. */
export type Authenticator = {
  readonly secret: string;
  readonly recoveryCodes: string[];
  /** The code at an instant, in Unix milliseconds. */
  readonly codeAt: (ms: number) => string;
  /** A code that the service has not had and will take: of this step or the next, and after those a recovery code. */
  readonly next: (ms: number) => string;
};

/** An app that was shown this secret (base 32). `used` is the last step a code was typed of. */
export function authenticator(
  secret: string,
  { used = 0, recoveryCodes = [] }: { used?: number; recoveryCodes?: readonly string[] } = {},
): Authenticator {
  let last = used;
  const left = [...recoveryCodes];
  return {
    secret,
    recoveryCodes: left,
    codeAt: (ms) => hotp(secret, Math.floor(ms / STEP_MS)),
    next: (ms) => {
      const step = Math.max(Math.floor(ms / STEP_MS), last + 1);
      if (step > Math.floor(ms / STEP_MS) + 1) return left.shift() ?? 'no code is left';
      last = step;
      return hotp(secret, step);
    },
  };
}

/** RFC 4226, 5.3, with RFC 6238's counter: HMAC of the counter, cut to digits. */
export function hotp(secret: string, counter: number, digits = 6, algorithm = 'sha1'): string {
  const bits = [...secret].map((letter) => BASE32.indexOf(letter).toString(2).padStart(5, '0')).join('');
  const key = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => parseInt(byte, 2)));
  const moving = Buffer.alloc(8);
  moving.writeBigUInt64BE(BigInt(counter));
  const mac = createHmac(algorithm, key).update(moving).digest();
  const at = (mac.at(-1) ?? 0) & 15;
  const value = (mac.readUInt32BE(at) & 0x7fffffff) % 10 ** digits;
  return String(value).padStart(digits, '0');
}

import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { Refusal } from '../../core/contract/refusals.ts';

/** argon2id parameters: OWASP Password Storage Cheat Sheet, 19 MiB, t=2, p=1. Stored with each hash. */
const MEMORY_KIB = 19_456;
const PASSES = 2;
const TAG_LENGTH = 32;
const SALT_LENGTH = 16;
/** Hashes that run at once, and that may wait: logins must not take all memory. */
const AT_ONCE = 2;
const MAY_WAIT = 200;

export type Passwords = {
  /** A hash in PHC form: `$argon2id$v=19$m=…,t=…,p=1$salt$tag`. */
  readonly hash: (password: string) => Promise<string>;
  /** Whether the password is the one behind the hash. Without a hash the same work is done for nothing. */
  readonly verify: (password: string, hash: string | undefined) => Promise<boolean>;
};

/** Hashes and checks passwords with argon2id from node:crypto, a few at a time; beyond the queue it refuses `busy`. */
export function makePasswords(): Passwords {
  let running = 0;
  const waiting: (() => void)[] = [];

  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= AT_ONCE) {
      if (waiting.length >= MAY_WAIT) throw new Refusal('busy');
      await new Promise<void>((resolve) => waiting.push(resolve));
    } else {
      running += 1;
    }
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else running -= 1;
    }
  };

  const verify = async (password: string, stored: string): Promise<boolean> => {
    const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=1\$([\w+/]+)\$([\w+/]+)$/.exec(stored);
    if (!match) return false;
    const [, memory = '', passes = '', salt = '', tag = ''] = match;
    const expected = Buffer.from(tag, 'base64');
    const found = await derive(
      password,
      Buffer.from(salt, 'base64'),
      Number(memory),
      Number(passes),
      expected.length,
    );
    return timingSafeEqual(found, expected);
  };

  return {
    hash: (password) =>
      inTurn(async () => {
        const salt = randomBytes(SALT_LENGTH);
        const tag = await derive(password, salt, MEMORY_KIB, PASSES, TAG_LENGTH);
        return `$argon2id$v=19$m=${MEMORY_KIB},t=${PASSES},p=1$${unpadded(salt)}$${unpadded(tag)}`;
      }),
    verify: (password, stored) =>
      inTurn(async () => {
        if (stored !== undefined) return verify(password, stored);
        await derive(password, randomBytes(SALT_LENGTH), MEMORY_KIB, PASSES, TAG_LENGTH);
        return false;
      }),
  };
}

/** NFKC first, so that the same password typed on another keyboard is the same bytes (NIST SP 800-63B-4, 3.1.1.2). */
function derive(
  password: string,
  salt: Buffer,
  memory: number,
  passes: number,
  tagLength: number,
): Promise<Buffer> {
  const parameters = {
    message: password.normalize('NFKC'),
    nonce: salt,
    parallelism: 1,
    tagLength,
    memory,
    passes,
  };
  return new Promise((resolve, reject) => {
    argon2('argon2id', parameters, (error, tag) => (error ? reject(error) : resolve(tag)));
  });
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}

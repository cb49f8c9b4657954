import { argon2, randomBytes, timingSafeEqual } from 'node:crypto';
import { Refusal } from '../../core/contract/refusals.ts';

/** What one hash costs. Stored with each hash, so that it can be raised later. */
export type Cost = { readonly memoryKib: number; readonly passes: number };

/** argon2id: OWASP Password Storage Cheat Sheet, 19 MiB, t=2, p=1. */
const COST: Cost = { memoryKib: 19_456, passes: 2 };
const TAG_LENGTH = 32;
const SALT_LENGTH = 16;
/** Hashes that run at once, and that may wait: logins must not take all memory. */
const AT_ONCE = 2;
const MAY_WAIT = 200;

export type Passwords = {
  /**
   * A hash in PHC form: `$argon2id$v=19$m=…,t=…,p=1$salt$tag`. With `beside`, another hash for the same e-mail address,
   * salt and cost are taken from that one, so that a later login is checked against both in one go.
   */
  readonly hash: (password: string, beside?: string) => Promise<string>;
  /**
   * Which of the hashes the password is behind, if any. Always the work of exactly one hash: those that have not the
   * salt and cost of the first are left out, and without any the same work is done for nothing.
   */
  readonly verify: (password: string, hashes: readonly string[]) => Promise<string | undefined>;
};

type Parsed = { readonly cost: Cost; readonly salt: Buffer };

/** Hashes and checks passwords with argon2id from node:crypto, a few at a time; beyond the queue it refuses `busy`. */
export function makePasswords(cost: Cost = COST): Passwords {
  const inTurn = makeQueue();
  const fresh = (): Parsed => ({ cost, salt: randomBytes(SALT_LENGTH) });
  return {
    hash: (password, beside) => inTurn(() => derive(password, (beside && parse(beside)) || fresh())),
    verify: (password, hashes) =>
      inTurn(async () => {
        const found = Buffer.from(await derive(password, (hashes[0] && parse(hashes[0])) || fresh()));
        return hashes.find((hash) => {
          const expected = Buffer.from(hash);
          return expected.length === found.length && timingSafeEqual(expected, found);
        });
      }),
  };
}

function makeQueue(): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
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
}

function parse(hash: string): Parsed | undefined {
  const match = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=1\$([\w+/]+)\$[\w+/]+$/.exec(hash);
  if (!match) return undefined;
  const [, memory = '', passes = '', salt = ''] = match;
  return {
    cost: { memoryKib: Number(memory), passes: Number(passes) },
    salt: Buffer.from(salt, 'base64'),
  };
}

/** NFKC first, so that the same password typed on another keyboard is the same bytes (NIST SP 800-63B-4, 3.1.1.2). */
function derive(password: string, { cost, salt }: Parsed): Promise<string> {
  const parameters = {
    message: password.normalize('NFKC'),
    nonce: salt,
    parallelism: 1,
    tagLength: TAG_LENGTH,
    memory: cost.memoryKib,
    passes: cost.passes,
  };
  const head = `$argon2id$v=19$m=${cost.memoryKib},t=${cost.passes},p=1$${unpadded(salt)}`;
  return new Promise((resolve, reject) => {
    argon2('argon2id', parameters, (error, tag) =>
      error ? reject(error) : resolve(`${head}$${unpadded(tag)}`),
    );
  });
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/={1,2}$/, '');
}

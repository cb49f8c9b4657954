import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import { existsSync, linkSync, lstatSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { Refusal } from '../../core/contract/refusals.ts';

/**
 * Seals what the database must not show in clear, such as the secrets of second factors. `purpose` says what it is and
 * whose, and is bound to it: what was sealed for one purpose opens for no other.
 */
export type Keyring = {
  readonly seal: (purpose: string, plain: Uint8Array) => string;
  /** Throws `keys_unusable` for what was altered, or sealed with a key that is not here. */
  readonly open: (purpose: string, sealed: string) => Uint8Array;
  /**
   * 32 bytes that only who has the current key can tell from the text (HMAC-SHA-256, RFC 2104); other ones for each
   * purpose. Undefined where there are no keys to be used.
   */
  readonly derive: (purpose: string, text: string) => Uint8Array | undefined;
};

type Keys = { readonly current: string; readonly keys: Readonly<Record<string, Uint8Array>> };

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * The keys in a file that only its owner can read, made on first use: JSON with the name of the `current` key, which
 * seals, and `keys` by name (32 bytes in base64), each of which opens. A new key is put beside the old ones and named
 * current: what was sealed before stays readable (ASVS V11.2.2). AES-256-GCM (NIST SP 800-38D) with a random nonce of
 * 96 bits. Nothing is read before it is needed. Throws `keys_unusable`.
 */
export function openKeyring(place: string | undefined): Keyring {
  const path = place ?? 'OKPAY_KEYS';
  let opened: Keys | undefined;
  const keys = (): Keys => {
    if (place === undefined)
      throw unusable(path, 'it does not say which file has the keys that all nodes share');
    return (opened ??= readKeys(path));
  };
  return {
    seal: (purpose, plain) => {
      const { current, keys: all } = keys();
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, all[current] as Uint8Array, nonce).setAAD(
        Buffer.from(purpose),
      );
      const sealed = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
      return `${current}.${sealed.toString('base64url')}`;
    },
    open: (purpose, text) => {
      const [name = '', encoded = ''] = text.split('.');
      const key = Object.hasOwn(keys().keys, name) ? keys().keys[name] : undefined;
      const sealed = Buffer.from(encoded, 'base64url');
      if (key === undefined || sealed.length < NONCE_BYTES + TAG_BYTES)
        throw unusable(path, `the key “${name}” is not in it, and something was sealed with that`);
      const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, NONCE_BYTES));
      decipher.setAAD(Buffer.from(purpose)).setAuthTag(sealed.subarray(-TAG_BYTES));
      try {
        return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
      } catch {
        throw unusable(path, 'it does not open what was sealed, or that was altered');
      }
    },
    derive: (purpose, text) => {
      if (place === undefined) return undefined;
      try {
        const { current, keys: all } = keys();
        const own = createHmac('sha256', all[current] as Uint8Array)
          .update(purpose)
          .digest();
        return createHmac('sha256', own).update(text).digest();
      } catch (error) {
        if (error instanceof Refusal) return undefined;
        throw error;
      }
    },
  };
}

/** Where the keys are: beside an embedded database unless named. Nodes that share a database share a file, which has to be named. */
export function placeOfKeys({
  keysPath,
  databaseUrl,
}: {
  readonly keysPath?: string;
  readonly databaseUrl: string;
}): string | undefined {
  if (keysPath !== undefined) return keysPath;
  return databaseUrl.startsWith('sqlite:') ? `${databaseUrl.slice('sqlite:'.length)}.keys` : undefined;
}

function readKeys(path: string): Keys {
  makeKeys(path);
  const found = lstatSync(path);
  const isMine = process.getuid === undefined || found.uid === process.getuid();
  if (!found.isFile() || !isMine || (process.getuid !== undefined && (found.mode & 0o077) !== 0))
    throw unusable(path, 'others can read or change it');
  try {
    const { current, keys } = JSON.parse(readFileSync(path, 'utf8')) as {
      current: string;
      keys: Record<string, string>;
    };
    const all = Object.entries(keys).map(([name, key]) => [name, Buffer.from(key, 'base64')] as const);
    const areWhole = all.every(([name, key]) => /^[\w-]{1,32}$/.test(name) && key.length === KEY_BYTES);
    if (!areWhole || !Object.hasOwn(keys, current)) throw new TypeError('no keys');
    return { current, keys: Object.fromEntries(all) };
  } catch {
    throw unusable(path, 'it does not have the form of a file of keys');
  }
}

/** A new file with one key, there whole or not at all, unless there is one already. */
function makeKeys(path: string): void {
  if (existsSync(path)) return;
  const name = new Date().toISOString().slice(0, 10);
  const keys = { current: name, keys: { [name]: randomBytes(KEY_BYTES).toString('base64') } };
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    writeFileSync(draft, `${JSON.stringify(keys, undefined, 2)}\n`, { mode: 0o600, flag: 'wx', flush: true });
    linkSync(draft, path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EEXIST') throw unusable(path, `it cannot be made (${code})`);
  } finally {
    rmSync(draft, { force: true });
  }
}

function unusable(path: string, reason: string): Refusal {
  return new Refusal('keys_unusable', { path, reason });
}

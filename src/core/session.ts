import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { Refusal } from './contract/refusals.ts';
import { makePrivateFolder, type Environment } from './places.ts';

/** A login as it is kept on this machine. */
export type SavedSession = {
  token: string;
  session: string;
  email: string;
  expiresAt: string;
  /** The service the token is for; it is never sent to another one. */
  place: string;
};

/** Where the token of one profile is kept. */
export type SessionStore = {
  /** For people: where the token comes from, a path or `OKPAY_TOKEN`. */
  readonly origin: string;
  /** The file of this profile's session. */
  readonly path: string;
  /** True when OKPAY_TOKEN gives the token, so that no file is looked at. */
  readonly fromEnvironment: boolean;
  /** The token for this service, or undefined when nobody is logged in to it. Throws `session_unsafe`. */
  readonly token: (place: string) => string | undefined;
  /** What the file says, whatever it is for. Throws `session_unsafe`. */
  readonly saved: () => SavedSession | undefined;
  readonly save: (session: SavedSession) => void;
  readonly forget: () => void;
};

/** The session of a profile, in a file only the user can read; OKPAY_TOKEN goes before it. */
export function openSession(configFolder: string, profile: string, environment: Environment): SessionStore {
  const folder = join(configFolder, 'sessions');
  const path = join(folder, `${profile}.json`);
  const given = environment['OKPAY_TOKEN'] || undefined;
  const saved = () => readSession(path);
  return {
    origin: given === undefined ? path : 'OKPAY_TOKEN',
    path,
    fromEnvironment: given !== undefined,
    token: (place) => {
      if (given !== undefined) return given;
      const session = saved();
      return session?.place === place ? session.token : undefined;
    },
    saved,
    save: (session) => writePrivateJson(folder, path, session),
    forget: () => {
      rmSync(path, { force: true });
    },
  };
}

function readSession(path: string): SavedSession | undefined {
  const session = readPrivateJson(path) as Partial<SavedSession> | null | undefined;
  if (session === undefined) return undefined;
  if (typeof session?.token !== 'string' || typeof session.place !== 'string')
    throw unsafe(path, 'it has no token in it.');
  return session as SavedSession;
}

/**
 * Writes a value that only the user may read. Renamed into place, so that a crash leaves the old file or the new one, and
 * a symlink is replaced, not followed.
 */
export function writePrivateJson(folder: string, path: string, value: object): void {
  chmodSync(makePrivateFolder(folder), 0o700);
  const draft = `${path}.${process.pid}-${Date.now()}`;
  writeFileSync(draft, `${JSON.stringify(value)}\n`, { mode: 0o600, flag: 'wx', flush: true });
  renameSync(draft, path);
}

/** The value in a file that is the user's alone, or undefined when there is no file. Throws `session_unsafe`. */
export function readPrivateJson(path: string): unknown {
  let file: number;
  try {
    file = openSync(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw unsafe(path, code === 'ELOOP' ? 'it is a symbolic link.' : `it cannot be opened (${code}).`);
  }
  try {
    // The open file is looked at, not the path, which could be exchanged in between.
    const facts = fstatSync(file);
    if (!facts.isFile()) throw unsafe(path, 'it is not a plain file.');
    if (process.getuid && facts.uid !== process.getuid()) throw unsafe(path, 'it belongs to another user.');
    if (process.getuid && (facts.mode & 0o077) !== 0)
      throw unsafe(path, 'others on this machine can read it. Log in again, and end the old session.');
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw error instanceof SyntaxError ? unsafe(path, 'it is not valid JSON.') : error;
  } finally {
    closeSync(file);
  }
}

function unsafe(path: string, reason: string): Refusal {
  return new Refusal('session_unsafe', { path, reason });
}

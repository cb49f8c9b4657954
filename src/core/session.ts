import { lstatSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { kindOfId } from './contract/ids.ts';
import { Refusal } from './contract/refusals.ts';
import { openKeychain, type Keychain, type OpenKeychain } from './keychain.ts';
import type { Environment } from './places.ts';
import { readPrivateJson, unsafe, writePrivateJson } from './private-json.ts';

/** A login as it is kept on this machine: a session, or a token for programs. */
export type SavedSession = {
  token: string;
  /** The id of the session or of the token. */
  session: string;
  email: string;
  expiresAt: string;
  /** The service the token is for; it is never sent to another one. */
  place: string;
};

/** What the file says: without the token when that is in a keychain, which is then named. */
export type SessionFile = Omit<SavedSession, 'token'> & { token?: string; keychain?: string };

/** Where the token of one profile is kept. */
export type SessionStore = {
  /** For people: where the token comes from, a path, a keychain or `OKPAY_TOKEN`. Throws `session_unsafe`. */
  readonly origin: string;
  /** The file of this profile's session. */
  readonly path: string;
  /** True when OKPAY_TOKEN gives the token, so that no file is looked at. */
  readonly fromEnvironment: boolean;
  /** Whether what is used is a token for programs, which no logout ends. Throws `session_unsafe`. */
  readonly isForPrograms: () => boolean;
  /** Whether somebody is logged in to this service. Asks no keychain. Throws `session_unsafe`. */
  readonly isFor: (place: string) => boolean;
  /** The token for this service, if any. Throws `session_unsafe`, `keychain_unavailable`. */
  readonly token: (place: string) => Promise<string | undefined>;
  /** What the file says, whatever it is for. Throws `session_unsafe`. */
  readonly saved: () => SessionFile | undefined;
  /** The keychain of the system, for this profile. Throws `keychain_unavailable`. */
  readonly keychain: () => Promise<Keychain>;
  /** Keeps a login in the file, its token in the keychain when one is given. */
  readonly save: (session: SavedSession, keychain?: Keychain) => Promise<void>;
  /** Keeps what has changed of the login to this service, where it is kept. Throws `keychain_unavailable`. */
  readonly renew: (place: string, changed: { token?: string; email?: string }) => Promise<void>;
  /** Throws `keychain_unavailable` when the token is in one; the file is gone then too. */
  readonly forget: () => Promise<void>;
};

/** From then on a draft that nobody has put in its place is left over from a process that was killed, in milliseconds. */
const DRAFT_LIFE_MS = 60_000;

/** The session of a profile, in a file only the user can read or in a keychain; OKPAY_TOKEN goes before it. */
export function openSession(
  configFolder: string,
  profile: string,
  environment: Environment,
  open: OpenKeychain = openKeychain,
): SessionStore {
  const folder = join(configFolder, 'sessions');
  const path = join(folder, `${profile}.json`);
  const given = environment['OKPAY_TOKEN'] || undefined;
  const saved = () => read(folder, path);
  const keychain = () => open(path);
  const store: SessionStore = {
    get origin() {
      return given === undefined ? (saved()?.keychain ?? path) : 'OKPAY_TOKEN';
    },
    path,
    fromEnvironment: given !== undefined,
    isForPrograms: () =>
      given === undefined ? kindOfId(saved()?.session ?? '') === 'token' : given.startsWith('okt_'),
    isFor: (place) => given !== undefined || saved()?.place === place,
    token: async (place) => {
      if (given !== undefined) return given;
      const session = saved();
      if (session?.place !== place) return undefined;
      return session.token ?? (await keychain()).get();
    },
    saved,
    keychain,
    save: async (session, chosen) => {
      removeDrafts(path, Date.now() - DRAFT_LIFE_MS);
      if (chosen) {
        const { token, ...rest } = session;
        await chosen.set(token);
        return writePrivateJson(folder, path, { ...rest, keychain: chosen.name });
      }
      const wasInKeychain = savedOrUnsafe(saved)?.keychain !== undefined;
      writePrivateJson(folder, path, session);
      if (wasInKeychain) await keychain().then(async (old) => old.remove(), ignoreRefusal);
    },
    renew: async (place, changed) => {
      const found = given === undefined ? saved() : undefined;
      if (found?.place !== place) return;
      const { keychain: inKeychain, ...rest } = found;
      const token = changed.token ?? (await store.token(place)) ?? '';
      await store.save(
        { ...rest, ...changed, token },
        inKeychain === undefined ? undefined : await keychain(),
      );
    },
    forget: async () => {
      const isInKeychain = savedOrUnsafe(saved)?.keychain !== undefined;
      rmSync(path, { force: true });
      // Somebody who logs out wants no token left here, whoever was killed while writing one.
      removeDrafts(path, Infinity);
      if (isInKeychain) await (await keychain()).remove();
    },
  };
  return store;
}

/** Removes what killed processes have left of a file, as old as `before` (Unix milliseconds) or older: it has a token in it. */
function removeDrafts(path: string, before: number): void {
  const folder = join(path, '..');
  const names = lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() ? readdirSync(folder) : [];
  for (const name of names.filter((each) => each.startsWith(`${basename(path)}.`))) {
    const draft = join(folder, name);
    if ((lstatSync(draft, { throwIfNoEntry: false })?.mtimeMs ?? Infinity) <= before)
      rmSync(draft, { force: true });
  }
}

/** A file that is not safe to use can still be forgotten. */
function savedOrUnsafe(saved: () => SessionFile | undefined): SessionFile | undefined {
  try {
    return saved();
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

/** A keychain that is not there any more keeps what it has. */
function ignoreRefusal(error: unknown): void {
  if (!(error instanceof Refusal)) throw error;
}

function read(folder: string, path: string): SessionFile | undefined {
  const session = readPrivateJson(folder, path) as Partial<SessionFile> | null | undefined;
  if (session === undefined) return undefined;
  const { token, keychain } = session ?? {};
  if (typeof (token ?? keychain) !== 'string' || typeof session?.place !== 'string')
    throw unsafe(path, 'it has no token in it.');
  return session as SessionFile;
}

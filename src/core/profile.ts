import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Refusal } from './contract/refusals.ts';
import { makePrivateFolder } from './places.ts';

/** What is remembered for one login; never a secret. */
export type Profile = {
  /** The server; none means in-process. */
  url?: string;
  email?: string;
  /** The registration whose e-mail address waits to be verified. */
  registration?: string;
  /** The unlocking that waits for its code. */
  unlock?: string;
  /** Whether its token is kept in the keychain of the system. */
  keychain?: boolean;
  /** The request for a new password whose code was mailed. */
  reset?: string;
  /** The move to another e-mail address whose code was mailed. */
  emailChange?: string;
};

type ProfileFile = { current?: string; profiles?: Record<string, Profile> };

/** The profile in use, and the only way to change what is remembered for it. */
export type ProfileStore = {
  readonly name: string;
  readonly known: Profile;
  /** Every profile there is, by name. */
  readonly all: Readonly<Record<string, Profile>>;
  /** Merges into the profile, making it if it is new; `undefined` forgets a field. */
  readonly remember: (changes: { [Field in keyof Profile]: Profile[Field] | undefined }) => Promise<void>;
};

export const DEFAULT_PROFILE = 'default';
const FILE = 'profiles';

/**
 * Opens the profile `asked` for, else the current one, in the config folder. The file is read here directly, because
 * conf takes longer to load than everything else a command does; it is written through conf (mode 0600).
 * Throws `usage_invalid` for a name that is not `[a-z0-9-]` or a file that is not JSON.
 */
export function openProfile(configFolder: string, asked: string | undefined): ProfileStore {
  const file = read(join(configFolder, `${FILE}.json`));
  const all = file.profiles ?? {};
  const name = checkProfileName(asked ?? file.current ?? DEFAULT_PROFILE);
  const known = Object.hasOwn(all, name) ? { ...all[name] } : {};
  return {
    name,
    known,
    all,
    remember: async (changes) => {
      Object.assign(known, changes);
      for (const [field, value] of Object.entries(changes))
        if (value === undefined) delete known[field as keyof Profile];
      const { default: Conf } = await import('conf');
      const store = new Conf<ProfileFile>({
        cwd: makePrivateFolder(configFolder),
        configName: FILE,
        configFileMode: 0o600,
      });
      store.set('profiles', { ...store.get('profiles'), [name]: known });
      if (store.get('current') === undefined) store.set('current', name);
    },
  };
}

/** Returns the name when it is one; it becomes part of a path, so only small letters, digits and hyphens are allowed. */
export function checkProfileName(name: string): string {
  if (/^[a-z0-9][a-z0-9-]{0,31}$/.test(name)) return name;
  throw new Refusal('usage_invalid', {
    reason:
      'A profile name is up to 32 small letters, digits and hyphens, such as “work” (--profile, OKPAY_PROFILE).',
  });
}

function read(path: string): ProfileFile {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return {};
    throw error;
  }
  const file = parsed(text);
  if (typeof file === 'object' && file !== null) return file;
  throw new Refusal('usage_invalid', {
    reason: `The profile file “${path}” is not valid. Mend it or delete it; it holds no money and no secrets.`,
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

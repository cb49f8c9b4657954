import { Refusal } from './contract/refusals.ts';

/** One secret in the keychain of the operating system. Each call throws `keychain_unavailable` when it cannot be used. */
export type Keychain = {
  /** For people: `Secret Service`. */
  readonly name: string;
  readonly get: () => Promise<string | undefined>;
  readonly set: (secret: string) => Promise<void>;
  readonly remove: () => Promise<void>;
};

/** Opens the keychain for the secret that is called `account`. */
export type OpenKeychain = (account: string) => Promise<Keychain>;

/** What everything of ours in a keychain is filed under. */
const SERVICE = 'okpay';
/** The package that speaks to all three. It is not part of okpay: whoever wants a keychain installs it beside okpay. */
const PACKAGE = '@napi-rs/keyring';
const NAMES: Readonly<Record<string, string>> = {
  linux: 'Secret Service',
  darwin: 'macOS Keychain',
  win32: 'Windows Credential Manager',
};

/**
 * Opens the keychain of this system, and no other: on Linux the Secret Service, as a desktop has it, macOS Keychain, or
 * Windows Credential Manager. Left to choose, the package would take the kernel's keyring where there is no Secret
 * Service, which forgets everything when the machine starts anew. Throws `keychain_unavailable`; nothing else is tried.
 */
export async function openKeychain(account: string): Promise<Keychain> {
  const name = NAMES[process.platform];
  if (name === undefined) throw unavailable('of the system', `none is known on ${process.platform}.`);
  const { AsyncEntry } = await import('@napi-rs/keyring').catch((error: unknown) => {
    throw unavailable(
      name,
      `the package ${PACKAGE} is not installed beside okpay, or not for this system (${codeOf(error)}).`,
      `npm install --global ${PACKAGE}`,
    );
  });
  type Options = ConstructorParameters<typeof AsyncEntry>[2];
  if (process.platform === 'linux') {
    // Versions that know how to be bound to one store refuse one that does not exist; older ones take anything.
    const nowhere = { linux: { store: 'nowhere' } } as unknown as Options;
    if (isDone(() => new AsyncEntry(SERVICE, account, nowhere)))
      throw unavailable(
        name,
        `this version of ${PACKAGE} is too old.`,
        `npm install --global ${PACKAGE}@latest`,
      );
  }
  const ask = async <T>(work: () => T | Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      const [said = ''] = (error as Error).message.split('\n');
      throw unavailable(name, `it said: ${said.replace(/\.?$/, '.')}`);
    }
  };
  const entry = await ask(() => new AsyncEntry(SERVICE, account, { linux: { store: 'secret-service' } }));
  return {
    name,
    get: async () => (await ask(() => entry.getPassword())) ?? undefined,
    set: (secret) => ask(() => entry.setPassword(secret)),
    remove: async () => void (await ask(() => entry.deletePassword())),
  };
}

function isDone(work: () => unknown): boolean {
  try {
    work();
    return true;
  } catch {
    return false;
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? 'it does not load';
}

function unavailable(keychain: string, reason: string, next?: string): Refusal {
  return new Refusal('keychain_unavailable', { keychain, reason, ...(next === undefined ? {} : { next }) });
}

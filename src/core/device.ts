import { join } from 'node:path';
import { readPrivateJson, writePrivateJson } from './private-json.ts';

/** How accounts know this machine: a token for each, which says that its owner has logged in here before. It lets nobody in. */
export type DeviceStore = {
  /** The token for an account at a service, or undefined when it does not know this machine, or the file is not safe. */
  readonly token: (place: string, email: string) => string | undefined;
  readonly keep: (place: string, email: string, token: string) => void;
};

/** `place` is the service the token is for; it is never sent to another one. */
type Known = { readonly place: string; readonly email: string; readonly token: string };

/** Accounts that are kept, the newest last. */
const MOST_KEPT = 20;

/** The device tokens of a profile, beside its session in a file only the user can read. A logout leaves them. */
export function openDevice(configFolder: string, profile: string): DeviceStore {
  const folder = join(configFolder, 'sessions');
  // No profile has a dot in its name.
  const path = join(folder, `${profile}.device.json`);
  const isFor = (place: string, email: string) => (known: Known) =>
    known.place === place && known.email === email.toLowerCase();
  return {
    token: (place, email) => read(folder, path).find(isFor(place, email))?.token,
    keep: (place, email, token) => {
      const others = read(folder, path).filter((known) => !isFor(place, email)(known));
      const all = [...others, { place, email: email.toLowerCase(), token }];
      writePrivateJson(folder, path, all.slice(-MOST_KEPT));
    },
  };
}

/** What cannot be read or trusted is as good as nothing: the account then knows the machine anew. */
function read(folder: string, path: string): Known[] {
  try {
    const all = readPrivateJson(folder, path);
    return Array.isArray(all) ? (all as Partial<Known>[]).filter(isWhole) : [];
  } catch {
    return [];
  }
}

function isWhole(known: Partial<Known> | null): known is Known {
  return [known?.place, known?.email, known?.token].every((field) => typeof field === 'string');
}

import type { OkpayClient } from '../core/client.ts';
import type { Environment, Places } from '../core/places.ts';
import type { ProfileStore } from '../core/profile.ts';
import type { SessionStore } from '../core/session.ts';
import type { Io } from './io.ts';
import type { Show } from './show/show.ts';

/** Flags every command takes. */
export type GlobalFlags = {
  readonly profile?: string;
  readonly url?: string;
  readonly json: boolean;
  readonly color: boolean;
  readonly quiet: boolean;
};

/** How `okpay serve` is to listen. */
export type ServeOptions = { host: string; port: number; publicUrl?: string; behindProxy: boolean };

/** All a command may touch, made by main for one run. */
export type Context = {
  readonly flags: GlobalFlags;
  readonly environment: Environment;
  readonly io: Io;
  readonly show: Show;
  readonly places: Places;
  readonly profile: ProfileStore;
  readonly session: SessionStore;
  /** The server's URL, or undefined in-process. A flag goes before the environment, which goes before the profile. */
  readonly url: string | undefined;
  /** What a saved token is for: the server's origin, or the database of the in-process service. */
  readonly place: string;
  /** Now, in Unix milliseconds. */
  readonly now: () => number;
  /**
   * The client, made on the first call, with the token of the profile's session when there is one.
   * Throws `session_unsafe`, and in-process `database_held`, `database_newer`, `database_damaged`.
   */
  readonly client: () => Promise<OkpayClient>;
  /** A client without a token: for what comes before a login, which an old session must not stand in the way of. */
  readonly strangerClient: () => Promise<OkpayClient>;
  /** Runs the service over HTTP until `stop`. */
  readonly serve: (options: ServeOptions) => Promise<{ url: string; stop: () => Promise<void> }>;
  /**
   * What Ctrl-C and SIGTERM do from now on, instead of ending with exit code 130; a second Ctrl-C always ends.
   * For commands that must not stop in the middle.
   */
  readonly onInterrupt: (handler: () => void) => void;
  /** Ends the client's connections, and in-process the service. */
  readonly close: () => Promise<void>;
};

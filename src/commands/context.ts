import type { OkpayClient } from '../core/client.ts';
import { Refusal } from '../core/contract/refusals.ts';
import { openDevice, type DeviceStore } from '../core/device.ts';
import type { Maintenance } from '../core/maintenance.ts';
import type { OpenKeychain } from '../core/keychain.ts';
import { checkServerUrl, findPlaces, placeOf, type Environment, type Places } from '../core/places.ts';
import { openProfile, type ProfileStore } from '../core/profile.ts';
import { openSession, type SessionStore } from '../core/session.ts';
import type { Transport } from '../core/transport/transport.ts';
import type { Interrupts } from './interrupts.ts';
import type { Io } from './io.ts';
import { makeShow, type Show } from './show/show.ts';
import { withAnswers } from './with-answers.ts';

/** Flags every command takes. */
export type GlobalFlags = {
  readonly profile?: string;
  readonly url?: string;
  readonly json: boolean;
  readonly color: boolean;
  readonly quiet: boolean;
};

/** A next command to type, for the same profile and server as this one; help is the same for all. */
export function sameFor(command: string, { profile, url }: Pick<GlobalFlags, 'profile' | 'url'>): string {
  if (!/^okpay (?!help|--help)/.test(command)) return command;
  return [command, ...(profile ? [`--profile ${profile}`] : []), ...(url ? [`--url ${url}`] : [])].join(' ');
}

/** How `okpay serve` is to listen; `publicUrl` is where people reach it, and `quiet` leaves the log out. */
export type ServeOptions = {
  readonly host: string;
  readonly port: number;
  readonly publicUrl?: string;
  readonly behindProxy: boolean;
  readonly quiet: boolean;
  readonly logLevel?: 'silent' | 'error' | 'info';
  /** Where metrics are answered, when they are. */
  readonly metrics?: { readonly host: string; readonly port: number };
};

export type Served = {
  readonly url: string;
  readonly metricsUrl?: string;
  /** Rejects with `service_failed`, once whoever still waited has an answer, when the service must not go on. */
  readonly failed: Promise<never>;
  readonly stop: () => Promise<void>;
};

/** All a command may touch, made by main for one run. */
export type Context = {
  readonly flags: GlobalFlags;
  readonly environment: Environment;
  readonly io: Io;
  readonly show: Show;
  readonly places: Places;
  readonly profile: ProfileStore;
  readonly session: SessionStore;
  /** How accounts know this machine. */
  readonly device: DeviceStore;
  /** The server's URL, or undefined in-process. A flag goes before the environment, which goes before the profile. */
  readonly url: string | undefined;
  /** What a saved token is for: the server's origin, or the database of the in-process service. */
  readonly place: string;
  /** Now, in Unix milliseconds. */
  readonly now: () => number;
  /**
   * The client, made on the first call, with the token of the profile's session when there is one.
   * Throws `session_unsafe`, `keychain_unavailable`, and in-process `database_held`, `database_newer`, `database_damaged`.
   */
  readonly client: () => Promise<OkpayClient>;
  /** A client with this token, before it is kept. */
  readonly clientFor: (token: string) => Promise<OkpayClient>;
  /** A client without a token: for what comes before a login, which an old session must not stand in the way of. */
  readonly strangerClient: () => Promise<OkpayClient>;
  /** The database itself, of the machine this runs on. Throws `console_only` when a server is set. */
  readonly maintenance: () => Promise<Maintenance>;
  /** Runs the service over HTTP until `stop`. */
  readonly serve: (options: ServeOptions) => Promise<Served>;
  /**
   * What Ctrl-C and SIGTERM do from now on, instead of ending with exit code 130; a second Ctrl-C always ends.
   * For commands that must not stop in the middle.
   */
  readonly onInterrupt: (handler: () => void) => void;
  /** Does this, which must be quick, as the very last thing of a run that ends well: after all is out and closed. */
  readonly atEnd: (work: () => void) => void;
  /** Ends the client's connections, and in-process the service. */
  readonly close: () => Promise<void>;
};

/** What a context is made from. Only main knows both sides; a test brings its own. */
export type Ground = {
  readonly environment: Environment;
  readonly io: Io;
  readonly interrupts: Interrupts;
  readonly now: () => number;
  /** Opens the way to a server, or without a URL to the service in this process. */
  readonly openTransport: (url: string | undefined, places: Places) => Promise<Transport>;
  readonly openMaintenance: (places: Places) => Promise<Maintenance>;
  readonly serve: (options: ServeOptions, places: Places) => Promise<Served>;
  readonly atEnd: Context['atEnd'];
  /** The keychain of the system unless given. */
  readonly openKeychain?: OpenKeychain;
};

/** The context of one run. Nothing is opened or created before it is needed. */
export async function makeContext(flags: GlobalFlags, ground: Ground): Promise<Context> {
  const { environment, io, now } = ground;
  const places = await findPlaces(environment);
  const profile = openProfile(places.config, flags.profile ?? (environment['OKPAY_PROFILE'] || undefined));
  const session = openSession(places.config, profile.name, environment, ground.openKeychain);
  const address = flags.url ?? (environment['OKPAY_URL'] || profile.known.url);
  const url = address === undefined ? undefined : checkServerUrl(address);
  const place = placeOf(url, places.databaseUrl);
  const show = makeShow(io, flags, now);
  let transport: Promise<Transport> | undefined;
  const open = async () =>
    withAnswers(await ground.openTransport(url, places), { io, environment, show, session });
  const clientWith = async (token: string | undefined) => {
    transport ??= open();
    const { OkpayClient } = await import('../core/client.ts');
    return new OkpayClient(await transport, token);
  };
  return {
    flags,
    environment,
    io,
    places,
    profile,
    session,
    device: openDevice(places.config, profile.name),
    url,
    place,
    now,
    show,
    client: async () => clientWith(await session.token(place)),
    clientFor: (token) => clientWith(token),
    strangerClient: () => clientWith(undefined),
    maintenance: async () => {
      if (url !== undefined) throw new Refusal('console_only');
      return ground.openMaintenance(places);
    },
    serve: (options) => ground.serve(options, places),
    onInterrupt: ground.interrupts.onInterrupt,
    atEnd: ground.atEnd,
    // A transport that could not be opened has already said so to the command.
    close: async () => (await transport?.catch(() => undefined))?.close(),
  };
}

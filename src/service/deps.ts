import type { IdMaker } from '../core/contract/ids.ts';
import type { NameCheck } from './bank-accounts/name-check.ts';
import type { Poster } from './ledger/poster.ts';
import type { LogFields } from './log-fields.ts';
import type { Keyring } from './identity/keyring.ts';
import type { Passwords } from './identity/passwords.ts';
import type { TokenFacts } from './identity/token-facts.ts';
import type { Engine } from './store/engine/engine.ts';

/** What happens inside, for whoever operates the service. Fields are plain values; never a secret, name or address. */
export type Log = {
  readonly info: (event: string, fields?: LogFields) => void;
  readonly error: (event: string, fields?: LogFields) => void;
};

/** Everything a use-case may touch. A plain object, so that a test can hold the clock and the randomness. */
export type Deps = {
  readonly engine: Engine;
  readonly poster: Poster;
  readonly passwords: Passwords;
  readonly keyring: Keyring;
  /** Milliseconds since the Unix epoch. */
  readonly now: () => number;
  readonly newId: IdMaker;
  readonly random: (bytes: number) => Uint8Array;
  readonly log: Log;
  /** Asks whose bank account it is, where operators have set whom to ask. */
  readonly nameCheck: NameCheck | undefined;
  /** The origin that links in mails point to, such as `https://pay.example.com`. */
  readonly publicUrl: string;
  /** Where rates of exchange are fetched from, when that is configured. */
  readonly ratesUrl?: string | undefined;
};

/** Who calls. In-process calls come from the console. */
export type Actor = {
  readonly user: string | undefined;
  readonly email: string | undefined;
  readonly displayName: string | undefined;
  readonly session: string | undefined;
  readonly role: string | undefined;
  /** What the session's machine is called. */
  readonly device: string | undefined;
  /** The machine, when it is one the account knows. */
  readonly deviceId: string | undefined;
  /** Whether the session began with a second factor. */
  readonly withFactor: boolean;
  /** When the caller last proved who they are, in Unix milliseconds. */
  readonly provedAt: number | undefined;
  /** The token for programs that calls, when it is not a session. */
  readonly token: TokenFacts | undefined;
  readonly console: boolean;
  /** The client's network address. */
  readonly address: string | undefined;
};

/** A caller who acts for a holder: in a session of theirs, or by a token. */
export type AccountActor = Actor & {
  readonly user: string;
  readonly email: string;
  readonly displayName: string;
};

/** A logged-in caller. */
export type HolderActor = AccountActor & { readonly session: string };

/** An instant in RFC 3339, UTC, milliseconds: the only form in which times are stored and sent. */
export function timestamp(ms: number): string {
  return new Date(ms).toISOString();
}

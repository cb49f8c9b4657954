import { randomBytes } from 'node:crypto';
import { makeIdMaker } from '../core/contract/ids.ts';
import type { Answer, Call } from '../core/transport/transport.ts';
import { makeNameCheck } from './bank-accounts/name-check.ts';
import { timestamp, type Deps, type Log } from './deps.ts';
import { openKeyring, placeOfKeys } from './identity/keyring.ts';
import { makePasswords } from './identity/passwords.ts';
import { startJobs, type JobSettings } from './jobs/jobs.ts';
import { makePoster } from './ledger/poster.ts';
import { watchEngine, watchPoster } from './ledger/watch-ledger.ts';
import { perform, type Caller } from './perform.ts';
import { makeRates } from './rates.ts';
import { openEngine } from './store/engine/open.ts';
import type { Watch } from './watch/watch.ts';

export type Settings = JobSettings & {
  /** `sqlite:PATH`. */
  readonly databaseUrl: string;
  /** The origin that links in mails point to. */
  readonly publicUrl: string;
  /** The file with the keys that seal secrets; beside an embedded database unless given. */
  readonly keysPath?: string;
  /** The address that is asked for the names of bank accounts: `https://…`. */
  readonly nameCheckUrl?: string;
  /** Where rates of exchange are fetched from. */
  readonly ratesUrl?: string;
  readonly log?: Log;
  /** Opens the database; `openEngine` when not given. Tests put faults in between here. */
  readonly open?: typeof openEngine;
  readonly now?: () => number;
  /** Sees what is done, to count it or to trace it. */
  readonly watch?: Watch;
};

export type Service = {
  /** Performs one call; throws a Refusal for every expected no. */
  readonly perform: (call: Call, caller: Caller) => Promise<Answer>;
  /** Says in the lock of an embedded database who holds it. */
  readonly announce: (holder: { what: string; url?: string }) => void;
  /** Whether the database answers. */
  readonly ready: () => Promise<boolean>;
  /**
   * Gives why, once this service must not go on (see Fuse): from then on it takes no calls, and whoever runs it for others
   * ends the process, so that another one begins anew.
   */
  readonly failed: Promise<Error>;
  /** Finishes the jobs that are due, unless it has failed, and closes the database. */
  readonly close: () => Promise<void>;
  readonly deps: Deps;
  readonly watch?: Watch;
};

/** Opens the whole service on its database. Throws `database_held`, `database_newer`, `database_damaged`. */
export async function openService(settings: Settings): Promise<Service> {
  const { watch } = settings;
  const opened = await (settings.open ?? openEngine)(settings.databaseUrl);
  const engine = watch ? watchEngine(opened, watch) : opened;
  const now = settings.now ?? Date.now;
  const poster = makePoster(engine, () => timestamp(now()));
  const log = settings.log ?? { info: () => undefined, error: () => undefined };
  const { nameCheckUrl } = settings;
  const deps: Deps = {
    engine,
    poster: watch ? watchPoster(poster, watch) : poster,
    passwords: makePasswords(),
    keyring: openKeyring(placeOfKeys(settings)),
    now,
    newId: makeIdMaker(now, randomBytes),
    random: randomBytes,
    log,
    nameCheck:
      nameCheckUrl === undefined
        ? undefined
        : makeNameCheck(nameCheckUrl, (code) => log.error('name_check_failed', { code })),
    publicUrl: settings.publicUrl,
    ratesUrl: settings.ratesUrl,
  };
  const rates = makeRates(now);
  const jobs = startJobs(deps, settings);
  const failed = engine.fuse.blown.then((why) => {
    deps.log.error('service_failed', { stack: why.stack ?? String(why) });
    return why;
  });
  return {
    deps,
    ...(watch ? { watch } : {}),
    perform: async (call, caller) => {
      const work = () => perform(deps, call, caller, rates);
      try {
        return await (watch ? watch.useCase(call.operation, work) : work());
      } finally {
        // A refusal may have something to tell by mail too.
        jobs.wake();
      }
    },
    announce: engine.announce,
    ready: async () => (await engine.one<{ one: bigint }>('SELECT 1 AS one'))?.one === 1n,
    failed,
    close: async () => {
      await jobs.stop();
      await engine.close();
    },
  };
}

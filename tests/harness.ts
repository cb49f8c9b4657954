import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { simpleParser } from 'mailparser';
import { describe, expect } from 'vitest';
import { OkpayClient } from '../src/core/client.ts';
import type { Input, OperationName, Output } from '../src/core/contract/operations.ts';
import type { Transport } from '../src/core/transport/transport.ts';
import { openService, type Service, type Settings } from '../src/service/app.ts';
import type { Deps, Log } from '../src/service/deps.ts';
import { serve, type Served, type ServeSettings } from '../src/service/http/serve.ts';
import { openSqlite } from '../src/service/store/engine/sqlite/open.ts';
import { makePasswords } from '../src/service/identity/passwords.ts';
import { authenticator, type Authenticator } from './authenticator.ts';
import { dropDatabase, newDatabase } from './shared-postgres.ts';

/** A database under test. */
export type EngineUnderTest = {
  readonly name: 'sqlite' | 'postgres';
  /** The URL of a new and empty one, which may use the folder. */
  readonly makeUrl: (folder: string) => Promise<string>;
  /** Lets go of what is not in the folder. */
  readonly discard: (url: string) => Promise<void>;
};

const ENGINES: readonly [EngineUnderTest, ...EngineUnderTest[]] = [
  {
    name: 'sqlite',
    makeUrl: async (folder) => {
      const path = join(folder, 'okpay.db');
      writeFileSync(path, await (emptyFile ??= makeEmptyFile()), { flag: 'wx', mode: 0o600 });
      return `sqlite:${path}`;
    },
    discard: async () => undefined,
  },
  { name: 'postgres', makeUrl: newDatabase, discard: dropDatabase },
];

let emptyFile: Promise<Buffer> | undefined;

/** A file that has the tables already: making them takes longer than many a test. */
async function makeEmptyFile(): Promise<Buffer> {
  const folder = mkdtempSync(join(tmpdir(), 'okpay-empty-'));
  const path = join(folder, 'okpay.db');
  await (await openSqlite({ path })).close();
  const bytes = readFileSync(path);
  rmSync(folder, { recursive: true });
  return bytes;
}

/** Declares the same tests for every database. */
export function eachEngine(tests: (engine: EngineUnderTest) => void): void {
  for (const engine of ENGINES) describe(engine.name, () => tests(engine));
}

/** A mail that was written to the outbox folder, read back by a mail program's parser. */
export type CaughtMail = {
  /** `verify`, `already-registered`, `welcome`, `done`, `new-device`. */
  readonly kind: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  /** The typed code and the link's token, when the mail has them. */
  readonly code: string | undefined;
  readonly token: string | undefined;
};

export type LogLine = { readonly event: string; readonly [field: string]: string | number };

/** Somebody who is logged in. */
export type Holder = {
  readonly id: string;
  readonly email: string;
  readonly displayName: string;
  readonly password: string;
  readonly token: string;
  /** Calls as this user, from the console of the machine. */
  readonly client: OkpayClient;
};

export type Harness = {
  readonly engine: EngineUnderTest;
  /** Changes with `reopen`. */
  readonly service: Service;
  readonly databaseUrl: string;
  readonly outboxDirectory: string;
  /** What the service logged so far; unexpected errors are shown as well. */
  readonly logged: readonly LogLine[];
  /** The held clock, in Unix milliseconds: it moves only here. */
  readonly clock: { now: () => number; advance: (ms: number) => void };
  /** A client with this token, or none. `console: false` calls like somebody from the network. */
  readonly client: (token?: string, options?: { console?: boolean }) => OkpayClient;
  /** A call of anyone, from the console. */
  readonly call: <Name extends OperationName>(name: Name, input: Input<Name>) => Promise<Output<Name>>;
  /** The mails written so far, oldest first. */
  readonly mails: () => Promise<CaughtMail[]>;
  /** Waits for the next mail to an address that this did not give before; of a new device only when asked for. */
  readonly nextMail: (to: string, kind?: string) => Promise<CaughtMail>;
  /** Registers, verifies and logs in: `holder('alice')` is alice@example.com. */
  readonly holder: (name: string, extra?: { phone?: string; displayName?: string }) => Promise<Holder>;
  /** Turns on the second factor of somebody who is logged in; that session began without one. */
  readonly enableFactor: (token: string, password?: string) => Promise<Authenticator>;
  /** A member of staff, with a second factor; the first one is bootstrapped as an administrator. */
  readonly staff: (role?: 'viewer' | 'support' | 'senior' | 'admin') => Promise<Holder>;
  /** Logs in, with a code where `enableFactor` or `staff` turned a factor on. */
  readonly logIn: (email: string, password?: string) => Promise<Output<'log-in'>>;
  /** Has the whole ledger derived again and expects it sound: the end of every test that moved money. */
  readonly audit: () => Promise<Output<'verify-ledger'>>;
  /** Serves over HTTP on the loopback address until the harness is closed. */
  readonly serve: (settings?: Partial<ServeSettings>) => Promise<Served>;
  /** Closes the service and opens it again on the same database. */
  readonly reopen: () => Promise<void>;
  readonly close: () => Promise<void>;
};

export type HarnessOptions = {
  readonly engine?: EngineUnderTest;
  /** Where the held clock starts, in Unix milliseconds. */
  readonly startAt?: number;
  /** More settings for the service, such as a mail server. */
  readonly settings?: Partial<Settings>;
  /** Parts to put in the place of the real ones; passwords are cheap to hash unless given. */
  readonly deps?: Partial<Deps>;
};

export const PASSWORD = 'correct horse battery staple';
const PUBLIC_URL = 'http://127.0.0.1:7227';
const ROOT = 'root@example.com';
const START_AT = Date.parse('2026-03-02T09:00:00.000Z');
const MAIL_WAIT_MS = 20_000;
/** As cheap as argon2 allows: for tests of other things than the hash. */
const CHEAP = { memoryKib: 8, passes: 1 };

/** Opens a real service on a new database with a held clock, and mail caught as files. Close it after the test. */
export async function openHarness(options: HarnessOptions = {}): Promise<Harness> {
  const engine = options.engine ?? ENGINES[0];
  const folder = mkdtempSync(join(tmpdir(), 'okpay-test-'));
  const databaseUrl = await engine.makeUrl(folder);
  const outboxDirectory = join(folder, 'outbox');
  let nowMs = options.startAt ?? START_AT;
  const logged: LogLine[] = [];
  const log: Log = {
    info: (event, fields = {}) => void logged.push({ ...fields, event }),
    error: (event, fields = {}) => {
      logged.push({ ...fields, event });
      if (event === 'unexpected' || event === 'jobs_failed') console.error(event, fields['stack']);
    },
  };
  const open = async () => {
    const service = await openService({
      databaseUrl,
      outboxDirectory,
      publicUrl: PUBLIC_URL,
      keysPath: join(folder, 'okpay.keys'),
      now: () => nowMs,
      log,
      ...options.settings,
    });
    // The service hands these very deps to every use-case.
    Object.assign(service.deps, { passwords: makePasswords(CHEAP), ...options.deps });
    return service;
  };
  let service = await open();

  const client: Harness['client'] = (token, { console = true } = {}) => {
    const transport: Transport = {
      place: databaseUrl,
      call: (call) => service.perform(call, { console }),
      close: async () => undefined,
    };
    return new OkpayClient(transport, token);
  };
  const call: Harness['call'] = (name, input) => client().call(name, input);
  const factors = new Map<string, Authenticator>();
  const logIn: Harness['logIn'] = (email, password = PASSWORD) => {
    const code = factors.get(email)?.next(nowMs);
    return call('log-in', { email, password, ...(code === undefined ? {} : { code }) });
  };
  const enableFactor: Harness['enableFactor'] = async (token, password = PASSWORD) => {
    const its = client(token);
    const { user } = await its.call('get-me', {});
    const { secret } = await its.call('begin-second-factor', { password });
    const code = authenticator(secret).codeAt(nowMs);
    const { recoveryCodes } = await its.call('enable-second-factor', { code });
    const app = authenticator(secret, { used: Math.floor(nowMs / 30_000), recoveryCodes });
    factors.set(user.email, app);
    return app;
  };
  const become = async (email: string): Promise<Holder> => {
    const { token, user } = await logIn(email);
    const { id, displayName } = user;
    return { id, email, displayName, password: PASSWORD, token, client: client(token) };
  };

  const mails = async (): Promise<CaughtMail[]> => Promise.all(fileNames(outboxDirectory).map(readMail));
  // A mail never changes, and parsing one takes longer than many a call.
  const read = new Map<string, Promise<CaughtMail>>();
  const readMail = (name: string): Promise<CaughtMail> => {
    let mail = read.get(name);
    if (!mail) read.set(name, (mail = parseMail(name, readFileSync(join(outboxDirectory, name)))));
    return mail;
  };
  const servers: Served[] = [];
  const given = new Set<string>();
  const nextMail: Harness['nextMail'] = async (to, kind) => {
    for (const deadline = Date.now() + MAIL_WAIT_MS; Date.now() < deadline;) {
      for (const name of fileNames(outboxDirectory)) {
        if (given.has(name)) continue;
        const mail = await readMail(name);
        // Mails of new devices come with every login.
        if (mail.to !== to || (kind === undefined ? mail.kind === 'new-device' : mail.kind !== kind))
          continue;
        given.add(name);
        return mail;
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    throw new Error(`no ${kind ?? ''} mail to ${to} within ${MAIL_WAIT_MS} ms`);
  };

  const holder: Harness['holder'] = async (name, extra = {}) => {
    const email = `${name}@example.com`;
    const displayName = extra.displayName ?? `${name.charAt(0).toUpperCase()}${name.slice(1)} Example`;
    const { registration } = await call('register', { ...extra, email, displayName, password: PASSWORD });
    const { code } = await nextMail(email, 'verify');
    await call('verify-email', { registration, code: code ?? '' });
    return become(email);
  };

  let root: Holder | undefined;
  const staff: Harness['staff'] = async (role = 'admin') => {
    if (!factors.has(ROOT)) {
      await call('bootstrap-staff', { email: ROOT, displayName: 'Root Example', password: PASSWORD });
      await enableFactor((await logIn(ROOT)).token);
    }
    // A session of staff does not outlast a clock that was moved.
    const isIn = await root?.client.call('get-me', {}).catch(() => undefined);
    const admin = (root = isIn && root ? root : await become(ROOT));
    if (role === 'admin') return admin;
    const { email } = await holder(`${role}${given.size}`);
    await admin.client.call('add-staff', { email, role });
    await enableFactor((await logIn(email)).token);
    return become(email);
  };

  return {
    engine,
    get service() {
      return service;
    },
    databaseUrl,
    outboxDirectory,
    logged,
    clock: { now: () => nowMs, advance: (ms) => void (nowMs += ms) },
    client,
    call,
    mails,
    nextMail,
    holder,
    enableFactor,
    staff,
    logIn,
    audit: async () => {
      const { client: auditor } = await staff();
      const found = await auditor.call('verify-ledger', {});
      expect(found.findings).toEqual([]);
      expect(found.sound).toBe(true);
      return found;
    },
    serve: async (settings = {}) => {
      const server = await serve(service, {
        host: '127.0.0.1',
        port: 0,
        publicUrl: PUBLIC_URL,
        behindProxy: false,
        ...settings,
      });
      servers.push(server);
      return server;
    },
    reopen: async () => {
      await service.close();
      service = await open();
    },
    close: async () => {
      await Promise.all(servers.map((server) => server.stop()));
      await service.close();
      await engine.discard(databaseUrl);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Names of the mails, which sort by time. */
function fileNames(directory: string): string[] {
  try {
    return readdirSync(directory)
      .filter((name) => name.startsWith('mal_'))
      .sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

async function parseMail(name: string, bytes: Buffer): Promise<CaughtMail> {
  const mail = await simpleParser(bytes);
  const text = mail.text ?? '';
  return {
    kind: name.split('.')[1] ?? '',
    to: [mail.to ?? []]
      .flat()
      .map((to) => to.text)
      .join(', '),
    subject: mail.subject ?? '',
    text,
    code: /okpay (?:verify|unlock|password reset|email confirm) (\S+)/.exec(text)?.[1],
    token: /\/(?:verify|unlock|reset)\?token=(\S+)/.exec(text)?.[1],
  };
}

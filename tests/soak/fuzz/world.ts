import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { OkpayClient } from '../../../src/core/client.ts';
import { timestamp } from '../../../src/service/deps.ts';
import { tokenHashOf } from '../../../src/service/identity/authenticate.ts';
import { makeSessionToken } from '../../../src/service/identity/codes.ts';
import { makeRoomForSession } from '../../../src/service/identity/end-sessions.ts';
import { insertSession } from '../../../src/service/store/sessions.ts';
import { setRole } from '../../../src/service/store/users.ts';
import { PASSWORD, type Harness, type Holder } from '../../harness.ts';
import { dailyXml } from '../../service/exchange/rates-file.ts';
import { makeMemory } from './memory.ts';
import type { Who } from './requests.ts';
import type { Answer } from './sender.ts';
import type { Lookup, Wire } from './wire.ts';

/** People of every rank and what they have, so that requests can be theirs and about it. */
export type World = Lookup & {
  /** Remembers what an answer tells: things that are there now, and whose session has ended. */
  readonly learn: (wire: Wire, answer: Answer) => void;
  /** Lets whoever lost their session in again. */
  readonly revive: () => Promise<void>;
  /** Moves the clock on and sets right what many requests wear out: money, ranks, fees, codes. */
  readonly tend: () => Promise<void>;
  /** The administrator, as a client. */
  readonly admin: () => OkpayClient;
};

/** Somebody who can be called as. */
type Person = { readonly id: string; readonly email: string; readonly rank: string; token: string };

const TEND_EVERY_MS = 20_000;
const DAY_MS = 86_400_000;
const HOLDERS = ['alice', 'bob', 'carol', 'dave'];
const STAFF = ['viewer', 'support', 'senior', 'admin'] as const;
const RANKS: readonly string[] = ['holder', ...STAFF];
/** What each holder is paid in every time, by currency. */
const MONEY = { EUR: '500.00', JPY: '50000', KWD: '500.000' };
/** What a euro is worth. */
const RATES = { JPY: '160.25', KWD: '0.3345', USD: '1.0832' };
const AMOUNTS = ['0.01', '1', '2', '12.50', '100', '0.001'];
const CURRENCY_FIELDS = ['currency', 'from', 'receive', 'one', 'other'];
const AMOUNT_FIELDS = ['amount', 'maximumFee', 'fixed', 'minimum', 'maximum'];

/** Makes the people. */
export async function makeWorld(harness: Harness): Promise<World> {
  const memory = makeMemory();
  const people: Person[] = [];
  const meet = ({ id, email, token }: Holder, rank: string) => people.push({ id, email, token, rank });
  for (const name of HOLDERS) meet(await harness.holder(name), 'holder');
  for (const rank of STAFF) meet(await harness.staff(rank), rank);
  const lost = new Set<Person>();
  for (const amount of AMOUNTS) for (const field of AMOUNT_FIELDS) memory.remember(field, amount);
  for (const value of Object.values(RATES)) memory.remember('rate', value);

  const personOf = (who: Who): Person | undefined => {
    if (typeof who === 'string') return undefined;
    const able = people.filter(({ rank }) => RANKS.indexOf(rank) >= RANKS.indexOf(who.rank));
    return able[Math.floor(who.pick * able.length) % able.length];
  };
  const callerOf = ({ headers }: Wire): Person | undefined => {
    const header = headers.find(([name]) => name === 'authorization')?.[1];
    return people.find(({ token }) => header === `Bearer ${token}`);
  };
  // Not by a login: whatever people did to passwords, factors, addresses and each other, the requests go on.
  const revive = async () => {
    for (const person of lost) person.token = await sessionOf(harness, person.id);
    lost.clear();
  };
  return {
    admin: () => adminOf(harness, people),
    revive,
    tend: async () => {
      harness.clock.advance(TEND_EVERY_MS);
      const { engine } = harness.service.deps;
      for (const { id, rank } of people)
        if (rank !== 'holder') await engine.transact((tx) => setRole(tx, id, rank));
      for (const person of people) lost.add(person);
      await revive();
      const client = adminOf(harness, people);
      for (const currency of Object.keys(MONEY))
        await client.call('set-fee', { kind: 'transfer', currency, basisPoints: 10 });
      memory.remember('application/octet-stream', await takeRates(harness, client));
      for (const xml of await payIn(harness, people)) memory.remember('application/xml', xml);
      for (const { to, code } of takeMails(harness.outboxDirectory)) memory.learnCode(to, code);
      const { items } = await client.call('list-suspense', { state: 'open' });
      for (const { transfer } of items) memory.remember('transfer', transfer, '/v1/admin/suspense');
      for (const currency of Object.keys(MONEY))
        for (const field of CURRENCY_FIELDS) memory.remember(field, currency);
      for (const { email, id } of people) {
        for (const name of ['email', 'to', 'with']) memory.remember(name, email);
        memory.remember('to', id);
      }
    },
    header: (who) => {
      if (who === 'nobody') return undefined;
      const learned = { name: 'token', pick: 0, mine: false, otherwise: 'x' };
      return `Bearer ${personOf(who)?.token ?? memory.find(learned)}`;
    },
    known: (known, call, who, chosen) => {
      if (known.name === 'password') return known.mine ? PASSWORD : known.otherwise;
      const code = memory.codeOf(chosen.get('registration') ?? '');
      if (known.name === 'code' && code !== undefined) return code;
      return memory.find(known, call, personOf(who)?.id);
    },
    learn: (wire, answer) => {
      const caller = callerOf(wire);
      if ('failed' in answer) return;
      if (answer.status === 401 && caller) lost.add(caller);
      if (answer.status !== 200) return;
      const isJson = String(answer.headers['content-type']).startsWith('application/json');
      const key = wire.headers.find(([name]) => name === 'Idempotency-Key')?.[1];
      memory.learn(isJson ? JSON.parse(answer.text) : undefined, wire.call, caller?.id ?? '');
      memory.learn({ 'Idempotency-Key': key, key }, wire.call, caller?.id ?? '');
    },
  };
}

/** Begins a session with a second factor for somebody; gives its token. */
async function sessionOf({ service, clock }: Harness, userId: string): Promise<string> {
  const { newId, random, engine } = service.deps;
  const token = makeSessionToken(random);
  const now = clock.now();
  const session = { id: newId('session'), userId, device: 'fuzz', withFactor: true };
  const times = { createdAt: timestamp(now), expiresAt: timestamp(now + DAY_MS) };
  const by = { user: userId, role: undefined, address: undefined, console: true, device: session.device };
  await engine.transact(async (tx) => {
    await makeRoomForSession(tx, service.deps, by, userId);
    await insertSession(tx, { ...session, ...times, tokenHash: tokenHashOf(token) });
  });
  return token;
}

/** The administrator among them, as a client. */
function adminOf(harness: Harness, people: readonly Person[]): OkpayClient {
  return harness.client(people.find(({ rank }) => rank === 'admin')?.token);
}

/** Takes rates of yesterday in; gives the file, to be sent again. */
async function takeRates({ clock }: Harness, client: OkpayClient): Promise<string> {
  const yesterday = timestamp(clock.now() - DAY_MS).slice(0, 10);
  const file = dailyXml(yesterday, RATES);
  await client.call('import-rates', {}, { body: bytes(file) });
  return file;
}

/** Pays money in for every holder, and some for nobody known; gives statements of as much more that are not booked. */
async function payIn(harness: Harness, people: readonly Person[]): Promise<string[]> {
  const client = adminOf(harness, people);
  const holders = people.filter(({ rank }) => rank === 'holder');
  const waiting: string[] = [];
  for (const [currency, amount] of Object.entries(MONEY)) {
    const references = await Promise.all(
      holders.map(({ token }) => harness.client(token).call('get-deposit-instructions', {})),
    );
    const named = [...references.map(({ reference }) => reference), 'for whoever'];
    const credits = named.map((reference) => ({ reference, amount: { amount, currency } }));
    const played = await harness.call('play-bank', { credits });
    for (const { xml } of played.files) await client.call('import-statement', {}, { body: bytes(xml) });
    const next = await harness.call('play-bank', { credits, state: played.state });
    waiting.push(...next.files.map(({ xml }) => xml));
  }
  return waiting;
}

/** The codes of the mails that were written, which are taken away. */
function takeMails(folder: string): { to: string; code: string }[] {
  // A file that is still being written has another name.
  const names = readdirSync(folder).filter((name) => name.startsWith('mal_'));
  return names.flatMap((name) => {
    const path = join(folder, name);
    const mail = readFileSync(path, 'utf8');
    rmSync(path);
    const to = /^To: <?([^<>\r\n]+)>?/m.exec(mail)?.[1];
    const code = /okpay verify (\S+)/.exec(mail)?.[1];
    return to === undefined || code === undefined ? [] : [{ to, code }];
  });
}

/** A text as a stream of bytes. */
export async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

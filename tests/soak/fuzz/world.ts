import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ID_PREFIXES } from '../../../src/core/contract/ids.ts';
import { setRole } from '../../../src/service/store/users.ts';
import { PASSWORD, type Harness, type Holder } from '../../harness.ts';
import type { Call } from './document.ts';
import type { Who } from './requests.ts';
import type { Answer } from './sender.ts';
import type { Lookup, Wire } from './wire.ts';

/** Somebody who can be called as. */
type Person = { readonly email: string; readonly rank: string; id: string; token: string };
/** A text that was answered to somebody, or is for everybody. */
type Told = { readonly text: string; readonly to: string };

/** People and things there are, so that requests can be about them. */
export type World = Lookup & {
  /** Remembers what an answer tells: things that were done, and whose session has ended. */
  readonly learn: (wire: Wire, answer: Answer) => void;
  /** Lets whoever lost their session in again. */
  readonly revive: () => Promise<void>;
  /** Moves the clock on and sets right what many requests wear out: money, ranks, fees, codes. */
  readonly tend: () => Promise<void>;
};

/** How many texts are remembered of each name and path. */
const MEMORY = 300;
const TEND_EVERY_MS = 20_000;
/** Names of fields under which a text of another name fits too. */
const ALSO: Readonly<Record<string, readonly string[]>> = {
  to: ['email', 'user', 'name'],
  with: ['email', 'user', 'name'],
  id: ['transfer', 'quote', 'instance', 'key'],
  cursor: ['nextCursor'],
  payee: ['payee', 'name'],
  'Idempotency-Key': ['key'],
};
const HOLDERS = ['alice', 'bob', 'carol', 'dave'];
const RANKS = ['viewer', 'support', 'senior', 'admin'] as const;
const MONEY = { EUR: '500.00', JPY: '50000', KWD: '500.000' };
const AMOUNTS = ['0.01', '1', '2', '12.50', '100', '0.001'];

/** Makes people of every rank, and the money and files they need. */
export async function makeWorld(harness: Harness): Promise<World> {
  /** By the name of its field, and by the path of the operation that told it. */
  const told = new Map<string, Map<string, Told[]>>();
  /** By registration, the code of its newest mail. */
  const codes = new Map<string, string>();
  const registrations = new Map<string, string>();
  const lost = new Set<Person>();

  const remember = (name: string, text: string, to = '', under = '') => {
    const places = told.get(name) ?? new Map<string, Told[]>();
    const all = places.get(under) ?? [];
    told.set(name, places.set(under, all));
    all.push({ text, to });
    if (all.length > MEMORY) all.shift();
  };
  const toldOf = (name: string, under?: string): Told[] =>
    [...(told.get(name) ?? [])].flatMap(([place, all]) =>
      under === undefined || place === under ? all : [],
    );
  const asPerson = ({ id, email, token }: Holder, rank: string): Person => ({ id, email, token, rank });
  const people: Person[] = [];
  for (const name of HOLDERS) people.push(asPerson(await harness.holder(name), 'holder'));
  for (const rank of RANKS) people.push(asPerson(await harness.staff(rank), rank));
  const atLeast = (rank: string) => {
    const ranks = ['holder', ...RANKS];
    return people.filter((person) => ranks.indexOf(person.rank) >= ranks.indexOf(rank));
  };
  const personOf = (who: Who) =>
    typeof who === 'object' && 'rank' in who ? at(atLeast(who.rank), who.pick) : undefined;
  const callerOf = ({ headers }: Wire) => {
    const header = headers.find(([name]) => name === 'authorization')?.[1];
    return people.find(({ token }) => header === `Bearer ${token}`);
  };
  const admin = async () => (await harness.staff()).client;

  const credit = async () => {
    const { client } = await harness.staff('admin');
    const holders = people.filter(({ rank }) => rank === 'holder');
    for (const [currency, amount] of Object.entries(MONEY)) {
      const references = await Promise.all(
        holders.map(({ token }) => harness.client(token).call('get-deposit-instructions', {})),
      );
      const credits = [...references, { reference: 'for whoever' }].map(({ reference }) => ({
        reference,
        amount: { amount, currency },
      }));
      const [booked, waiting] = await Promise.all(
        [credits, credits].map((credits) => harness.call('write-bank-statement', { credits })),
      );
      await client.call('import-statement', {}, { body: bytes(booked?.xml ?? '') });
      remember('application/xml', waiting?.xml ?? '');
      remember('currency', currency);
    }
  };

  const readMails = () => {
    for (const name of readdirSync(harness.outboxDirectory)) {
      const path = join(harness.outboxDirectory, name);
      const mail = readFileSync(path, 'utf8');
      rmSync(path);
      const registration = registrations.get(/^To: <?([^<>\r\n]+)>?/m.exec(mail)?.[1] ?? '');
      const code = /okpay verify (\S+)/.exec(mail)?.[1];
      if (registration === undefined || code === undefined) continue;
      codes.set(registration, code);
      // The newest is picked most.
      remember('registration', registration, '', '/v1/registrations');
    }
  };

  const revive = async () => {
    for (const person of lost) person.token = (await harness.logIn(person.email)).token;
    lost.clear();
  };

  const tend = async () => {
    harness.clock.advance(TEND_EVERY_MS);
    const { engine } = harness.service.deps;
    for (const person of people.filter(({ rank }) => rank !== 'holder'))
      await engine.transact((tx) => setRole(tx, person.id, person.rank));
    for (const person of people) lost.add(person);
    await revive();
    const client = await admin();
    for (const currency of Object.keys(MONEY))
      await client.call('set-fee', { kind: 'transfer', currency, basisPoints: 10 });
    await credit();
    readMails();
    const { items } = await client.call('list-suspense', { state: 'open' });
    for (const { transfer } of items) remember('transfer', transfer, '', '/v1/admin/suspense');
    for (const { email, id } of people) {
      for (const name of ['email', 'to', 'with']) remember(name, email);
      remember('to', id);
    }
  };

  for (const amount of AMOUNTS)
    for (const name of ['amount', 'maximumFee', 'fixed', 'minimum', 'maximum']) remember(name, amount);
  return {
    tend,
    revive,
    header: (who) => {
      if (who === 'nobody') return undefined;
      if (who === 'learned') return `Bearer ${at(toldOf('token'), 0.9)?.text ?? 'x'}`;
      if ('header' in who) return who.header;
      return `Bearer ${personOf(who)?.token ?? 'x'}`;
    },
    known: (known, call, who, chosen) => {
      if (known.name === 'password') return known.mine ? PASSWORD : known.otherwise;
      const code = codes.get(chosen.get('registration') ?? '');
      if (known.name === 'code' && code !== undefined) return code;
      const caller = personOf(who)?.id;
      const isFor = ({ to }: Told) => !known.mine || to === '' || to === caller;
      const of = (names: readonly string[], under?: string) =>
        names.flatMap((name) => toldOf(name, under)).filter(isFor);
      const also = ALSO[known.name] ?? [];
      // Things of this place, such as what waits in suspense, come before the many others of their name.
      const found = [of([known.name], placeOf(call)), of([known.name]), of(also)].find(
        (all) => all.length > 0,
      );
      return (
        at(known.mine ? (found ?? []) : of([known.name, ...also]), 1 - known.pick ** 2)?.text ??
        known.otherwise
      );
    },
    learn: (wire, answer) => {
      const caller = callerOf(wire);
      if ('failed' in answer) return;
      if (answer.status === 401 && caller) lost.add(caller);
      if (answer.status !== 200 || !String(answer.headers['content-type']).startsWith('application/json'))
        return;
      const under = placeOf(wire.call);
      const visit = (value: unknown) => {
        if (typeof value !== 'object' || value === null) return;
        const { registration, email } = value as { registration?: string; email?: string };
        if (registration !== undefined && email !== undefined) registrations.set(email, registration);
        for (const [name, inner] of Object.entries(value)) {
          // Facts repeat what was asked for, also when there is no such thing.
          if (name === 'facts') continue;
          if (typeof inner !== 'string') visit(inner);
          else if (name === 'id') remember(nounOf(inner), inner, caller?.id, under);
          // What a thing refers to is older than itself: a quote that was used, a transfer that was assigned.
          else if (!('id' in value) || name !== nounOf(inner)) remember(name, inner, caller?.id, under);
        }
      };
      visit(JSON.parse(answer.text));
      const key = wire.headers.find(([name]) => name === 'Idempotency-Key')?.[1];
      if (key !== undefined) remember('key', key, caller?.id, under);
    },
  };
}

/** What an id is an id of. */
function nounOf(id: string): string {
  const nouns = Object.entries(ID_PREFIXES) as [string, string][];
  return nouns.find(([, prefix]) => id.startsWith(`${prefix}_`))?.[0] ?? '';
}

/** Where an operation's things are: `/v1/quotes` of `/v1/quotes/{quote}`. */
function placeOf({ path }: Call): string {
  return path.split('/{')[0] ?? path;
}

/** The item at a share of a list, from 0 to 1. */
function at<T>(list: readonly T[], share: number): T | undefined {
  return list[Math.min(list.length - 1, Math.floor(share * list.length))];
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

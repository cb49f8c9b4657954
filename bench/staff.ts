/**
 * Whether what staff read costs the same however large the wallet is: the searches, how an account stands, its story, a
 * transfer and its trace, with a million transfers of a hundred thousand holders against a thousand of a hundred: as a
 * call over HTTP costs, with the record it writes, and of that the reading alone, inside the service. Takes some minutes:
 * `npm run bench:staff`, or `node bench/staff.ts [transfers] [holders]`.
 */
import { once } from 'node:events';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { networkTransport } from '../src/core/transport/network.ts';
import { timestamp, type Deps } from '../src/service/deps.ts';
import { tokenHashOf } from '../src/service/identity/authenticate.ts';
import { makeDepositReference } from '../src/service/identity/deposit-reference.ts';
import { perform } from '../src/service/perform.ts';
import { insertRecord } from '../src/service/store/audit-log.ts';
import { insertCase, insertCaseMessage } from '../src/service/store/cases.ts';
import type { Writer } from '../src/service/store/engine/engine.ts';
import { insertNote } from '../src/service/store/notes.ts';
import { insertPayee } from '../src/service/store/payees.ts';
import { insertSentMails } from '../src/service/store/sent-mails.ts';
import { insertSession } from '../src/service/store/sessions.ts';
import { setRole } from '../src/service/store/users.ts';
import { anyOf, makeBook, randomPayment, type Book } from './book.ts';
import { serve } from './http-bench.ts';
import { machine, median, record, round } from './results.ts';

const SMALL = { transfers: 1_000, holders: 100 };
const BUSY = 25;
const CALLS = 400;
const AT_ONCE = 1_000;
/** Transfers in the time in which an amount is looked for. */
const LOOK = 1_000;
const MOST = { timesSmall: 1.5 };
const RANDOM = (count: number) => crypto.getRandomValues(new Uint8Array(count));

const large = {
  transfers: Number(process.argv[2] ?? 1_000_000),
  holders: Number(process.argv[3] ?? 100_000),
};
const folder = mkdtempSync(join(tmpdir(), 'okpay-staff-'));

type Person = { id: string; email: string; phone: string; reference: string; payee: string };
type Filled = {
  readonly path: string;
  readonly book: Book;
  readonly people: Record<'ordinary' | 'busy', readonly Person[]>;
  /** Of these holders, some transfers. */
  readonly transfers: Record<'ordinary' | 'busy', readonly string[]>;
  /** A time with so many transfers in it, and one in which so many accounts were opened. */
  readonly since: string;
  readonly openedUntil: string;
  readonly token: string;
};

/** A wallet of a size: half of its payments are between a few busy holders, and everybody has a past. */
async function fill(file: string, { transfers, holders }: typeof SMALL): Promise<Filled> {
  const path = join(folder, file);
  const from = performance.now();
  const book = await makeBook(path, holders + BUSY);
  const groups = { busy: book.holders.slice(0, BUSY), ordinary: book.holders.slice(BUSY) };
  const made: Record<'ordinary' | 'busy', string[]> = { ordinary: [], busy: [] };
  let since = '';
  for (let done = 0; done < transfers; done += AT_ONCE) {
    if (transfers - done <= LOOK) since = timestamp(Date.now());
    const payments = Array.from({ length: AT_ONCE }, (_, at) => {
      const group = at % 2 === 0 ? 'busy' : 'ordinary';
      const payment = randomPayment({ ...book, holders: groups[group] });
      if (Math.random() < 2_000 / transfers) made[group].push(payment.id);
      return payment;
    });
    await Promise.all(payments.map(book.poster.post));
  }
  const everybody: Person[] = [];
  for (let at = 0; at < book.holders.length; at += AT_ONCE) {
    await book.engine.transact(async (tx) => {
      for (const [place, id] of book.holders.slice(at, at + AT_ONCE).entries())
        everybody.push(await liveThrough(tx, book, id, at + place));
    });
  }
  // Nobody waits for these notices.
  await book.engine.transact((tx) => tx.run('DELETE FROM outbox'));
  const token = await hire(book);
  const [first] = await book.engine.all<{ id: string; at: string }>(
    'SELECT id, created_at AS at FROM users ORDER BY id LIMIT 1',
  );
  const seconds = ((performance.now() - from) / 1_000).toFixed(0);
  console.log(
    `${file}: ${transfers} transfers, ${holders} holders in ${seconds} s, ${(statSync(path).size / 2 ** 20).toFixed(0)} MiB`,
  );
  return {
    path,
    book,
    people: { busy: everybody.slice(0, BUSY), ordinary: everybody.slice(BUSY) },
    transfers: made,
    since,
    openedUntil: timestamp(Date.parse(first?.at ?? '') + 2),
    token,
  };
}

/** Gives a holder what a story is made of: logins, mails, a note, a case, a session, a payee. */
async function liveThrough(tx: Writer, { newId, holders }: Book, id: string, at: number): Promise<Person> {
  const now = timestamp(Date.now());
  const person = {
    id,
    email: `holder-${at}@example.com`,
    phone: `+49151${String(at).padStart(8, '0')}`,
    reference: makeDepositReference(RANDOM),
    payee: `Landlord ${at}`,
  };
  await tx.run('UPDATE users SET phone = ?, deposit_reference = ? WHERE id = ?', [
    person.phone,
    person.reference,
    id,
  ]);
  await insertPayee(tx, {
    id: newId('payee'),
    owner: id,
    name: person.payee,
    recipient: holders[0] ?? '',
    createdAt: now,
  });
  await insertSession(tx, {
    id: newId('session'),
    userId: id,
    tokenHash: `hash-${id}`,
    device: 'bench',
    createdAt: now,
    expiresAt: '2999-01-01T00:00:00.000Z',
  });
  const about = {
    at: now,
    actor: id,
    actorRole: null,
    subject: id,
    object: null,
    reason: null,
    device: 'laptop',
    network: '203.0.113.0/24',
    facts: '{}',
  };
  for (let time = 0; time < 5; time++)
    await insertRecord(tx, { ...about, id: newId('record'), action: 'login-done' });
  const note = newId('note');
  await insertNote(tx, {
    id: note,
    userId: id,
    author: holders[0] ?? '',
    text: 'Called, was friendly',
    createdAt: now,
  });
  await insertRecord(tx, {
    ...about,
    id: newId('record'),
    action: 'note-added',
    actor: holders[0] ?? '',
    actorRole: 'support',
    object: note,
  });
  const which = newId('case');
  await insertCase(tx, {
    id: which,
    userId: id,
    title: 'Help',
    assignedTo: null,
    openedBy: id,
    openedAt: now,
  });
  const message = {
    id: newId('message'),
    caseId: which,
    author: id,
    fromStaff: 0n,
    text: 'Where is it?',
    proofHash: null,
    createdAt: now,
  };
  await insertCaseMessage(tx, message);
  await insertRecord(tx, {
    ...about,
    id: newId('record'),
    action: 'case-opened',
    object: which,
    facts: JSON.stringify({ message: message.id }),
  });
  await insertSentMails(
    tx,
    Array.from({ length: 3 }, () => {
      const mail = newId('mail');
      return {
        id: mail,
        userId: id,
        kind: 'done',
        subject: 'You received 5.00 EUR',
        address: 'h•••@example.com',
        event: newId('event'),
        proofHash: mail,
        sentAt: now,
      };
    }),
  );
  return person;
}

/** Makes the first holder one of the staff, and logs them in. */
async function hire({ engine, newId, holders: [staff = ''] }: Book): Promise<string> {
  const token = newId('session');
  const [createdAt, expiresAt] = [timestamp(Date.now()), '2999-01-01T00:00:00.000Z'];
  await engine.transact(async (tx) => {
    await setRole(tx, staff, 'support');
    await insertSession(tx, {
      id: newId('session'),
      userId: staff,
      tokenHash: tokenHashOf(token),
      device: 'bench',
      createdAt,
      expiresAt,
      withFactor: true,
    });
  });
  return token;
}

type Group = 'ordinary' | 'busy';
type Call = {
  readonly name: string;
  readonly operation: Parameters<typeof perform>[1]['operation'];
  readonly input: (filled: Filled, group: Group) => object;
};

const reason = 'the figures';
const search = (name: string, what: (person: Person, filled: Filled, group: Group) => object): Call => ({
  name: `search ${name}`,
  operation: 'search-accounts',
  input: (filled, group) => ({ reason, ...what(anyOf(filled.people[group]), filled, group) }),
});
const timeline = (name: string, more: object): Call => ({
  name: `timeline${name}`,
  operation: 'look-at-timeline',
  input: ({ people }, group) => ({ reason, holder: anyOf(people[group]).id, limit: 20, ...more }),
});

const CALLED: readonly Call[] = [
  search('email', ({ email }) => ({ email })),
  search('phone', ({ phone }) => ({ phone })),
  search('id', ({ id }) => ({ id })),
  search('payee', ({ payee }) => ({ payee })),
  search('reference', ({ reference }) => ({ reference })),
  search('transfer', (_, { transfers }, group) => ({ transfer: anyOf(transfers[group]) })),
  search('amount', (_, { since }) => ({
    amount: {
      amount: `${1 + Math.floor(Math.random() * 9)}.${10 + Math.floor(Math.random() * 90)}`,
      currency: 'EUR',
    },
    since,
  })),
  search('time', (_, { openedUntil }) => ({ until: openedUntil, limit: 20 })),
  timeline('', {}),
  timeline(' mails', { kind: 'mail' }),
  timeline(' transfers', { kind: 'transfer' }),
  timeline(' as of', { asOf: timestamp(Date.now() + 86_400_000) }),
  {
    name: 'show',
    operation: 'look-at-account',
    input: ({ people }, group) => ({ reason, holder: anyOf(people[group]).id }),
  },
  {
    name: 'transfer',
    operation: 'look-at-transfer',
    input: ({ transfers }, group) => ({ reason, transfer: anyOf(transfers[group]) }),
  },
  {
    name: 'trace',
    operation: 'trace-transfer',
    input: ({ transfers }, group) => ({ reason, transfer: anyOf(transfers[group]), depth: 2 }),
  },
];
/** What the figure is promised for; how far a trace has to look is a matter of what was paid. */
const isPromised = (name: string) => !name.startsWith('trace');

type Ask = (call: Call, input: object) => Promise<unknown>;

/** The median time of each call in microseconds, small wallet and large wallet in turn. */
async function compare(wallets: readonly { filled: Filled; ask: Ask }[], group: Group) {
  const times = wallets.map(() => new Map(CALLED.map(({ name }) => [name, [] as number[]])));
  for (let at = 0; at < CALLS; at++) {
    for (const call of CALLED) {
      for (const [which, { filled, ask }] of wallets.entries()) {
        const input = call.input(filled, group);
        const from = performance.now();
        await ask(call, input);
        times[which]?.get(call.name)?.push((performance.now() - from) * 1_000);
      }
    }
  }
  return CALLED.map(({ name }) => {
    const [before = 0, after = 0] = times.map((each) => median(each.get(name) ?? []));
    return {
      call: name,
      holders: group,
      microseconds: round(after, 1),
      small: round(before, 1),
      times: round(after / before),
    };
  });
}

/** Asks the service in this process; nothing it would record is written, so that what is left is the reading. */
function askInside({ book, token }: Filled): Ask {
  const { engine } = book;
  const still = { run: async () => 0, all: engine.all, one: engine.one };
  const deps = {
    ...book,
    engine: {
      ...engine,
      transact: async <T>(work: (tx: Writer) => Promise<T>) => work(still),
    },
    now: Date.now,
    random: RANDOM,
    log: { info: () => {}, error: console.error },
  } as unknown as Deps;
  return ({ operation }, input) => perform(deps, { operation, token, input }, { console: true });
}

async function report(filled: readonly Filled[]): Promise<void> {
  const inside = filled.map((each) => ({ filled: each, ask: askInside(each) }));
  const reading = [...(await compare(inside, 'ordinary')), ...(await compare(inside, 'busy'))];
  const served = [];
  for (const each of filled) {
    await each.book.engine.close();
    const { server, url } = await serve(`sqlite:${each.path}`, join(folder, 'home'));
    const transport = networkTransport(url);
    const ask: Ask = ({ operation }, input) => transport.call({ operation, token: each.token, input });
    const end = async () => {
      await transport.close();
      server.kill('SIGTERM');
      await once(server, 'exit');
    };
    served.push({ filled: each, ask, end });
  }
  const overHttp = [...(await compare(served, 'ordinary')), ...(await compare(served, 'busy'))];
  for (const { end } of served) await end();

  console.log(
    `What staff read, with ${large.transfers} transfers of ${large.holders} holders against ${SMALL.transfers} of ${SMALL.holders}, on ${machine()}`,
  );
  const show = (rows: typeof reading, where: string) => {
    for (const { call, holders, microseconds, small, times } of rows)
      console.log(
        `${call.padEnd(18)}${holders.padEnd(10)}${where.padEnd(11)}${small} -> ${microseconds} us  ${times}x${isPromised(call) ? `  (at most ${MOST.timesSmall}x)` : ''}`,
      );
  };
  show(reading, 'reading');
  show(overHttp, 'over HTTP');
  record('staff', { ...large, against: SMALL, most: MOST, overHttp, reading });
  const isTooMuch = overHttp.some(({ call, times }) => isPromised(call) && times > MOST.timesSmall);
  console.log(isTooMuch ? 'TOO MUCH' : 'ok');
  if (isTooMuch) process.exitCode = 1;
}

try {
  await report([await fill('small.db', SMALL), await fill('large.db', large)]);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

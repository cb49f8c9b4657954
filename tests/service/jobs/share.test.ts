import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeIdMaker } from '../../../src/core/contract/ids.ts';
import { openService, type Service } from '../../../src/service/app.ts';
import { timestamp, type Deps } from '../../../src/service/deps.ts';
import { openKeyring } from '../../../src/service/identity/keyring.ts';
import { makePasswords } from '../../../src/service/identity/passwords.ts';
import { startJobs, type Jobs } from '../../../src/service/jobs/jobs.ts';
import { makeShare, type Share } from '../../../src/service/jobs/share.ts';
import { makePoster } from '../../../src/service/ledger/poster.ts';
import { openEngine } from '../../../src/service/store/engine/open.ts';
import type { Engine } from '../../../src/service/store/engine/engine.ts';
import { sqliteClaims } from '../../../src/service/store/engine/sqlite/claims.ts';
import { insertEvent } from '../../../src/service/store/outbox.ts';
import { dropDatabase, newDatabase } from '../../shared-postgres.ts';
import { openMailServer, type MailServer } from '../../mail-server.ts';

const LEASE_MS = 600;
const LATER = '2099-01-01T00:00:00.000Z';

/** Three nodes on one PostgreSQL, whose own clocks differ by an hour. */
describe('nodes on one PostgreSQL', () => {
  let folder: string;
  let url: string;
  let engines: Engine[];
  let nodes: Deps[];
  const closing: (() => Promise<unknown>)[] = [];

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'okpay-share-'));
    url = await newDatabase();
    engines = await Promise.all([1, 2, 3].map(() => openEngine(url)));
    nodes = engines.map((engine, at) => depsOn(engine, at * 3_600_000));
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
    await Promise.all(engines.map((engine) => engine.close()));
    await dropDatabase(url);
    rmSync(folder, { recursive: true, force: true });
  });

  function depsOn(engine: Engine, ahead: number): Deps {
    const now = () => Date.now() + ahead;
    return {
      engine,
      poster: makePoster(engine, () => timestamp(now())),
      passwords: makePasswords(),
      keyring: openKeyring(undefined),
      now,
      newId: makeIdMaker(now, randomBytes),
      random: randomBytes,
      log: { info: () => undefined, error: () => undefined },
      nameCheck: undefined,
      publicUrl: 'https://pay.example.org',
    };
  }

  const node = (at: number): Deps => nodes[at] as Deps;
  const put = (count: number, prefix = 'mal') =>
    node(0).engine.transact(async (tx) => {
      for (let at = 0; at < count; at++)
        await insertEvent(tx, {
          id: `${prefix}_${String(at).padStart(4, '0')}`,
          kind: 'mail.verify',
          payload: JSON.stringify({
            email: `holder${at}@example.com`,
            code: 'ABCD-EFGH',
            token: 'x'.repeat(32),
            expiresAt: LATER,
          }),
          runAt: timestamp(Date.now()),
        });
    });
  const left = async () => (await node(0).engine.all('SELECT id FROM outbox')).length;
  const start = (at: number, mail: MailServer): Jobs => {
    const jobs = startJobs(node(at), { outboxDirectory: folder, smtpUrl: mail.url, leaseMs: LEASE_MS });
    closing.push(() => jobs.stop());
    return jobs;
  };
  const rest = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

  it('never have the same event at once', async () => {
    await put(300);
    const shares = nodes.map((deps) => makeShare(deps, 60_000));
    const taken = await Promise.all(
      Array.from({ length: 30 }, (_, at) => (shares[at % 3] as Share).takeEvents(10)),
    );
    const owners = new Map<string, Set<number>>();
    taken.forEach((events, at) =>
      events.forEach(({ id }) => owners.set(id, (owners.get(id) ?? new Set()).add(at % 3))),
    );
    expect(owners.size).toBeGreaterThan(0);
    expect([...owners.values()].filter((of) => of.size > 1)).toEqual([]);
  });

  it('send every mail once while all are well', async () => {
    const mail = await openMailServer();
    closing.push(mail.close);
    await put(600);
    [0, 1, 2].forEach((at) => start(at, mail));
    await expect.poll(left, { timeout: 20_000 }).toBe(0);
    expect(mail.taken).toHaveLength(600);
    expect(new Set(mail.taken.map(({ id }) => id)).size).toBe(600);
  });

  it('positive control: without claims they send the same', async () => {
    const mail = await openMailServer();
    closing.push(mail.close);
    await put(600);
    nodes = nodes.map((deps) => ({
      ...deps,
      engine: { ...deps.engine, claims: sqliteClaims(deps.engine) },
    }));
    [0, 1, 2].forEach((at) => start(at, mail));
    await expect.poll(left, { timeout: 20_000 }).toBe(0);
    expect(mail.taken.length).toBeGreaterThan(600);
    expect(new Set(mail.taken.map(({ id }) => id)).size).toBe(600);
  });

  it('take over what a node had that died, when its lease has ended, and under the same id', async () => {
    await put(5);
    const died = await makeShare(node(2), LEASE_MS).takeEvents(5);
    expect(died).toHaveLength(5);
    const share = makeShare(node(0), LEASE_MS);
    expect(await share.takeEvents(5)).toEqual([]);
    await rest(LEASE_MS + 50);
    expect((await share.takeEvents(5)).map(({ id }) => id)).toEqual(died.map(({ id }) => id));
  });

  it('find by themselves what a node left that died', async () => {
    const mail = await openMailServer();
    closing.push(mail.close);
    await put(5);
    await makeShare(node(2), LEASE_MS).takeEvents(5);
    start(0, mail);
    await expect.poll(left, { timeout: 10_000 }).toBe(0);
    expect(mail.taken).toHaveLength(5);
  });

  it('keep what they work on for longer than a lease', async () => {
    await put(5);
    const slow = makeShare(node(0), LEASE_MS);
    await slow.takeEvents(5);
    await slow.keepWhile(async () => {
      await rest(LEASE_MS * 2.5);
      expect(await makeShare(node(1), LEASE_MS).takeEvents(5)).toEqual([]);
    });
  });

  it('give back what they have when they stop', async () => {
    await put(5);
    const leaving = makeShare(node(0), 60_000);
    await leaving.takeEvents(5);
    expect(await leaving.takeWork('expire-holds')).toBe(true);
    const other = makeShare(node(1), 60_000);
    expect(await other.takeEvents(5)).toEqual([]);
    expect(await other.takeWork('expire-holds')).toBe(false);
    await leaving.giveBack();
    expect(await other.takeEvents(5)).toHaveLength(5);
    expect(await other.takeWork('expire-holds')).toBe(true);
  });

  it('keep a piece of work that only one may do, until it is given back or its lease ends', async () => {
    const [first, second] = [makeShare(node(0), LEASE_MS), makeShare(node(1), LEASE_MS)];
    const both = await Promise.all([first.takeWork('expire-holds'), second.takeWork('expire-holds')]);
    expect(both.toSorted()).toEqual([false, true]);
    const owner = both[0] ? first : second;
    const other = both[0] ? second : first;
    expect(await owner.takeWork('expire-holds')).toBe(true);
    await rest(LEASE_MS + 50);
    expect(await other.takeWork('expire-holds')).toBe(true);
    expect(await owner.takeWork('expire-holds')).toBe(false);
  });

  it('let a hold expire once', async () => {
    const account = {
      name: 'holder:usr_bob:EUR',
      kind: 'holder',
      owner: 'usr_bob',
      currency: 'EUR',
      floor: null,
    } as const;
    for (let at = 0; at < 250; at++)
      void node(0).poster.post({
        id: `trf_${at}`,
        initiator: 'usr_bob',
        key: { owner: 'usr_bob', key: `hold-${at}`, fingerprint: '' },
        entries: [],
        makeHolds: [
          { id: `hld_${at}`, account, amount: 5n, reason: 'x', expiresAt: timestamp(Date.now() + 300) },
        ],
      });
    const mail = await openMailServer();
    closing.push(mail.close);
    await rest(400);
    [0, 1, 2].forEach((at) => start(at, mail));
    const states = () => node(0).engine.all('SELECT state, COUNT(*) AS count FROM holds GROUP BY state');
    await expect.poll(states, { timeout: 10_000 }).toEqual([{ state: 'expired', count: 250n }]);
    expect(await node(0).engine.one('SELECT held FROM accounts')).toEqual({ held: 0n });
    expect(
      await node(0).engine.one("SELECT COUNT(*) AS count FROM idempotency WHERE owner = 'system:expiry'"),
    ).toEqual({ count: 250n });
  });

  it('start and stop without losing anything, under the same ids', async () => {
    const mail = await openMailServer();
    closing.push(mail.close);
    await put(400);
    const services: Service[] = [];
    for (let round = 0; round < 6; round++) {
      services.push(
        await openService({
          databaseUrl: url,
          outboxDirectory: folder,
          smtpUrl: mail.url,
          publicUrl: 'https://pay.example.org',
          leaseMs: LEASE_MS,
        }),
      );
      await rest(20);
      if (round % 2 === 1) await services.shift()?.close();
    }
    await expect.poll(left, { timeout: 20_000 }).toBe(0);
    await Promise.all(services.map((service) => service.close()));
    expect(new Set(mail.taken.map(({ id }) => id)).size).toBe(400);
  });
});

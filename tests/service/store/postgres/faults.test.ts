import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { holderAccount } from '../../../../src/service/ledger/accounts.ts';
import type { Intent } from '../../../../src/service/ledger/intent.ts';
import type { PostgresOptions } from '../../../../src/service/store/engine/postgres/open.ts';
import { startPostgres, type PostgresServer } from '../../../postgres.ts';
import { deposit, send } from '../../ledger/new-book.ts';
import { balanceOf, findings, openNode, tally, times, word, type Node } from './nodes.ts';
import { startProxy, type Link, type Proxy } from './proxy.ts';

/** A server of its own, whose commits reach the disk: it is cut, stopped and killed here. */
let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres({ fsync: true, settings: { recovery_init_sync_method: 'syncfs' } });
});
afterAll(() => server.stop());

let count = 0;
let url: string;
let proxy: Proxy;
/** By way of the proxy. */
let node: Node;
/** Straight to the server. */
let witness: Node;
const open = async (options: Omit<PostgresOptions, 'url'> = {}) => openNode({ url: proxy.url, ...options });
beforeEach(async () => {
  url = await server.createDatabase(`faults_${++count}`);
  proxy = await startProxy(url);
  node = await open();
  witness = await openNode({ url });
  await witness.post(deposit(witness, 'alice', 1_000_000n));
});
afterEach(async () => {
  expect(await findings(witness)).toEqual([]);
  await Promise.all([node.engine.close(), witness.engine.close()]);
  await proxy.stop();
  await server.dropDatabase(`faults_${count}`);
});

const bob = holderAccount('bob', 'EUR');
/** What the book says of a key, without posting it. */
const settled = async (intent: Intent) => {
  const row = await witness.engine.one<{ id: string; refusal: string | null }>(
    'SELECT id, refusal FROM idempotency WHERE key = ? AND owner = ?',
    [intent.key.key, intent.key.owner],
  );
  return row && (row.refusal === null ? row.id : 'refused');
};
const isCommit = (bytes: Buffer) => bytes.includes('COMMIT\0');
/** Lets the first COMMIT of the lane do this, and everything else through. */
const atCommit = (act: (bytes: Buffer, link: Link) => Buffer | undefined) => {
  let acted = false;
  proxy.rules.toServer = (bytes, link) => {
    if (acted || !isCommit(bytes)) return bytes;
    acted = true;
    return act(bytes, link);
  };
};

const untilUp = async () => {
  for (;;) {
    try {
      return await server.ask('SELECT 1');
    } catch {
      await sleep(20);
    }
  }
};

describe('a connection that breaks (ASVS V16.5.2, V16.5.3)', () => {
  test('before a batch is unknown to nobody: the batch goes over a new one', async () => {
    expect(await word(node.post(send(node, 'alice', 'bob', 1n)))).toBe('done');
    proxy.cutAll();
    expect(await word(node.post(send(node, 'alice', 'bob', 1n)))).toBe('done');
    expect(await balanceOf(node, bob)).toBe(2n);
  });

  test('while its locks are asked for: the batch goes over a new one', async () => {
    let cuts = 0;
    proxy.rules.toServer = (bytes, link) => {
      if (cuts === 2 || !bytes.includes('FOR UPDATE')) return bytes;
      cuts += 1;
      return void link.cut();
    };
    const intent = send(node, 'alice', 'bob', 1n);
    expect(await word(node.post(intent))).toBe('done');
    expect([cuts, await settled(intent), await balanceOf(node, bob)]).toEqual([2, intent.id, 1n]);
  });

  test('when COMMIT is sent and never arrives: unknown, and it was not done', async () => {
    atCommit((_bytes, link) => void link.cut());
    const intent = send(node, 'alice', 'bob', 1n);
    expect(await word(node.post(intent))).toBe('outcome_unknown');
    expect(await settled(intent)).toBeUndefined();
    // The same key again settles it: now it is done, once.
    expect(await node.post(intent)).toMatchObject({ state: 'done', replayed: false });
    expect(await balanceOf(node, bob)).toBe(1n);
  });

  test('when COMMIT has arrived and its answer is lost: unknown, and it was done', async () => {
    atCommit((bytes, link) => {
      proxy.rules.toClient = (answer) => void (isCommit(answer) && link.cut());
      return bytes;
    });
    const intent = send(node, 'alice', 'bob', 1n);
    expect(await word(node.post(intent))).toBe('outcome_unknown');
    proxy.rules.toClient = (bytes) => bytes;
    expect(await node.post(intent)).toMatchObject({ state: 'done', id: intent.id, replayed: true });
    expect(await balanceOf(node, bob)).toBe(1n);
  });

  test('at the COMMIT of an ordinary transaction: unknown', async () => {
    atCommit((_bytes, link) => void link.cut());
    const writing = node.engine.transact((tx) =>
      tx.run('INSERT INTO outbox (id, kind, payload, run_at) VALUES (?, ?, ?, ?)', [
        'evt_1',
        'x',
        '{}',
        'now',
      ]),
    );
    await expect(writing).rejects.toMatchObject({ code: 'outcome_unknown' });
    expect(await witness.engine.all('SELECT id FROM outbox')).toEqual([]);
  });

  test('while nothing is asked ends no process, and the next question goes over a new one', async () => {
    await Promise.all(times(10, () => node.engine.one('SELECT 1')));
    proxy.cutAll();
    expect(await node.engine.one('SELECT 1 AS one')).toEqual({ one: 1n });
    await sleep(20);
    proxy.cutAll();
    await sleep(20);
    expect(await node.engine.transact((tx) => tx.one('SELECT 1 AS one'))).toEqual({ one: 1n });
  });

  test('and cannot be made again: nothing happened, and that is known', async () => {
    await proxy.stop();
    expect(await word(node.post(send(node, 'alice', 'bob', 1n)))).toBe('service_unreachable');
    await expect(node.engine.one('SELECT 1')).rejects.toMatchObject({ code: 'service_unreachable' });
    await expect(node.engine.transact((tx) => tx.one('SELECT 1'))).rejects.toMatchObject({
      code: 'service_unreachable',
    });
    await expect(node.engine.openSnapshot()).rejects.toMatchObject({ code: 'service_unreachable' });
    proxy = await startProxy(url);
  });
});

describe('a commit', () => {
  test('that comes with a warning is unknown', async () => {
    // As PostgreSQL does when a wait for the synchronous standby is cancelled.
    await witness.engine.transact(async (tx) => {
      await tx.run(`CREATE FUNCTION warn() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN RAISE WARNING ''it may not have been replicated''; RETURN NULL; END'`);
      await tx.run(`CREATE CONSTRAINT TRIGGER warns AFTER INSERT ON transfers DEFERRABLE INITIALLY DEFERRED
        FOR EACH ROW EXECUTE FUNCTION warn()`);
    });
    const intent = send(node, 'alice', 'bob', 1n);
    expect(await word(node.post(intent))).toBe('outcome_unknown');
    expect(await node.post(intent)).toMatchObject({ state: 'done', replayed: true });
    // Unlike SQLite: its key has just told what became of it, so the node goes on.
    expect(node.engine.fuse.isBlown()).toBe(false);
  });

  test('that is answered ROLLBACK, as a statement had failed, is a failure: nothing was written', async () => {
    const intent = send(node, 'alice', 'bob', 1n);
    const unseen = { ...node.engine, post: blind(node.engine) };
    const { makePoster } = await import('../../../../src/service/ledger/poster.ts');
    const poster = makePoster(unseen, () => new Date().toISOString());
    await expect(poster.post({ ...intent, ...payment(intent, 2_000_000n) })).rejects.toThrow(
      /check constraint/,
    );
    expect(await settled(intent)).toBeUndefined();
    expect(await word(node.post(send(node, 'alice', 'bob', 1n)))).toBe('done');
  });

  describe('that waits for a standby that is not there', () => {
    const standby = async (name: string) => {
      await server.ask(`ALTER SYSTEM SET synchronous_standby_names = '${name}'`);
      await server.ask('SELECT pg_reload_conf()');
      await sleep(200);
    };
    beforeEach(async () => {
      await node.engine.close();
      node = await open({ commitMs: 300, turnMs: 300, loadMs: 300 });
      await word(node.post(send(node, 'alice', 'bob', 1n)));
      await standby('nobody');
    });
    afterEach(() => standby(''));

    test('is unknown after a while, goes on, and is done when the standby comes', async () => {
      const intent = send(node, 'alice', 'bob', 10n);
      expect(await word(node.post(intent))).toBe('outcome_unknown');
      // Nothing is decided behind it, and that nothing happened to the others is certain.
      const later = times(3, () => send(node, 'alice', 'bob', 100n));
      for (const each of later) expect(await word(node.post(each))).toBe('busy');
      expect(await settled(intent)).toBeUndefined();
      await standby('');
      expect(await node.post(intent)).toMatchObject({ state: 'done', id: intent.id, replayed: true });
      expect(await Promise.all(later.map(settled))).toEqual([undefined, undefined, undefined]);
      expect(await balanceOf(node, bob)).toBe(11n);
    });

    test('and is cancelled there by somebody, which PostgreSQL calls a success, is unknown', async () => {
      await node.engine.close();
      node = await open({ commitMs: 5_000 });
      const intent = send(node, 'alice', 'bob', 10n);
      const posting = word(node.post(intent));
      for (let done = false; !done; await sleep(20)) {
        const rows = await server.ask<{ cancelled: boolean }>(
          `SELECT pg_cancel_backend(pid) AS cancelled FROM pg_stat_activity WHERE wait_event = 'SyncRep'`,
        );
        done = rows.length > 0;
      }
      expect(await posting).toBe('outcome_unknown');
      await standby('');
      expect(await node.post(intent)).toMatchObject({ state: 'done', replayed: true });
    });
  });
});

/** How often the server is killed at the most until somebody notices. */
const MOST_ROUNDS = 8;

describe('under load', () => {
  type Told = { intent: Intent; said: string };
  /** Posts payments until told to stop; gives each with what became of it, and puts it into `told` as it goes. */
  const load = async (nodes: readonly Node[], isOver: () => boolean, told: Told[] = []) => {
    await Promise.all(
      times(16, async (at) => {
        const on = nodes[at % nodes.length] as Node;
        while (!isOver()) {
          const intent = send(on, 'alice', `to${at % 5}`, 1n);
          const said = await word(on.post(intent));
          told.push({ intent, said });
          if (said !== 'done') await sleep(5);
        }
      }),
    );
    return told;
  };
  /** Every answer was true, and every unknown one is settled by its key, once. */
  const check = async (told: readonly Told[]) => {
    const words = new Set(told.map(({ said }) => said));
    expect(
      [...words].filter((said) => !['done', 'outcome_unknown', 'service_unreachable', 'busy'].includes(said)),
    ).toEqual([]);
    for (const { intent, said } of told) {
      const key = await settled(intent);
      if (said === 'done') expect(key).toBe(intent.id);
      else if (said === 'outcome_unknown') {
        expect([intent.id, undefined]).toContain(key);
        expect(await witness.post(intent)).toMatchObject({
          state: 'done',
          id: intent.id,
          replayed: key !== undefined,
        });
      } else expect(key).toBeUndefined();
    }
    const done = told.filter(({ said }) => said === 'done' || said === 'outcome_unknown').length;
    const row = await witness.engine.one('SELECT COUNT(*) AS count FROM transfers');
    expect(row).toEqual({ count: BigInt(done + 1) });
    return words;
  };

  test('with the lane’s session ended on the server again and again, every answer is true', async () => {
    let over = false;
    const loading = load([node, witness], () => over);
    let ended = 0;
    for (let round = 0; round < 60; round++) {
      await sleep(15);
      const rows = await server.ask(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'faults_${count}' AND query ~ 'COMMIT|transfers|FOR UPDATE'`,
      );
      ended += rows.length;
    }
    over = true;
    const told = await loading;
    expect(ended).toBeGreaterThan(10);
    expect(told.length).toBeGreaterThan(100);
    await check(told);
  });

  test('with connections cut at any moment, every answer is true, and some are unknown', async () => {
    let over = false;
    const loading = load([node], () => over);
    for (let round = 0; round < 100; round++) {
      await sleep(Math.random() * 15);
      proxy.cutAll();
    }
    over = true;
    expect(await check(await loading)).toContain('outcome_unknown');
  });

  test('with the whole server killed and recovering, every answer is true', async () => {
    const committing = async (): Promise<number | undefined> => {
      const sql = `SELECT pid FROM pg_stat_activity WHERE datname = 'faults_${count}' AND query ~ 'COMMIT' LIMIT 1`;
      return (await server.ask<{ pid: number }>(sql))[0]?.pid;
    };
    let over = false;
    const told: Told[] = [];
    const loading = load([node, witness], () => over, told);
    // Whoever asked may have been told already, or was asked again: whether a kill is noticed depends on the moment.
    const isNoticed = () => told.some(({ said }) => said !== 'done');
    for (let round = 0; round < 2 || (round < MOST_ROUNDS && !isNoticed()); round++) {
      await sleep(300);
      await untilUp();
      let lane: number | undefined;
      await expect.poll(async () => (lane = await committing())).toBeTypeOf('number');
      // A backend that dies so takes all sessions with it: the server recovers from its log.
      process.kill(lane ?? Number.NaN, 'SIGKILL');
      await sleep(700);
      await untilUp();
    }
    over = true;
    const words = await check(await loading);
    expect(words.size).toBeGreaterThan(1);
  });
});

describe('too much at once (ASVS V13.1.2)', () => {
  test('beyond the pool and its queue is turned away, and what waits too long too', async () => {
    const small = await open({ poolSize: 1, mostWaiting: 2, connectMs: 200 });
    const { promise: held, resolve: letGo } = Promise.withResolvers<void>();
    const holding = small.engine.transact(async (tx) => {
      await held;
      return tx.one('SELECT 1 AS one');
    });
    await sleep(50);
    const asked = times(4, () =>
      small.engine.one('SELECT 1').then(
        () => 'answered',
        (error: { code: string }) => error.code,
      ),
    );
    expect(await Promise.race([asked[2], asked[0]])).toBe('busy');
    expect(await Promise.all(asked)).toEqual(['busy', 'busy', 'busy', 'busy']);
    letGo();
    expect(await holding).toEqual({ one: 1n });
    expect(await small.engine.one('SELECT 1 AS one')).toEqual({ one: 1n });
    await small.engine.close();
  });

  test('200 clients on a pool of ten: as many wait as may, the others are told 503 at once, none hangs', async () => {
    const small = await open({ poolSize: 10, mostWaiting: 50, connectMs: 20_000 });
    const told: string[] = [];
    await Promise.all(
      times(200, () =>
        small.engine.one('SELECT pg_sleep(0.02)').then(
          () => told.push('answered'),
          (error: { code: string; status: number }) => told.push(`${error.code} ${error.status}`),
        ),
      ),
    );
    const answered = told.filter((each) => each === 'answered');
    expect(told.filter((each) => each === 'busy 503')).toHaveLength(200 - answered.length);
    // Those that have a connection, and those that wait for one.
    expect(answered).toHaveLength(60);
    // Nobody who is turned away waits for those who are not.
    expect(told.slice(0, 140)).not.toContain('answered');
    expect(await small.engine.one('SELECT 1 AS one')).toEqual({ one: 1n });
    await small.engine.close();
  });

  test('an account whose lock somebody keeps makes its batch busy, not hang', async () => {
    await node.engine.close();
    node = await open({ loadMs: 300 });
    await witness.engine.transact(async (tx) => {
      await tx.all('SELECT id FROM accounts WHERE name = ? FOR UPDATE', [holderAccount('alice', 'EUR').name]);
      expect(await tally([node.post(send(node, 'alice', 'bob', 1n))])).toEqual({ busy: 1 });
    });
    expect(await word(node.post(send(node, 'alice', 'bob', 1n)))).toBe('done');
  });

  test('snapshots beyond a few are turned away (ASVS V15.2.2)', async () => {
    const snapshots = await Promise.all(times(4, () => node.engine.openSnapshot()));
    await expect(node.engine.openSnapshot()).rejects.toMatchObject({ code: 'busy' });
    await Promise.all(snapshots.map((snapshot) => snapshot.close()));
    await (await node.engine.openSnapshot()).close();
  });
});

/** As if the rules did not see the floor of an account. */
function blind(engine: Node['engine']): Node['engine']['post'] {
  return (work) =>
    engine.post((store) =>
      work({
        ...store,
        load: async (names) => {
          const state = await store.load(names);
          return { ...state, accounts: state.accounts.map((one) => ({ ...one, floor: null })) };
        },
      }),
    );
}

function payment({ entries, transfer }: Intent, amount: bigint): Pick<Intent, 'entries' | 'transfer'> {
  if (!transfer) return { entries };
  return {
    transfer: { ...transfer, paid: amount, received: amount },
    entries: entries.map((entry) => ({ ...entry, amount: entry.amount < 0n ? -amount : amount })),
  };
}

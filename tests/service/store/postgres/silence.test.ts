import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { showIntent } from '../../../../src/service/ledger/show-intent.ts';
import { startPostgres, type PostgresServer } from '../../../postgres.ts';
import { deposit, send } from '../../ledger/new-book.ts';
import { findings, openNode, times, word, type Node } from './nodes.ts';
import { startProxy, type Proxy } from './proxy.ts';

/** A server of its own: here it is made to wait for a standby that does not exist. */
let server: PostgresServer;
let count = 0;
let proxy: Proxy;
let node: Node;
let witness: Node;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server.stop());
beforeEach(async () => {
  const url = await server.createDatabase(`silence_${++count}`);
  proxy = await startProxy(url);
  const limits = {
    connectMs: 300,
    askMs: 300,
    commitMs: 300,
    turnMs: 300,
    loadMs: 300,
    patienceMs: 3_000,
    poolSize: 3,
  };
  node = await openNode({ url: proxy.url, ...limits });
  witness = await openNode({ url });
  await witness.post(deposit(witness, 'alice', 1_000_000n));
  await word(node.post(send(node, 'alice', 'bob', 1n)));
});
afterEach(async () => {
  expect(await findings(witness)).toEqual([]);
  await Promise.all([node.engine.close(), witness.engine.close()]);
  await proxy.stop();
  await server.dropDatabase(`silence_${count}`);
});

const insert = (of: Node, id: string) =>
  of.engine.transact((tx) =>
    tx.run('INSERT INTO outbox (id, kind, payload, run_at) VALUES (?, ?, ?, ?)', [id, 'x', '{}', 'now']),
  );
const codeOf = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: { code?: string }) => error.code,
  );

describe('a server that says nothing any more (ASVS V16.5.2, V16.5.3)', () => {
  const hush = (after: RegExp) => {
    let silent = false;
    proxy.rules.toServer = (bytes) => {
      silent ||= after.test(bytes.toString('latin1'));
      return bytes;
    };
    proxy.rules.toClient = (bytes) => (silent ? undefined : bytes);
  };
  const unhush = () => {
    proxy.rules.toServer = (bytes) => bytes;
    proxy.rules.toClient = (bytes) => bytes;
  };
  afterEach(unhush);

  test('does not keep anybody who asks', async () => {
    hush(/./);
    const startedAt = performance.now();
    expect(await codeOf(node.engine.one('SELECT 1'))).toBe('service_unreachable');
    expect(performance.now() - startedAt).toBeLessThan(1_000);
  });

  test('keeps no transaction before its commit: nothing happened', async () => {
    hush(/INSERT INTO outbox/);
    expect(await codeOf(insert(node, 'evt_1'))).toBe('service_unreachable');
    unhush();
    expect(await witness.engine.all('SELECT id FROM outbox')).toEqual([]);
    expect(await codeOf(insert(node, 'evt_2'))).toBe('done');
  });

  test('leaves a commit unknown', async () => {
    hush(/COMMIT/);
    expect(await codeOf(insert(node, 'evt_1'))).toBe('outcome_unknown');
    expect(await witness.engine.all('SELECT id FROM outbox')).toEqual([{ id: 'evt_1' }]);
  });
});

describe('a commit that waits for a standby', () => {
  const setStandby = async (name: string) => {
    await server.ask(`ALTER SYSTEM SET synchronous_standby_names = '${name}'`);
    await server.ask('SELECT pg_reload_conf()');
    await sleep(200);
  };
  afterEach(() => setStandby(''));

  test('of an ordinary transaction is unknown after a while, and gives its connection back when it ends', async () => {
    await setStandby('nobody');
    const writing = times(3, (at) => codeOf(insert(node, `evt_${at}`)));
    expect(await Promise.all(writing)).toEqual(times(3, () => 'outcome_unknown'));
    await setStandby('');
    // All three connections of the pool are there again.
    expect(await Promise.all(times(3, () => codeOf(node.engine.one('SELECT pg_sleep(0.1)'))))).toEqual(
      times(3, () => 'done'),
    );
    expect(await witness.engine.all('SELECT id FROM outbox ORDER BY id')).toHaveLength(3);
  });

  test('and is cancelled there can be seen, but nobody is told of it before the standby has it', async () => {
    await setStandby('nobody');
    const intent = send(node, 'alice', 'bob', 10n);
    const posting = word(node.post(intent));
    for (let cancelled = false; !cancelled; await sleep(20)) {
      const rows = await server.ask(
        "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'",
      );
      cancelled = rows.length > 0;
    }
    expect(await posting).toBe('outcome_unknown');
    const { owner, key } = intent.key;
    // PostgreSQL shows it to everybody.
    expect(await witness.engine.one('SELECT id FROM idempotency WHERE key = ?', [key])).toEqual({
      id: intent.id,
    });
    expect(await word(node.post(intent))).toBe('outcome_unknown');
    expect(await codeOf(showIntent(node.engine, owner, key))).toBe('outcome_unknown');
    await setStandby('');
    expect(await codeOf(showIntent(node.engine, owner, key))).toBe('done');
    expect(await node.post(intent)).toMatchObject({ state: 'done', id: intent.id, replayed: true });
  });
});

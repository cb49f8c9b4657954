import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { OkpayClient } from '../../../src/core/client.ts';
import { openService, type Service } from '../../../src/service/app.ts';
import { endSessions } from '../../../src/service/identity/end-sessions.ts';
import { openHarness, PASSWORD, type Harness } from '../../harness.ts';
import { dropDatabase, newDatabase } from '../../shared-postgres.ts';
import { fund } from '../money/wallet.ts';
import { cap, tokenOf } from '../tokens/token-holder.ts';

/** Two more nodes beside the harness's own, on the same PostgreSQL. What one decides, all hold to at the next call. */
let harness: Harness;
let others: Service[];

beforeEach(async () => {
  harness = await openHarness({
    engine: { name: 'postgres', makeUrl: newDatabase, discard: dropDatabase },
  });
  others = await Promise.all(
    [1, 2].map(() =>
      openService({
        databaseUrl: harness.databaseUrl,
        outboxDirectory: harness.outboxDirectory,
        publicUrl: 'http://127.0.0.1:7227',
        keysPath: join(dirname(harness.outboxDirectory), 'okpay.keys'),
        now: harness.clock.now,
      }),
    ),
  );
});
afterEach(async () => {
  await Promise.all(others.map((service) => service.close()));
  await harness.close();
});

/** The same token on every node. */
function everywhere(token?: string): OkpayClient[] {
  return [harness.service, ...others].map(
    (service) =>
      new OkpayClient(
        {
          place: 'node',
          call: (call) => service.perform(call, { console: false }),
          close: async () => undefined,
        },
        token,
      ),
  );
}

const codesOf = async (calls: readonly Promise<unknown>[]) =>
  (await Promise.allSettled(calls)).map((result) =>
    result.status === 'fulfilled' ? 'done' : (result.reason as { code: string }).code,
  );

it('a session that one node ended lets in at none', async () => {
  await harness.holder('alice');
  for (const ending of [0, 1, 2]) {
    const { token } = await harness.logIn('alice@example.com', PASSWORD);
    const clients = everywhere(token);
    expect(await codesOf(clients.map((client) => client.call('get-me', {})))).toEqual([
      'done',
      'done',
      'done',
    ]);
    await clients[ending]?.call('log-out', {});
    expect(await codesOf(clients.map((client) => client.call('get-me', {})))).toEqual(
      Array(3).fill('session_expired'),
    );
  }
});

it('a session that was revoked on one node lets in at none', async () => {
  const { client } = await harness.holder('alice');
  const { token } = await harness.logIn('alice@example.com', PASSWORD);
  const stolen = everywhere(token);
  expect(await codesOf(stolen.map((each) => each.call('get-me', {})))).toEqual(Array(3).fill('done'));
  const { sessions } = await client.call('list-sessions', {});
  const session = sessions.find(({ current }) => !current)?.id ?? '';
  await client.call('revoke-session', { session });
  expect(await codesOf(stolen.map((each) => each.call('get-me', {})))).toEqual(
    Array(3).fill('session_expired'),
  );
});

it('a token that was revoked on one node lets in at none, and its cap is one for all (ASVS V7.4.2, V8.3.2)', async () => {
  const alice = await harness.holder('alice');
  const bob = await harness.holder('bob');
  await fund(harness, alice, '100');
  const { secret, token } = await tokenOf(harness, alice, { caps: [cap('day', '20 EUR')] });
  const clients = everywhere(secret);
  const payments = Array.from({ length: 90 }, (_, at) => {
    const input = { to: bob.email, amount: { amount: '1.00', currency: 'EUR' } };
    return (
      clients[at % 3]?.call('create-transfer', input, { key: `node-${at}` }) ?? Promise.reject(new Error())
    );
  });
  const ends = await codesOf(payments);
  expect(ends.filter((end) => end === 'done')).toHaveLength(20);
  expect(new Set(ends)).toEqual(new Set(['done', 'cap_exceeded']));
  await alice.client.call('revoke-token', { name: token.id });
  expect(await codesOf(clients.map((client) => client.call('get-me', {})))).toEqual(
    Array(3).fill('token_invalid'),
  );
  await harness.audit();
});

it('a scope that was taken from a token on one node is gone at all (ASVS V8.3.2)', async () => {
  const alice = await harness.holder('alice');
  const { secret, token } = await tokenOf(harness, alice, { scopes: ['read', 'payees'] });
  const clients = everywhere(secret);
  const ask = () => codesOf(clients.map((client) => client.call('list-balances', {})));
  expect(await ask()).toEqual(Array(3).fill('done'));
  await harness.service.deps.engine.transact((tx) =>
    tx.run('UPDATE tokens SET scopes = ? WHERE id = ?', ['["payees"]', token.id]),
  );
  expect(await ask()).toEqual(Array(3).fill('scope_insufficient'));
});

it('a role that one node changed counts at every node', async () => {
  const admin = await harness.staff();
  const { email, token: first } = await harness.holder('sara');
  await harness.enableFactor(first);
  const tries = (token: string) =>
    codesOf(everywhere(token).map((client) => client.call('list-suspense', {})));
  const before = await harness.logIn(email);
  expect(await tries(before.token)).toEqual(Array(3).fill('role_insufficient'));
  await admin.client.call('add-staff', { email, role: 'support' });
  expect(await tries(before.token)).toEqual(Array(3).fill('session_expired'));
  const promoted = await harness.logIn(email);
  expect(await tries(promoted.token)).toEqual(Array(3).fill('done'));
  // Straight into the table: the role alone, without the sessions that end with it.
  await harness.service.deps.engine.transact((tx) =>
    tx.run('UPDATE users SET role = NULL WHERE email = ?', [email]),
  );
  expect(await tries(promoted.token)).toEqual(Array(3).fill('role_insufficient'));
});

it('all sessions of a user that one node ended let in at none (ASVS V7.4.2)', async () => {
  const { id, email } = await harness.holder('alice');
  const tokens = [(await harness.logIn(email)).token, (await harness.logIn(email)).token];
  for (const token of tokens)
    expect(await codesOf(everywhere(token).map((client) => client.call('get-me', {})))).toEqual(
      Array(3).fill('done'),
    );
  const { deps } = others[0] as Service;
  const by = { user: 'usr_staff', role: 'senior', address: undefined, console: false, device: undefined };
  const ended = await deps.engine.transact((tx) => endSessions(tx, deps, by, id));
  expect(ended).toHaveLength(3);
  for (const token of tokens)
    expect(await codesOf(everywhere(token).map((client) => client.call('get-me', {})))).toEqual(
      Array(3).fill('session_expired'),
    );
});

it('tries at a door are counted together, whichever node they come to', async () => {
  const { email } = await harness.holder('alice');
  const tries = [];
  for (let at = 0; at < 4; at++)
    tries.push(
      ...(await codesOf(everywhere().map((client) => client.call('log-in', { email, password: 'wrong' })))),
    );
  expect(tries.filter((code) => code === 'credentials_invalid')).toHaveLength(5);
  expect(tries.filter((code) => code === 'too_many_attempts')).toHaveLength(7);
});

import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Input } from '../../../src/core/contract/operations.ts';
import { Refusal } from '../../../src/core/contract/refusals.ts';
import { holderAccount } from '../../../src/service/ledger/accounts.ts';
import { freezeGuard, restrictionGuard } from '../../../src/service/ledger/guards.ts';
import { guardByName, holdById } from '../../../src/service/ledger/read.ts';
import { settleRestrictions } from '../../../src/service/jobs/settle-restrictions.ts';
import { mayFinish } from '../../../src/service/restrictions/may.ts';
import { eachEngine, openHarness, PASSWORD, type Harness, type Holder } from '../../harness.ts';
import { recordsAbout } from '../../../src/service/store/audit-log.ts';
import {
  audit,
  balanceOf,
  fund,
  money,
  newKey,
  performWith,
  person,
  quote,
  refusalOf,
  send,
  type Poster,
} from '../money/wallet.ts';

const HOUR = 3_600_000;
/** Stands for the end of a process in the middle of its work. */
const killed = new Refusal('outcome_unknown');
type Capability = Input<'restrict-account'>['capabilities'][number];

eachEngine((engine) => {
  let harness: Harness;
  let alice: Holder;
  let bob: Holder;
  let support: Holder;
  let senior: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    [alice, bob] = [await person(harness, 'alice'), await person(harness, 'bob')];
    [support, senior] = [
      await person(harness, 'support', 'support'),
      await person(harness, 'senior', 'senior'),
    ];
    await fund(harness, alice, '1000');
  });
  afterEach(async () => {
    await audit(harness);
    await harness.close();
  });

  const restrict = async (
    capability: Capability,
    more: Partial<Input<'restrict-account'>> = {},
    holder: Holder = alice,
  ) => {
    const { restrictions } = await support.client.call('restrict-account', {
      holder: holder.email,
      capabilities: [capability],
      reason: 'the card was reported stolen',
      ...more,
    });
    return restrictions[0]?.id ?? '';
  };
  const lift = (restriction: string, by: Holder = senior) =>
    by.client.call('lift-restriction', { restriction, reason: 'it was found' });
  const guard = async (name: string) => (await guardByName(harness.service.deps.engine, name))?.value ?? 0n;
  const direct = (from: Holder, to: string, amount: string) =>
    from.client.call('create-transfer', { to, amount: money(amount) }, { key: newKey() });

  test('who may not send pays nothing, alone or in a list, with a quote or without (ASVS V8.3.2)', async () => {
    const priced = await quote(alice, bob.email, '1 EUR');
    await restrict('send');
    const refusal = await refusalOf(send(alice, bob.email, '1 EUR'), 'account_restricted');
    expect(refusal.message).not.toContain('stolen');
    await refusalOf(
      alice.client.call('create-transfer', { quote: priced.id }, { key: newKey() }),
      'account_restricted',
    );
    await refusalOf(direct(alice, bob.email, '1 EUR'), 'account_restricted');
    const { results } = await alice.client.call('create-transfers', {
      transfers: [1, 2].map(() => ({ key: newKey(), to: bob.email, amount: money('1 EUR') })),
    });
    expect(results.map(({ problem }) => problem?.code)).toEqual(['account_restricted', 'account_restricted']);
    expect(await balanceOf(alice)).toBe('1000.00 EUR');
  });

  test('positive control: without the guards it pays all the same', async () => {
    await restrict('send');
    const { poster } = harness.service.deps;
    const careless: Poster = {
      ...poster,
      post: (intent) =>
        poster.post({
          ...intent,
          guards: (intent.guards ?? []).filter(({ name }) => !name.startsWith('restricted:')),
        }),
    };
    await performWith(harness, { poster: careless })(alice, {
      operation: 'create-transfer',
      input: { to: bob.email, amount: money('1 EUR') },
      key: newKey(),
    });
    expect(await balanceOf(bob)).toBe('1.00 EUR');
  });

  test('who may not send still receives, and who may not receive still sends', async () => {
    await fund(harness, bob, '10');
    await restrict('send');
    await send(bob, alice.email, '1 EUR');
    await restrict('receive', {}, bob);
    await send(bob, alice.email, '1 EUR');
    expect(await balanceOf(alice)).toBe('1002.00 EUR');
  });

  test('who pays somebody who may not receive is told nothing of why', async () => {
    const restriction = await restrict('receive', {}, bob);
    const refusal = await refusalOf(direct(alice, bob.email, '1 EUR'), 'recipient_unavailable');
    expect(refusal.facts).toEqual({});
    const why = await alice.client.call('explain', { id: refusal.id ?? '' });
    expect(JSON.stringify(why)).not.toMatch(/restrict|stolen/);
    await lift(restriction);
    await direct(alice, bob.email, '1 EUR');
  });

  test('several restrictions of one capability count, and lifting one twice is told', async () => {
    const [first, second] = [await restrict('send'), await restrict('send')];
    expect(await guard(restrictionGuard(alice.id, 'send'))).toBe(2n);
    await lift(first);
    await refusalOf(lift(first), 'restriction_lifted');
    await refusalOf(direct(alice, bob.email, '1 EUR'), 'account_restricted');
    await lift(second);
    expect(await guard(restrictionGuard(alice.id, 'send'))).toBe(0n);
    expect(await guard(freezeGuard(alice.id, 'send'))).toBe(0n);
    await direct(alice, bob.email, '1 EUR');
  });

  test('one ends when its time comes, the other stays', async () => {
    await restrict('send', { expiresAt: new Date(harness.clock.now() + HOUR).toISOString() });
    harness.clock.advance(HOUR - 1);
    await settle();
    await refusalOf(direct(alice, bob.email, '1 EUR'), 'account_restricted');
    harness.clock.advance(1);
    await settle();
    await direct(alice, bob.email, '1 EUR');
    const [newest] = await recordsAbout(harness.service.deps.engine, alice.id, { limit: 1 });
    expect(newest).toMatchObject({ action: 'restriction-expired', actor: 'system:restrictions' });
  });

  test('one that ends before it begins is refused', async () => {
    const refusal = await refusalOf(
      restrict('send', { expiresAt: new Date(harness.clock.now()).toISOString() }),
      'input_invalid',
    );
    expect(refusal.facts['field']).toBe('expiresAt');
  });

  const settle = () => settleRestrictions(harness.service.deps, async () => true);

  test('whoever restricts is cut off between row and guard: the job brings the guard', async () => {
    const { poster } = harness.service.deps;
    const dies: Poster = { ...poster, post: () => Promise.reject(killed) };
    await performWith(harness, { poster: dies })(support, {
      operation: 'restrict-account',
      input: { holder: alice.id, capabilities: ['send'], reason: 'x' },
    }).catch(() => undefined);
    await settle();
    await refusalOf(direct(alice, bob.email, '1 EUR'), 'account_restricted');
    await settle();
    expect(await guard(restrictionGuard(alice.id, 'send'))).toBe(1n);

    const [row] = await harness.service.deps.engine.all<{ id: string }>('SELECT id FROM restrictions');
    await performWith(harness, { poster: dies })(senior, {
      operation: 'lift-restriction',
      input: { restriction: row?.id, reason: 'x' },
    }).catch(() => undefined);
    await settle();
    expect(await guard(restrictionGuard(alice.id, 'send'))).toBe(0n);
    await direct(alice, bob.email, '1 EUR');
  });

  test('cut off after the guard and before the row says so: it is counted once', async () => {
    const { poster } = harness.service.deps;
    const dies: Poster = {
      ...poster,
      post: async (intent) => {
        await poster.post(intent);
        throw killed;
      },
    };
    await performWith(harness, { poster: dies })(support, {
      operation: 'restrict-account',
      input: { holder: alice.id, capabilities: ['send'], reason: 'x' },
    }).catch(() => undefined);
    expect(await guard(restrictionGuard(alice.id, 'send'))).toBe(1n);
    await settle();
    expect(await guard(restrictionGuard(alice.id, 'send'))).toBe(1n);
  });

  describe('what is in flight', () => {
    let hold: string;
    beforeEach(async () => {
      const { deps } = harness.service;
      hold = deps.newId('hold');
      const outcome = await deps.poster.post({
        id: hold,
        initiator: alice.id,
        key: { owner: alice.id, key: hold, fingerprint: 'x' },
        entries: [],
        makeHolds: [
          {
            id: hold,
            account: holderAccount(alice.id, 'EUR'),
            amount: 5_000n,
            reason: 'test',
            expiresAt: null,
          },
        ],
      });
      expect(outcome.state).toBe('done');
    });
    const stateOfHold = async () => (await holdById(harness.service.deps.engine, hold))?.state;
    const take = async () => {
      const { deps } = harness.service;
      const [from, to] = [holderAccount(alice.id, 'EUR'), holderAccount(bob.id, 'EUR')];
      const id = deps.newId('transfer');
      const outcome = await deps.poster.post({
        id,
        initiator: bob.id,
        key: { owner: bob.id, key: id, fingerprint: 'x' },
        guards: [mayFinish(from, 'send')],
        resolveHolds: [{ id: hold, account: from, as: 'posted', amount: 5_000n }],
        transfer: { kind: 'transfer', from, to, paid: 5_000n, fee: 0n, received: 5_000n },
        entries: [
          { account: from, amount: -5_000n },
          { account: to, amount: 5_000n },
        ],
      });
      return outcome.state === 'refused' ? outcome.refusal.code : outcome.state;
    };

    test('stays, and cannot be finished, when it is frozen', async () => {
      const restriction = await restrict('send');
      expect(await take()).toBe('account_restricted');
      expect(await stateOfHold()).toBe('pending');
      await lift(restriction);
      expect(await take()).toBe('done');
    });

    test('may be finished when that is said', async () => {
      await restrict('send', { inFlight: 'finish' });
      expect(await take()).toBe('done');
      await refusalOf(direct(alice, bob.email, '1 EUR'), 'account_restricted');
    });

    test('is given up when that is said', async () => {
      await restrict('send', { inFlight: 'cancel' });
      expect(await stateOfHold()).toBe('voided');
      expect(await take()).toBe('account_restricted');
      const { balances } = await alice.client.call('list-balances', {});
      expect(balances[0]?.held.amount).toBe('0.00');
    });

    test('is left alone by a restriction of receiving', async () => {
      await restrict('receive', { inFlight: 'cancel' });
      expect(await stateOfHold()).toBe('pending');
    });
  });

  test('why says what was refused and whether it still is, and nothing that staff wrote', async () => {
    const restriction = await restrict('send');
    const { id = '' } = await refusalOf(direct(alice, bob.email, '1 EUR'), 'account_restricted');
    const why = await alice.client.call('explain', { id });
    expect(why).toMatchObject({ state: 'refused', next: 'okpay support open' });
    expect(why.because.join(' ')).toContain('still restricted');
    expect(JSON.stringify(why)).not.toContain('stolen');
    await lift(restriction);
    const later = await alice.client.call('explain', { id });
    expect(later.because.join(' ')).toContain('not restricted any more');
  });

  test('what was done is recorded, with the reason', async () => {
    const restriction = await restrict('send');
    await lift(restriction);
    const records = await recordsAbout(harness.service.deps.engine, alice.id, { limit: 10 });
    expect(records.map(({ action, actor, object, reason }) => [action, actor, object, reason])).toEqual([
      ['restriction-lifted', senior.id, restriction, 'it was found'],
      ['restricted', support.id, restriction, 'the card was reported stolen'],
    ]);
  });

  test('nobody restricts or lifts for themselves, nor for staff of a higher role', async () => {
    await refusalOf(restrict('send', {}, support), 'staff_self');
    await refusalOf(restrict('send', {}, senior), 'role_insufficient');
    const admin = await person(harness, 'admin', 'admin');
    const { restrictions } = await admin.client.call('restrict-account', {
      holder: senior.id,
      capabilities: ['send'],
      reason: 'x',
    });
    await refusalOf(lift(restrictions[0]?.id ?? ''), 'staff_self');
    await refusalOf(lift('rst_01m1v4n3zw3hw1h1v4n3zw3hw1'), 'not_found');
    await refusalOf(lift(restrictions[0]?.id ?? '', support), 'role_insufficient');
  });

  test('a restriction of logging in ends sessions and tokens, records it, and tells only who knows the password (ASVS V7.4.5)', async () => {
    const carol = await harness.holder('carol');
    const { engine: db } = harness.service.deps;
    await db.transact((tx) =>
      tx.run(
        `INSERT INTO tokens (id, user_id, name, name_key, token_hash, scopes, caps, created_at, expires_at)
          VALUES ('tok_1', ?, 'ci', 'ci', 'hash', '[]', '{}', '', '2099-01-01T00:00:00.000Z')`,
        [carol.id],
      ),
    );
    const [, sending] = (
      await support.client.call('restrict-account', {
        holder: carol.email,
        capabilities: ['log-in', 'send', 'log-in'],
        reason: 'x',
      })
    ).restrictions;
    expect(sending?.capability).toBe('send');
    await refusalOf(carol.client.call('get-me', {}), 'session_expired');
    const recorded = await db.all<{ action: string; actor: string; reason: string | null }>(
      `SELECT action, actor, reason FROM audit_log WHERE subject = ? AND action IN ('restricted', 'session-ended') ORDER BY id`,
      [carol.id],
    );
    expect(recorded.map(({ action, reason }) => [action, reason])).toEqual([
      ['restricted', 'x'],
      ['session-ended', null],
      ['restricted', 'x'],
    ]);
    for (const { actor } of recorded) expect(actor).toBe(support.id);
    // Nobody else's session ends with it.
    await expect(support.client.call('get-me', {})).resolves.toMatchObject({ user: { id: support.id } });
    expect(await db.all('SELECT id FROM tokens WHERE user_id = ?', [carol.id])).toEqual([]);
    await refusalOf(harness.logIn(carol.email, 'not the password at all'), 'credentials_invalid');
    await refusalOf(harness.logIn(carol.email, PASSWORD), 'account_restricted');
    const id = (await db.all<{ id: string }>(`SELECT id FROM restrictions WHERE capability = 'log-in'`))[0]
      ?.id;
    await refusalOf(lift(id ?? ''), 'unlock_needed');
  });

  test('logins at the same time as a restriction: no session is left (ASVS V7.4.2)', async () => {
    const carol = await harness.holder('carol');
    const logins = Promise.allSettled(Array.from({ length: 20 }, () => harness.logIn(carol.email, PASSWORD)));
    await support.client.call('restrict-account', {
      holder: carol.email,
      capabilities: ['log-in'],
      reason: 'x',
    });
    await logins;
    const left = await harness.service.deps.engine.all('SELECT id FROM sessions WHERE user_id = ?', [
      carol.id,
    ]);
    expect(left).toEqual([]);
  });

  test('tokens made at the same time as a restriction: none is left', async () => {
    const carol = await harness.holder('carol');
    // The session is in the middle of its call when the restriction comes; a job may write at the same time.
    const inCall = new AsyncLocalStorage<true>();
    const { engine } = harness.service.deps;
    const { transact } = engine;
    let restricted = false;
    const restrictFirst: typeof transact = async (work, ...rest) => {
      if (inCall.getStore() && !restricted) {
        restricted = true;
        await support.client.call('restrict-account', {
          holder: carol.email,
          capabilities: ['log-in'],
          reason: 'x',
        });
      }
      return transact.call(engine, work, ...rest) as ReturnType<typeof work>;
    };
    Object.assign(engine, { transact: restrictFirst });
    try {
      await refusalOf(
        inCall.run(true, () => carol.client.call('create-token', { name: 'ci', scopes: ['read'] })),
        'account_restricted',
      );
    } finally {
      Object.assign(engine, { transact });
    }
    expect(restricted).toBe(true);
    expect(await engine.all('SELECT id FROM tokens WHERE user_id = ?', [carol.id])).toEqual([]);
  });
});

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { admit } from '../../../src/service/restrictions/admit.ts';
import { knock } from '../../../src/service/identity/throttle.ts';
import { runApprovals } from '../../../src/service/jobs/run-approvals.ts';
import { timestamp, type Actor } from '../../../src/service/deps.ts';
import { insertRecord } from '../../../src/service/store/audit-log.ts';
import { eachEngine, openHarness, PASSWORD, type Harness, type Holder } from '../../harness.ts';
import { newKey, person, refusalOf } from '../money/wallet.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

eachEngine((engine) => {
  let harness: Harness;
  let alice: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    alice = await harness.holder('alice');
    // What she logged in from is no sign of anything.
    await harness.service.deps.engine.transact((tx) => tx.run('DELETE FROM devices', []));
  });
  afterEach(() => harness.close());

  const staff = (role: string) => person(harness, `${role}${newKey()}`, role);
  const unlock = async (holder = alice.email, by?: Holder) =>
    (by ?? (await staff('support'))).client.call('unlock-account', { holder, reason: 'she called' });
  const resetFactor = async () =>
    (await staff('support')).client.call('reset-factor', { holder: alice.id, reason: 'phone in the lake' });
  const approve = async (id = '') =>
    (await staff('senior')).client.call('approve-act', { approval: id, reason: 'seen the passport' });
  const show = async (id = '') =>
    (await staff('support')).client.call('get-approval', { approval: id, reason: 'x' });
  const run = () => runApprovals(harness.service.deps, async () => true);
  const change = (sql: string, ...values: string[]) =>
    harness.service.deps.engine.transact((tx) => tx.run(sql, values));

  /** Tries at the door of the login until it makes everybody wait. */
  const shut = async () => {
    for (let at = 0; at < 30; at++) {
      const tried = knock(harness.service.deps, 'login', { account: alice.email });
      if (await tried.catch((error: { code: string }) => error.code)) return;
    }
  };
  const isShut = () =>
    knock(harness.service.deps, 'login', { account: alice.email }).then(
      () => false,
      () => true,
    );
  const newDevice = (at: number) =>
    change(
      `INSERT INTO devices (id, user_id, token_hash, name, network, created_at, last_used_at)
        VALUES ('dev_1', ?, 'h', 'x', '', ?, ?)`,
      alice.id,
      timestamp(at),
      timestamp(at),
    );
  const changed = (action: string, at: number) => {
    const { deps } = harness.service;
    const nothing = { actorRole: null, object: null, reason: null, device: null, network: null, facts: '{}' };
    return deps.engine.transact((tx) =>
      insertRecord(tx, {
        id: deps.newId('record'),
        at: timestamp(at),
        action,
        actor: alice.id,
        subject: alice.id,
        ...nothing,
      }),
    );
  };
  const withFactor = async () => {
    await change(
      `INSERT INTO second_factors (user_id, secret, enabled_at, created_at) VALUES (?, 's', 'x', '')`,
      alice.id,
    );
    await change(`INSERT INTO recovery_codes (code_hash, user_id, created_at) VALUES ('h', ?, '')`, alice.id);
  };
  const factors = async () => {
    const { engine: db } = harness.service.deps;
    return (await db.all('SELECT user_id FROM second_factors UNION ALL SELECT user_id FROM recovery_codes'))
      .length;
  };

  describe('unlock', () => {
    test('opens the doors at once when there is no sign of a takeover', async () => {
      await shut();
      expect(await isShut()).toBe(true);
      expect((await unlock()).approval).toBeUndefined();
      expect(await isShut()).toBe(false);
    });

    test.each([
      ['a new machine alone', true, undefined, false],
      ['a changed password alone', false, 'password-changed', false],
      ['both', true, 'password-changed', true],
      ['a new machine and another address', true, 'email-changed', true],
      ['a new machine and another factor', true, 'factor-disabled', true],
      ['a new machine and a login', true, 'login-done', false],
    ] as const)('%s: two people decide is %s', async (_, device, action, two) => {
      if (device) await newDevice(harness.clock.now() - HOUR);
      if (action) await changed(action, harness.clock.now() - HOUR);
      await shut();
      expect((await unlock()).approval !== undefined).toBe(two);
      expect(await isShut()).toBe(two);
    });

    test('signs older than three days do not count', async () => {
      await newDevice(harness.clock.now());
      await changed('password-changed', harness.clock.now());
      harness.clock.advance(72 * HOUR);
      expect((await unlock()).approval).toBeUndefined();
    });

    test('after a restriction of logging in, two people and half a day lift it', async () => {
      await (
        await staff('support')
      ).client.call('restrict-account', { holder: alice.id, capabilities: ['log-in'], reason: 'stolen' });
      const { approval } = await unlock();
      expect(approval?.input['signs']).toContain('restricted');
      await approve(approval?.id);
      harness.clock.advance(12 * HOUR - 1);
      await run();
      await refusalOf(harness.logIn(alice.email, PASSWORD), 'account_restricted');
      harness.clock.advance(1);
      await run();
      await harness.logIn(alice.email, PASSWORD);
      expect((await show(approval?.id)).state).toBe('done');
      expect((await harness.nextMail(alice.email, 'act-done')).text).toContain('logged in to again');
    });

    test('a restriction that was set after it was approved stays', async () => {
      const restrict = async () =>
        (await staff('support')).client.call('restrict-account', {
          holder: alice.id,
          capabilities: ['log-in'],
          reason: 'stolen',
        });
      await restrict();
      const { approval } = await unlock();
      await approve(approval?.id);
      harness.clock.advance(HOUR);
      await restrict();
      harness.clock.advance(11 * HOUR);
      await run();
      expect((await show(approval?.id)).state).toBe('done');
      await refusalOf(harness.logIn(alice.email, PASSWORD), 'account_restricted');
    });

    test('nobody unlocks their own account', async () => {
      const member = await staff('support');
      await refusalOf(unlock(member.email, member), 'staff_self');
    });
  });

  describe('a lost second factor (ASVS V6.4.4)', () => {
    test('takes two people and a day; then factor, sessions and tokens are gone, the password stays', async () => {
      await refusalOf(resetFactor(), 'not_found');
      await withFactor();
      const asked = await resetFactor();
      const mail = await harness.nextMail(alice.email, 'act-asked');
      expect(mail.text).toContain('24 hours');
      expect(mail.text).toContain('that stops it');
      await approve(asked.id);
      harness.clock.advance(DAY - 1);
      await run();
      expect(await factors()).toBe(2);
      harness.clock.advance(1);
      await run();
      expect(await factors()).toBe(0);
      await refusalOf(alice.client.call('get-me', {}), 'session_expired');
      await harness.logIn(alice.email, PASSWORD);
      await harness.nextMail(alice.email, 'act-done');
    });

    test('staff neither choose a password nor see a secret (ASVS V6.4.6)', async () => {
      await withFactor();
      const asked = await resetFactor();
      const by = await staff('support');
      const wrong = { holder: alice.id, reason: 'x', password: 'chosen by staff' };
      await refusalOf(by.client.call('reset-factor', wrong), 'input_invalid');
      expect(JSON.stringify(asked)).not.toMatch(/secret|hash/);
    });

    test.each(['asked', 'approved'])(
      'a login with the factor stops it while it is %s, and the holder sees that',
      async (state) => {
        await withFactor();
        const asked = await resetFactor();
        if (state === 'approved') await approve(asked.id);
        await logsIn(true);
        expect((await show(asked.id)).state).toBe('stopped');
        harness.clock.advance(DAY);
        await run();
        expect(await factors()).toBe(2);
        await refusalOf(approve(asked.id), 'approval_decided');
        const { engine: db } = harness.service.deps;
        const told = await db.all('SELECT id FROM audit_log WHERE subject = ? AND action = ?', [
          alice.id,
          'act-stopped',
        ]);
        expect(told).toHaveLength(1);
      },
    );

    test('a login without the factor does not, nor does it stop an adjustment', async () => {
      await withFactor();
      const asked = await resetFactor();
      await logsIn(false);
      expect((await show(asked.id)).state).toBe('asked');
      const adjustment = await (
        await staff('senior')
      ).client.call('adjust-balance', {
        holder: alice.id,
        amount: { amount: '1', currency: 'EUR' },
        direction: 'credit',
        reason: 'x',
      });
      await logsIn(true);
      expect((await show(adjustment.id)).state).toBe('asked');
    });

    const logsIn = (factor: boolean) => {
      const { deps } = harness.service;
      const actor = { user: alice.id, console: false, withFactor: factor } as Actor & { user: string };
      return deps.engine.transact((tx) => admit(tx, deps, actor, factor));
    };
  });
});

import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eachEngine, openHarness, PASSWORD, type Harness, type Holder } from '../../harness.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const refused = (code: string) => expect.objectContaining({ code });

eachEngine((engine) => {
  let harness: Harness;
  let alice: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    alice = await harness.holder('alice');
  });
  afterEach(() => harness.close());

  const me = (token: string) => harness.client(token).call('get-me', {});

  describe('a session', () => {
    it('is a new secret each time, of 256 bits, and kept as a hash only (ASVS V7.2.3, V11.5.1)', async () => {
      const one = await harness.logIn(alice.email);
      const two = await harness.logIn(alice.email);
      expect(new Set([alice.token, one.token, two.token]).size).toBe(3);
      expect(one.token).toMatch(/^okp_[\w-]{43}$/);
      const rows = inspect(await harness.service.deps.engine.all('SELECT * FROM sessions'));
      for (const { token } of [alice, one, two]) expect(rows).not.toContain(token.slice(4));
    });

    it('ends at the service when its owner logs out (ASVS V7.4.1)', async () => {
      await expect(me(alice.token)).resolves.toMatchObject({ user: { id: alice.id } });
      await alice.client.call('log-out', {});
      await expect(me(alice.token)).rejects.toEqual(refused('session_expired'));
    });

    it('is nothing once a letter of it is changed (ASVS V7.2.1)', async () => {
      const changed =
        alice.token.slice(0, -2) + (alice.token.at(-2) === 'A' ? 'B' : 'A') + alice.token.slice(-1);
      for (const token of [changed, '', 'okp_', alice.token.toUpperCase(), `${alice.token}x`]) {
        await expect(me(token)).rejects.toEqual(refused('session_expired'));
      }
    });

    it('ends after a week without use, and use puts that off (ASVS V7.3.1)', async () => {
      const idle = await harness.logIn(alice.email);
      for (let day = 0; day < 7; day++) {
        harness.clock.advance(DAY_MS);
        await me(alice.token);
      }
      harness.clock.advance(1);
      await expect(me(idle.token)).rejects.toEqual(refused('session_expired'));
      await me(alice.token);
    });

    it('ends after thirty days, used or not (ASVS V7.3.2)', async () => {
      for (let day = 0; day < 29; day++) {
        harness.clock.advance(DAY_MS);
        await me(alice.token);
      }
      harness.clock.advance(DAY_MS);
      await expect(me(alice.token)).rejects.toEqual(refused('session_expired'));
    });

    it('of staff ends after half an hour without use, and after twelve hours', async () => {
      const staff = await harness.staff();
      harness.clock.advance(HOUR_MS / 2 + 1);
      await expect(me(staff.token)).rejects.toEqual(refused('session_expired'));
      const again = await harness.logIn(staff.email);
      for (let half = 0; half < 23; half++) {
        harness.clock.advance(HOUR_MS / 2);
        await me(again.token);
      }
      harness.clock.advance(HOUR_MS / 2);
      await expect(me(again.token)).rejects.toEqual(refused('session_expired'));
    });

    it('is listed for its owner and nobody else (ASVS V7.5.2)', async () => {
      const bob = await harness.holder('bob');
      harness.clock.advance(HOUR_MS);
      const laptop = await harness.call('log-in', {
        email: alice.email,
        password: PASSWORD,
        device: 'laptop',
      });
      const { sessions } = await harness.client(laptop.token).call('list-sessions', {});
      expect(sessions.map(({ device, current }) => [device, current])).toEqual([
        ['unnamed', false],
        ['laptop', true],
      ]);
      expect(sessions[1]).toEqual({
        id: laptop.session,
        device: 'laptop',
        deviceId: expect.stringMatching(/^dev_/),
        network: 'console',
        createdAt: '2026-03-02T10:00:00.000Z',
        lastUsedAt: '2026-03-02T10:00:00.000Z',
        expiresAt: laptop.expiresAt,
        current: true,
      });
      expect((await bob.client.call('list-sessions', {})).sessions).toHaveLength(1);
    });

    it('is ended by its owner from another one, and by nobody else', async () => {
      const bob = await harness.holder('bob');
      const { session, token } = await harness.logIn(alice.email);
      const unknown = { session: 'ses_00000000000000000000000000' };
      await expect(bob.client.call('revoke-session', { session })).rejects.toEqual(refused('not_found'));
      await expect(bob.client.call('revoke-session', unknown)).rejects.toEqual(refused('not_found'));
      await me(token);
      await alice.client.call('revoke-session', { session });
      await expect(me(token)).rejects.toEqual(refused('session_expired'));
      await me(alice.token);
    });

    it('makes room for the next when there are fifty', async () => {
      for (let at = 0; at < 52; at++) await harness.logIn(alice.email);
      await expect(me(alice.token)).rejects.toEqual(refused('session_expired'));
      const { token } = await harness.logIn(alice.email);
      expect((await harness.client(token).call('list-sessions', {})).sessions).toHaveLength(50);
    });

    it('is asked for where one is needed', async () => {
      await expect(harness.client().call('get-me', {})).rejects.toEqual(refused('session_required'));
    });
  });

  describe('a login', () => {
    it('needs the whole password', async () => {
      for (const password of [PASSWORD.toUpperCase(), `${PASSWORD} `, PASSWORD.slice(0, -1), 'x']) {
        await expect(harness.logIn(alice.email, password)).rejects.toEqual(refused('credentials_invalid'));
      }
    });

    it('is refused without any hashing when the password is too long to be one', async () => {
      let hashed = 0;
      const verify = async () => void (hashed += 1);
      Object.assign(harness.service.deps, { passwords: { verify, hash: verify } });
      for (const password of ['x'.repeat(1_025), '漢'.repeat(342)]) {
        await expect(harness.logIn(alice.email, password)).rejects.toMatchObject({ status: 400 });
      }
      expect(hashed).toBe(0);
    });

    it('works five years later: a password is not made to be changed', async () => {
      harness.clock.advance(5 * 365 * DAY_MS);
      await expect(harness.logIn(alice.email)).resolves.toHaveProperty('token');
    });

    it('leaves a line for whoever watches, with nobody named in a refusal of an unknown address', async () => {
      await harness.logIn('nobody@example.com', PASSWORD).catch(() => undefined);
      await harness.logIn(alice.email, 'wrong').catch(() => undefined);
      const refusals = harness.logged.filter(({ event }) => event === 'login_refused');
      expect(refusals).toEqual([
        { event: 'login_refused', network: 'console' },
        { event: 'login_refused', user: alice.id, network: 'console' },
      ]);
      expect(JSON.stringify(harness.logged)).not.toMatch(/example\.com|wrong|Alice/);
    });
  });
});

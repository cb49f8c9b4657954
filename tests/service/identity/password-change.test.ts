import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eachEngine, openHarness, PASSWORD, type Harness, type Holder } from '../../harness.ts';
import { actionsOf, insertFactor, insertToken } from './account-rows.ts';

const NEW = 'seven ravens over the old mill';
const YEAR_MS = 365 * 24 * 3_600_000;
const refused = (code: string) => expect.objectContaining({ code });

eachEngine((engine) => {
  let harness: Harness;
  let alice: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    alice = await harness.holder('alice');
  });
  afterEach(() => harness.close());

  const change = (input: { current?: string; password?: string } = {}) =>
    alice.client.call('change-password', { current: PASSWORD, password: NEW, ...input });

  describe('a change of the password', () => {
    it('takes the current one: a session alone is not enough (ASVS V6.2.2, V6.2.3)', async () => {
      await expect(change({ current: 'not the right one' })).rejects.toMatchObject({
        code: 'password_wrong',
        status: 401,
      });
      await expect(harness.logIn(alice.email)).resolves.toHaveProperty('token');
      await expect(harness.logIn(alice.email, NEW)).rejects.toEqual(refused('credentials_invalid'));
      expect(await actionsOf(harness.service.deps, alice.id)).toContain('password-change-refused');
      // The control: the right one is taken.
      await expect(change()).resolves.toEqual({ endedSessions: [expect.anything()] });
      await expect(harness.logIn(alice.email, NEW)).resolves.toHaveProperty('token');
      await expect(harness.logIn(alice.email)).rejects.toEqual(refused('credentials_invalid'));
    });

    it('ends and names the other sessions, keeps this one and tokens, and tells by mail', async () => {
      const device = 'phone\nBcc: x@example.com';
      const other = await harness.call('log-in', { email: alice.email, password: PASSWORD, device });
      const stranger = await harness.holder('bob');
      const token = await insertToken(harness.service.deps, alice.id, 'payouts');
      expect(await change()).toEqual({ endedSessions: [{ id: other.session, device }] });
      const call = (token: string) => harness.client(token).call('get-me', {});
      await expect(call(other.token)).rejects.toEqual(refused('session_expired'));
      await expect(call(alice.token)).resolves.toHaveProperty('user');
      await expect(call(stranger.token)).resolves.toHaveProperty('user');
      const kept = await harness.service.deps.engine.all('SELECT id FROM tokens');
      expect(kept).toEqual([{ id: token }]);
      const mail = await harness.nextMail(alice.email, 'password-changed');
      expect(mail.text).toContain('- phone\u{fffd}Bcc: x@example.com\n');
      expect(mail.text).not.toContain(NEW);
      expect(await actionsOf(harness.service.deps, alice.id)).toContain('password-changed');
    });

    it('is held to the rules, and says why it was refused (ASVS V6.2.1, V6.2.4, V6.2.11)', async () => {
      const reasons = {
        'fourteen chars': '14 characters',
        alicealicealice: 'your name',
        '1qaz2wsx3edc4rfv': 'many people have chosen',
        okpay1234567890: 'okpay',
      };
      for (const [password, reason] of Object.entries(reasons)) {
        const why = {
          code: 'password_weak',
          status: 400,
          message: expect.stringContaining(reason) as string,
        };
        await expect(change({ password })).rejects.toMatchObject(why);
      }
      await expect(change({ password: 'ferry7td' })).rejects.toEqual(refused('password_weak'));
      await insertFactor(harness.service.deps, alice.id);
      await expect(change({ password: 'ferry7t' })).rejects.toEqual(refused('password_weak'));
      await expect(change({ password: 'ferry7td' })).resolves.toHaveProperty('endedSessions');
    });

    it('of more than 1,024 bytes is refused without hashing (ASVS V6.2.9)', async () => {
      let hashed = 0;
      const { passwords } = harness.service.deps;
      const counting = {
        hash: (...given: Parameters<typeof passwords.hash>) => ((hashed += 1), passwords.hash(...given)),
        verify: (...given: Parameters<typeof passwords.verify>) => (
          (hashed += 1),
          passwords.verify(...given)
        ),
      };
      Object.assign(harness.service.deps, { passwords: counting });
      const long = 'correct horse '.repeat(80);
      for (const password of [long.slice(0, 1_025), '漢'.repeat(342)]) {
        await expect(change({ password })).rejects.toMatchObject({ status: 400 });
        await expect(change({ current: password })).rejects.toMatchObject({ status: 400 });
        await expect(harness.logIn(alice.email, password)).rejects.toMatchObject({ status: 400 });
      }
      expect(hashed).toBe(0);
      await change({ password: long.slice(0, 1_024) });
      expect(hashed).toBe(2);
      await expect(harness.logIn(alice.email, long.slice(0, 1_024))).resolves.toHaveProperty('token');
    });

    it('is of exactly what was typed (ASVS V6.2.8)', async () => {
      const long = 'Seven ravens over the old mill, and so on. '.repeat(4).trim();
      await change({ password: long });
      const others = [64, 72, 73, 128].map((bytes) => long.slice(0, bytes - 1));
      for (const other of [long.toLowerCase(), `${long} `, ` ${long}`, long.slice(0, -1), ...others]) {
        await expect(harness.logIn(alice.email, other)).rejects.toEqual(refused('credentials_invalid'));
        // Nobody has to wait here: the doors are tested elsewhere.
        harness.clock.advance(24 * 3_600_000);
      }
      await expect(harness.logIn(alice.email, long)).resolves.toHaveProperty('token');
    });

    it('is never asked for by the calendar (ASVS V6.2.10)', async () => {
      harness.clock.advance(5 * YEAR_MS);
      await expect(harness.logIn(alice.email)).resolves.toHaveProperty('token');
    });

    it('is guessed only a few times, and then after a wait', async () => {
      const codes = [];
      for (let at = 0; at < 8; at++) {
        const error = await change({ current: `wrong ${at}` }).catch((reason: unknown) => reason);
        codes.push((error as { code: string }).code);
      }
      expect(codes.slice(0, 5)).toEqual(Array(5).fill('password_wrong'));
      expect(codes.slice(5)).toEqual(Array(3).fill('too_many_attempts'));
      harness.clock.advance(3_600_000);
      await expect(change()).resolves.toHaveProperty('endedSessions');
    });

    it('made twice at once from two sessions is made once', async () => {
      const other = harness.client((await harness.logIn(alice.email)).token);
      const both = [alice.client, other].map((client, at) =>
        client.call('change-password', { current: PASSWORD, password: `${NEW} ${at}` }),
      );
      const results = await Promise.allSettled(both);
      expect(results.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
    });

    it('leaves no login that was under way with the password before', async () => {
      const { passwords } = harness.service.deps;
      let letGo = (): void => undefined;
      const held = new Promise<void>((resolve) => (letGo = resolve));
      let verified = 0;
      const slow: typeof passwords = {
        hash: passwords.hash,
        verify: async (...given) => {
          const match = await passwords.verify(...given);
          if (++verified === 1) await held;
          return match;
        },
      };
      Object.assign(harness.service.deps, { passwords: slow });
      const login = harness.logIn(alice.email);
      await expect.poll(() => verified).toBe(1);
      await change();
      letGo();
      await expect(login).rejects.toEqual(refused('credentials_invalid'));
    });

    it('leaves what strangers registered with the address as it was for them (ASVS V6.3.8)', async () => {
      const ask = { email: alice.email, displayName: 'Eve', password: 'the password of a stranger' };
      await harness.call('register', ask);
      await expect(harness.logIn(alice.email, ask.password)).rejects.toEqual(refused('email_unverified'));
      await change();
      await expect(harness.logIn(alice.email, ask.password)).rejects.toEqual(refused('email_unverified'));
    });
  });
});

import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OPERATIONS, type Operation } from '../../../src/core/contract/operations.ts';
import { eachEngine, openHarness, PASSWORD, type Harness, type Holder } from '../../harness.ts';
import { actionsOf, insertFactor, insertToken } from './account-rows.ts';

const NEW = 'seven ravens over the old mill';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const refused = (code: string) => expect.objectContaining({ code });

eachEngine((engine) => {
  let harness: Harness;
  let alice: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    alice = await harness.holder('alice');
  });
  afterEach(() => harness.close());

  /** Asks for a mail and gives what is in it. */
  const forget = async (email = alice.email) => {
    const { reset } = await harness.call('forgot-password', { email });
    const { code = '', token = '' } = await harness.nextMail(email, 'forgot-password');
    return { reset, code, token };
  };
  const reset = (given: { reset: string; code: string }, password = NEW) =>
    harness.call('reset-password', { reset: given.reset, code: given.code, password });

  describe('a password that was forgotten', () => {
    it('is set anew with the code, once (ASVS V6.4.1)', async () => {
      const given = await forget();
      await expect(reset(given)).resolves.toMatchObject({ email: alice.email, secondFactor: false });
      await expect(harness.logIn(alice.email, NEW)).resolves.toHaveProperty('token');
      await expect(harness.logIn(alice.email)).rejects.toEqual(refused('credentials_invalid'));
      await expect(reset(given, `${NEW} again`)).rejects.toEqual(refused('code_invalid'));
      await expect(reset({ ...given, code: given.token })).rejects.toEqual(refused('code_invalid'));
    });

    it('is set anew with the token of the link too', async () => {
      const { reset: id, token } = await forget();
      await expect(reset({ reset: id, code: token })).resolves.toHaveProperty('email');
    });

    it('is not set once the ten minutes are over: the same refusal (ASVS V6.4.1, V6.5.5)', async () => {
      const given = await forget();
      harness.clock.advance(10 * MINUTE_MS - 1);
      await expect(reset(given, 'short')).rejects.toEqual(refused('password_weak'));
      harness.clock.advance(1);
      await expect(reset(given)).rejects.toEqual(refused('code_invalid'));
      await expect(harness.logIn(alice.email)).resolves.toHaveProperty('token');
    });

    it('is set by the newest mail only', async () => {
      const [older, newer] = [await forget(), await forget()];
      await expect(reset(older)).rejects.toEqual(refused('code_invalid'));
      await expect(reset({ reset: older.reset, code: newer.code })).rejects.toEqual(refused('code_invalid'));
      await expect(reset(newer)).resolves.toHaveProperty('email');
    });

    it('is not set by a code that was guessed: five tries for a mail (ASVS V6.6.3)', async () => {
      const given = await forget();
      for (let at = 0; at < 5; at++)
        await expect(reset({ ...given, code: `0000-000${at}` })).rejects.toEqual(refused('code_invalid'));
      await expect(reset(given)).rejects.toEqual(refused('code_invalid'));
    });

    it('may be refused by the rules any number of times: that costs no try', async () => {
      const given = await forget();
      for (let at = 0; at < 8; at++)
        await expect(reset(given, `short ${at}`)).rejects.toEqual(refused('password_weak'));
      await expect(reset(given)).resolves.toHaveProperty('email');
    });

    it('keeps the second factor as it is (ASVS V6.4.3)', async () => {
      await insertFactor(harness.service.deps, alice.id);
      const factor = () => harness.service.deps.engine.all('SELECT * FROM second_factors');
      const before = await factor();
      expect(before).toHaveLength(1);
      const given = await forget();
      await expect(reset(given, 'ferry7t')).rejects.toEqual(refused('password_weak'));
      await expect(reset(given, 'ferry7td')).resolves.toMatchObject({ secondFactor: true });
      expect(await factor()).toEqual(before);
    });

    it('ends every session and token and says which, and nobody else’s', async () => {
      const bob = await harness.holder('bob');
      const kept = await insertToken(harness.service.deps, bob.id, 'payouts of bob');
      const token = await insertToken(harness.service.deps, alice.id, 'payouts');
      const { session } = await harness.call('log-in', {
        email: alice.email,
        password: PASSWORD,
        device: 'phone',
      });
      const done = await reset(await forget());
      expect(done.endedTokens).toEqual([{ id: token, name: 'payouts' }]);
      // The first session is the one of `holder`.
      expect(done.endedSessions).toEqual([expect.anything(), { id: session, device: 'phone' }]);
      await expect(alice.client.call('get-me', {})).rejects.toEqual(refused('session_expired'));
      await expect(bob.client.call('get-me', {})).resolves.toHaveProperty('user');
      expect(await harness.service.deps.engine.all('SELECT id FROM tokens')).toEqual([{ id: kept }]);
      const mail = await harness.nextMail(alice.email, 'password-reset');
      expect(mail.text).toContain('- phone\n');
      expect(mail.text).toContain('- payouts\n');
    });

    it('leaves its trail, with no secret in it', async () => {
      const given = await forget();
      await reset(given);
      expect(await actionsOf(harness.service.deps, alice.id)).toEqual(
        expect.arrayContaining(['password-forgotten', 'password-reset']),
      );
      const { engine: database } = harness.service.deps;
      await expect.poll(() => database.all('SELECT id FROM outbox')).toEqual([]);
      const tables = ['audit_log', 'mailed_codes', 'outbox', 'users', 'sessions', 'throttles'];
      const rows = await Promise.all(tables.map((table) => database.all(`SELECT * FROM ${table}`)));
      const all = inspect([rows, harness.logged], {
        depth: null,
        maxArrayLength: null,
        maxStringLength: null,
      });
      for (const secret of [given.code, given.token, NEW, PASSWORD]) expect(all).not.toContain(secret);
      // The control: what is not secret is found.
      expect(all).toContain('password-reset');
    });

    it('opens the doors at which its owner had to wait', async () => {
      const change = (current: string) =>
        alice.client.call('change-password', { current, password: `${NEW} and more` });
      for (let at = 0; at < 7; at++) await change('wrong').catch(() => undefined);
      await expect(change('wrong')).rejects.toEqual(refused('too_many_attempts'));
      await reset(await forget());
      alice = { ...alice, client: harness.client((await harness.logIn(alice.email, NEW)).token) };
      await expect(change('wrong')).rejects.toEqual(refused('password_wrong'));
    });

    it('is set once by 100 who use one code at the same time (ASVS V15.4.2)', async () => {
      const given = await forget();
      const tries = Array.from({ length: 100 }, (_, at) => reset(given, `${NEW} ${at}`));
      const results = await Promise.allSettled(tries);
      const winners = results.flatMap(({ status }, at) => (status === 'fulfilled' ? [at] : []));
      expect(winners).toHaveLength(1);
      const lost = results.flatMap((result) =>
        result.status === 'rejected' ? [(result.reason as { code: string }).code] : [],
      );
      expect(lost.filter((code) => !['code_invalid', 'busy'].includes(code))).toEqual([]);
      await expect(harness.logIn(alice.email, `${NEW} ${winners[0]}`)).resolves.toHaveProperty('token');
    });

    it('is not known to the next mail: a change of the password ends what was mailed', async () => {
      const given = await forget();
      await alice.client.call('change-password', { current: PASSWORD, password: NEW });
      await expect(reset(given, `${NEW} again`)).rejects.toEqual(refused('code_invalid'));
    });
  });

  describe('a code is good for one thing (ASVS V9.2.1, V9.2.2)', () => {
    it('neither a reset by the mail of a registration, nor the other way round', async () => {
      const { registration } = await harness.call('register', {
        email: 'carol@example.com',
        displayName: 'Carol',
        password: PASSWORD,
      });
      const verify = await harness.nextMail('carol@example.com', 'verify');
      const given = await forget();
      for (const code of [verify.code ?? '', verify.token ?? '']) {
        await expect(reset({ reset: given.reset, code })).rejects.toEqual(refused('code_invalid'));
        await expect(reset({ reset: registration, code })).rejects.toEqual(refused('code_invalid'));
      }
      for (const code of [given.code, given.token]) {
        for (const id of [registration, given.reset]) {
          const asked = harness.call('verify-email', { registration: id, code });
          await expect(asked).rejects.toEqual(refused('code_invalid'));
        }
      }
      // The controls: each is good for its own.
      await expect(reset(given)).resolves.toHaveProperty('email');
      const code = verify.code ?? '';
      await expect(harness.call('verify-email', { registration, code })).resolves.toHaveProperty('id');
    });

    it('neither a reset by the code that moves the address, nor the other way round', async () => {
      const { change } = await alice.client.call('change-email', { email: 'alice@example.org' });
      const moving = (await harness.nextMail('alice@example.org', 'change-email')).code ?? '';
      const given = await forget();
      await expect(reset({ reset: change, code: moving })).rejects.toEqual(refused('code_invalid'));
      for (const code of [given.code, given.token]) {
        const moved = alice.client.call('confirm-email', { change: given.reset, code });
        await expect(moved).rejects.toEqual(refused('code_invalid'));
      }
      // The control: each is good for its own.
      const moved = alice.client.call('confirm-email', { change, code: moving });
      await expect(moved).resolves.toMatchObject({ user: { email: 'alice@example.org' } });
    });

    it('neither the account of somebody else (ASVS V6.6.2)', async () => {
      const bob = await harness.holder('bob');
      const [forAlice, forBob] = [await forget(), await forget(bob.email)];
      await expect(reset({ reset: forAlice.reset, code: forBob.code })).rejects.toEqual(
        refused('code_invalid'),
      );
      await expect(reset({ reset: forAlice.reset, code: forBob.token })).rejects.toEqual(
        refused('code_invalid'),
      );
    });
  });

  describe('asking for the mail', () => {
    it('sends nothing to who has no account, or has not verified it', async () => {
      await harness.call('register', { email: 'dan@example.com', displayName: 'Dan', password: PASSWORD });
      await harness.nextMail('dan@example.com', 'verify');
      for (const email of ['nobody@example.com', 'dan@example.com'])
        await harness.call('forgot-password', { email });
      const { reset: id } = await harness.call('forgot-password', { email: alice.email });
      await harness.nextMail(alice.email, 'forgot-password');
      const { engine: database } = harness.service.deps;
      await expect.poll(() => database.all('SELECT id FROM outbox')).toEqual([]);
      expect(id).toMatch(/^mco_/);
      const kinds = (await harness.mails()).filter(({ kind }) => kind === 'forgot-password');
      expect(kinds.map(({ to }) => to)).toEqual([alice.email]);
    });

    it('is slowed down after five in a row, and no longer than an hour', async () => {
      const ask = () => harness.call('forgot-password', { email: alice.email });
      for (let at = 0; at < 5; at++) await ask();
      await expect(ask()).rejects.toMatchObject({ code: 'too_many_attempts', facts: { retryAfter: '60' } });
      harness.clock.advance(HOUR_MS);
      await expect(ask()).resolves.toHaveProperty('reset');
    });
  });

  describe('staff', () => {
    it('may have the mail sent, and never choose a password (ASVS V6.4.6)', async () => {
      const taking = Object.entries<Operation>(OPERATIONS).filter(([, { input }]) => {
        const read = input.safeParse({ password: 0, newPassword: 0, passwordHash: 0 });
        const unknown = read.error?.issues.flatMap((issue) =>
          issue.code === 'unrecognized_keys' ? issue.keys : [],
        );
        return unknown !== undefined && unknown.length < 3;
      });
      const roles = Object.fromEntries(taking.map(([name, { role }]) => [name, role]));
      // The control: those who choose their own are found; of all others, nobody is staff.
      expect(roles).toMatchObject({
        register: 'anyone',
        'change-password': 'holder',
        'reset-password': 'anyone',
        'bootstrap-staff': 'console',
      });
      expect(Object.values(roles).filter((role) => !['anyone', 'holder', 'console'].includes(role))).toEqual(
        [],
      );

      const support = await harness.staff('support');
      const { reset: id } = await support.client.call('forgot-password', { email: alice.email });
      const { code = '' } = await harness.nextMail(alice.email, 'forgot-password');
      await expect(reset({ reset: id, code })).resolves.toHaveProperty('email');
    });
  });
});

import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeTotpSecret } from '../../../src/core/totp.ts';
import { authenticator, type Authenticator } from '../../authenticator.ts';
import { eachEngine, openHarness, PASSWORD, type Harness, type Holder } from '../../harness.ts';
import { fund, money, newKey } from '../money/wallet.ts';

const refused = (code: string) => expect.objectContaining({ code });
const STEP_MS = 30_000;
const HOUR_MS = 3_600_000;

/** How each of these calls ended: `done`, or the code of its refusal, with how often. */
async function tally(calls: readonly Promise<unknown>[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const result of await Promise.allSettled(calls)) {
    const ended = result.status === 'fulfilled' ? 'done' : (result.reason as { code: string }).code;
    counts[ended] = (counts[ended] ?? 0) + 1;
  }
  return counts;
}

eachEngine((engine) => {
  let harness: Harness;
  let alice: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    alice = await harness.holder('alice');
  });
  afterEach(() => harness.close());

  const logIn = (code?: string, password = PASSWORD) =>
    harness.call('log-in', { email: alice.email, password, ...(code === undefined ? {} : { code }) });
  /** Turns it on, and lets the step that took go by. */
  const enable = async (): Promise<Authenticator> => {
    const app = await harness.enableFactor(alice.token);
    harness.clock.advance(2 * STEP_MS);
    return app;
  };
  const kindsTo = async (email: string) =>
    (await harness.mails()).filter(({ to }) => to === email).map(({ kind }) => kind);
  const actionsOf = async (user: string) =>
    (
      await harness.service.deps.engine.all<{ action: string }>(
        'SELECT action FROM audit_log WHERE subject = ? ORDER BY id',
        [user],
      )
    ).map(({ action }) => action);

  describe('to turn it on', () => {
    it('takes the password, and a first code of the secret that was shown', async () => {
      const begin = (password: string) => alice.client.call('begin-second-factor', { password });
      await expect(begin('not the password at all')).rejects.toEqual(refused('credentials_invalid'));
      const { secret, uri } = await begin(PASSWORD);
      expect(secret).toMatch(/^[A-Z2-7]{32}$/);
      expect(new URL(uri).searchParams.get('secret')).toBe(secret);
      // Not on yet: a login does not ask, and a wrong code does not turn it on.
      await logIn();
      const app = authenticator(secret);
      const wrong = app.codeAt(harness.clock.now() - 10 * STEP_MS);
      for (const code of [wrong, 'abcdef', '', ' '].filter((text) => text !== ''))
        await expect(alice.client.call('enable-second-factor', { code })).rejects.toEqual(
          refused('second_factor_invalid'),
        );
      expect(await alice.client.call('get-second-factor', {})).toMatchObject({ enabled: false });
      harness.clock.advance(HOUR_MS);
      const code = app.codeAt(harness.clock.now());
      const enabled = await alice.client.call('enable-second-factor', { code });
      expect(enabled.recoveryCodes).toHaveLength(10);
      expect(new Set(enabled.recoveryCodes).size).toBe(10);
      for (const each of enabled.recoveryCodes)
        expect(each).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
      expect(await alice.client.call('get-second-factor', {})).toMatchObject({
        enabled: true,
        recoveryCodesLeft: 10,
      });
      expect(await actionsOf(alice.id)).toContain('factor-enabled');
      expect((await harness.nextMail(alice.email, 'factor-enabled')).text).toContain('turned on at');
    });

    it('is not begun again while it is on, nor confirmed twice', async () => {
      const app = await enable();
      await expect(alice.client.call('begin-second-factor', { password: PASSWORD })).rejects.toEqual(
        refused('second_factor_on'),
      );
      const code = app.next(harness.clock.now());
      await expect(alice.client.call('enable-second-factor', { code })).rejects.toEqual(
        refused('second_factor_on'),
      );
    });

    it('counts the secret shown last only', async () => {
      const first = authenticator(
        (await alice.client.call('begin-second-factor', { password: PASSWORD })).secret,
      );
      const second = authenticator(
        (await alice.client.call('begin-second-factor', { password: PASSWORD })).secret,
      );
      const [old, code] = [first, second].map((app) => app.codeAt(harness.clock.now()));
      await expect(alice.client.call('enable-second-factor', { code: old ?? '' })).rejects.toEqual(
        refused('second_factor_invalid'),
      );
      await alice.client.call('enable-second-factor', { code: code ?? '' });
    });

    it('ends the sessions that began without it, but for the one that did it (ASVS V7.4.3)', async () => {
      const other = await logIn();
      await harness.enableFactor(alice.token);
      await expect(harness.client(other.token).call('get-me', {})).rejects.toEqual(
        refused('session_expired'),
      );
      await alice.client.call('get-me', {});
    });

    it('of 20 that confirm at once, one does (ASVS V15.4.2)', async () => {
      const { secret } = await alice.client.call('begin-second-factor', { password: PASSWORD });
      const code = authenticator(secret).codeAt(harness.clock.now());
      const calls = Array.from({ length: 20 }, () => alice.client.call('enable-second-factor', { code }));
      expect((await tally(calls))['done']).toBe(1);
      expect((await alice.client.call('get-second-factor', {})).recoveryCodesLeft).toBe(10);
    });

    it('each secret is 160 random bits: 100,000 without a repeat (ASVS V6.5.3)', () => {
      const { random } = harness.service.deps;
      const seen = new Set<string>();
      for (let at = 0; at < 100_000; at++) seen.add(encodeTotpSecret(random(20)));
      expect(seen.size).toBe(100_000);
    });
  });

  describe('a login', () => {
    it('asks for a code once the password is right, and only then', async () => {
      const app = await enable();
      await expect(logIn(undefined, 'not the password at all')).rejects.toEqual(
        refused('credentials_invalid'),
      );
      await expect(logIn(app.codeAt(harness.clock.now()), 'not the password at all')).rejects.toEqual(
        refused('credentials_invalid'),
      );
      await expect(logIn()).rejects.toEqual(refused('second_factor_required'));
      const { token } = await logIn(app.codeAt(harness.clock.now()));
      await harness.client(token).call('get-me', {});
      const { engine: db } = harness.service.deps;
      const rows = await db.all<{ withFactor: bigint }>(
        'SELECT with_factor AS "withFactor" FROM sessions WHERE user_id = ? ORDER BY id',
        [alice.id],
      );
      expect(rows.map(({ withFactor }) => withFactor)).toEqual([0n, 1n]);
    });

    it('takes one code once, also one that turned the factor on (ASVS V6.5.1)', async () => {
      const app = await harness.enableFactor(alice.token);
      await expect(logIn(app.codeAt(harness.clock.now()))).rejects.toEqual(refused('second_factor_invalid'));
      harness.clock.advance(2 * STEP_MS);
      const code = app.codeAt(harness.clock.now());
      await logIn(code);
      await expect(logIn(code)).rejects.toEqual(refused('second_factor_invalid'));
      harness.clock.advance(STEP_MS);
      await expect(logIn(code)).rejects.toEqual(refused('second_factor_invalid'));
      await logIn(app.codeAt(harness.clock.now()));
    });

    it('takes one of a hundred at once with one code (ASVS V6.5.1)', async () => {
      const app = await enable();
      const code = app.codeAt(harness.clock.now());
      const first = await tally(Array.from({ length: 100 }, () => logIn(code)));
      expect(first['done']).toBe(1);
      // The control: with the last step forgotten, the same code lets in again.
      await harness.service.deps.engine.transact(async (tx) => {
        await tx.run('UPDATE second_factors SET last_step = 0');
        await tx.run('DELETE FROM throttles');
      });
      await logIn(code);
    });

    it('takes one of a hundred at once with one recovery code (ASVS V6.5.1)', async () => {
      const { recoveryCodes } = await enable();
      const [code = ''] = recoveryCodes;
      const first = await tally(Array.from({ length: 100 }, () => logIn(code)));
      expect(first['done']).toBe(1);
      expect((await alice.client.call('get-second-factor', {})).recoveryCodesLeft).toBe(9);
      // The control: with its use forgotten, it lets in again.
      await harness.service.deps.engine.transact(async (tx) => {
        await tx.run('UPDATE recovery_codes SET used_at = NULL');
        await tx.run('DELETE FROM throttles');
      });
      await logIn(code);
    });

    it('evaluates five of a thousand guesses at most (ASVS V6.6.3)', async () => {
      const app = await enable();
      const right = app.codeAt(harness.clock.now());
      const guesses = Array.from({ length: 1_000 }, (_, at) => String(at).padStart(6, '0')).filter(
        (guess) =>
          ![
            right,
            app.codeAt(harness.clock.now() + STEP_MS),
            app.codeAt(harness.clock.now() - STEP_MS),
          ].includes(guess),
      );
      const counts: Record<string, number> = {};
      for (let at = 0; at < guesses.length; at += 100)
        for (const [ended, count] of Object.entries(
          await tally(guesses.slice(at, at + 100).map((guess) => logIn(guess))),
        ))
          counts[ended] = (counts[ended] ?? 0) + count;
      expect(counts['second_factor_invalid']).toBeLessThanOrEqual(5);
      expect((counts['second_factor_invalid'] ?? 0) + (counts['too_many_attempts'] ?? 0)).toBe(
        guesses.length,
      );
      // Now not even the right one is looked at; after the wait it is.
      await expect(logIn(right)).rejects.toEqual(refused('too_many_attempts'));
      harness.clock.advance(15 * 60_000);
      await logIn(app.codeAt(harness.clock.now()));
    });

    it('takes a code with blanks, and a recovery code in small letters', async () => {
      const app = await enable();
      const code = app.codeAt(harness.clock.now());
      await logIn(`${code.slice(0, 3)} ${code.slice(3)}`);
      await logIn(app.recoveryCodes[0]?.toLowerCase().replaceAll('-', ' '));
    });

    it('takes no code of somebody else, of the moment or for recovery (ASVS V6.6.2)', async () => {
      const app = await enable();
      const bob = await harness.holder('bob');
      const his = await harness.enableFactor(bob.token);
      harness.clock.advance(2 * STEP_MS);
      for (const code of [his.codeAt(harness.clock.now()), his.recoveryCodes[0] ?? ''])
        await expect(logIn(code)).rejects.toEqual(refused('second_factor_invalid'));
      await logIn(app.codeAt(harness.clock.now()));
    });

    it('with a wrong code is told to the holder by mail, at most every ten minutes (ASVS V6.3.5)', async () => {
      const app = await enable();
      await expect(logIn()).rejects.toEqual(refused('second_factor_required'));
      for (let at = 0; at < 3; at++)
        await expect(logIn('000000')).rejects.toEqual(refused('second_factor_invalid'));
      const mail = await harness.nextMail(alice.email, 'half-login');
      expect(mail.text).toContain('with the right password and');
      expect((await kindsTo(alice.email)).filter((kind) => kind === 'half-login')).toHaveLength(1);
      harness.clock.advance(10 * 60_000);
      await expect(logIn('000000')).rejects.toEqual(refused('second_factor_invalid'));
      await harness.nextMail(alice.email, 'half-login');
      expect((await actionsOf(alice.id)).filter((action) => action === 'factor-refused')).toHaveLength(4);
      // A wrong password is nobody who has it, and a right code needs no telling.
      harness.clock.advance(HOUR_MS);
      await expect(logIn('000000', 'not the password at all')).rejects.toEqual(
        refused('credentials_invalid'),
      );
      await logIn(app.codeAt(harness.clock.now()));
      expect((await kindsTo(alice.email)).filter((kind) => kind === 'half-login')).toHaveLength(2);
    });

    it('says for which instant to make the code, by the clock of the service (ASVS V6.5.8)', async () => {
      const app = await enable();
      const asked = async () => {
        const error: unknown = await logIn().catch((reason: unknown) => reason);
        return (error as { facts: Record<string, string> }).facts;
      };
      expect(await asked()).toEqual({ codeAt: new Date(harness.clock.now()).toISOString() });
      await logIn(app.codeAt(Date.parse((await asked())['codeAt'] ?? '')));
      // The next one is taken already, the one after in a while.
      const second = await asked();
      expect(second['retryAfter']).toBeUndefined();
      await logIn(app.codeAt(Date.parse(second['codeAt'] ?? '')));
      const third = await asked();
      expect(Number(third['retryAfter'])).toBeGreaterThan(0);
      harness.clock.advance(Number(third['retryAfter']) * 1_000);
      await logIn(app.codeAt(Date.parse(third['codeAt'] ?? '')));
    });

    it('takes no code again when the clock is set back', async () => {
      const app = await enable();
      const code = app.codeAt(harness.clock.now());
      await logIn(code);
      harness.clock.advance(-STEP_MS);
      await expect(logIn(code)).rejects.toEqual(refused('second_factor_invalid'));
      await expect(logIn(app.codeAt(harness.clock.now()))).rejects.toEqual(refused('second_factor_invalid'));
      harness.clock.advance(-10 * STEP_MS);
      // Waits end by the clock as well: without them it is the step that refuses.
      await harness.service.deps.engine.transact((tx) => tx.run('DELETE FROM throttles'));
      await expect(logIn(app.codeAt(harness.clock.now()))).rejects.toEqual(refused('second_factor_invalid'));
    });
  });

  describe('recovery codes', () => {
    it('are not in the database, nor is the secret (ASVS V6.5.2)', async () => {
      const { secret, recoveryCodes } = await enable();
      const { engine: db } = harness.service.deps;
      const tables = ['recovery_codes', 'second_factors', 'audit_log', 'outbox', 'throttles'];
      const dump = inspect(await Promise.all(tables.map((table) => db.all(`SELECT * FROM ${table}`))), {
        depth: null,
        maxArrayLength: null,
        maxStringLength: null,
      });
      expect(dump).toContain(alice.id);
      for (const code of recoveryCodes)
        for (const form of [code, code.replaceAll('-', ''), code.slice(0, 9)])
          expect(dump).not.toContain(form);
      expect(dump).not.toContain(secret);
      const mails = (await harness.mails()).map(({ text }) => text).join('\n');
      for (const code of [...recoveryCodes, secret]) expect(mails).not.toContain(code);
    });

    it('are told by mail when one is used', async () => {
      const { recoveryCodes } = await enable();
      await logIn(recoveryCodes[3]);
      const { text } = await harness.nextMail(alice.email, 'recovery-code-used');
      expect(text).toContain('Codes that are left: 9');
      expect(await actionsOf(alice.id)).toContain('recovery-code-used');
      await expect(logIn(recoveryCodes[3])).rejects.toEqual(refused('second_factor_invalid'));
    });

    it('are replaced for a code, and then the earlier ones no longer work', async () => {
      const app = await enable();
      await expect(alice.client.call('replace-recovery-codes', {})).rejects.toEqual(
        refused('second_factor_required'),
      );
      const code = app.codeAt(harness.clock.now());
      const { recoveryCodes: fresh } = await alice.client.call('replace-recovery-codes', { code });
      expect(fresh.filter((each) => app.recoveryCodes.includes(each))).toEqual([]);
      await expect(logIn(app.recoveryCodes[0])).rejects.toEqual(refused('second_factor_invalid'));
      await logIn(fresh[0]);
      await harness.nextMail(alice.email, 'recovery-codes-replaced');
      const bob = await harness.holder('bob');
      await expect(bob.client.call('replace-recovery-codes', { code })).rejects.toEqual(
        refused('second_factor_off'),
      );
    });
  });

  describe('to turn it off', () => {
    it('takes the password and a code, and is over at once (ASVS V6.5.6)', async () => {
      const app = await enable();
      const disable = (password: string, code?: string) =>
        alice.client.call('disable-second-factor', { password, ...(code === undefined ? {} : { code }) });
      await expect(disable('not the password at all', app.codeAt(harness.clock.now()))).rejects.toEqual(
        refused('credentials_invalid'),
      );
      await expect(disable(PASSWORD)).rejects.toEqual(refused('second_factor_required'));
      await expect(disable(PASSWORD, '000000')).rejects.toEqual(refused('second_factor_invalid'));
      const other = await logIn(app.codeAt(harness.clock.now()));
      harness.clock.advance(STEP_MS);
      expect(await disable(PASSWORD, app.codeAt(harness.clock.now()))).toEqual({ sessionsEnded: 1 });
      // Other sessions end (ASVS V7.4.3); this one, which did it, does not.
      await expect(harness.client(other.token).call('get-me', {})).rejects.toEqual(
        refused('session_expired'),
      );
      expect(await alice.client.call('get-second-factor', {})).toEqual({
        enabled: false,
        recoveryCodesLeft: 0,
        confirmAbove: [],
      });
      await logIn();
      await harness.nextMail(alice.email, 'factor-disabled');
      expect(await actionsOf(alice.id)).toContain('factor-disabled');
      await expect(disable(PASSWORD, '000000')).rejects.toEqual(refused('second_factor_off'));
      // A recovery code of before is nothing for a factor that comes after.
      await harness.enableFactor(alice.token);
      await expect(logIn(app.recoveryCodes[0])).rejects.toEqual(refused('second_factor_invalid'));
    });

    it('takes a password that can stand alone (NIST SP 800-63B-4, 3.1.1.2)', async () => {
      const app = await enable();
      const short = 'nine-words';
      const { current, next } = { current: PASSWORD, next: short };
      await alice.client.call('change-password', { current, password: next });
      harness.clock.advance(STEP_MS);
      const disable = (password: string) =>
        alice.client.call('disable-second-factor', { password, code: app.codeAt(harness.clock.now()) });
      await expect(disable(short)).rejects.toMatchObject({
        code: 'password_weak',
        next: 'okpay password change',
      });
      // The code was not used for it, and the factor is still on.
      await alice.client.call('change-password', { current: short, password: `${PASSWORD} again` });
      expect(await disable(`${PASSWORD} again`)).toEqual({ sessionsEnded: 0 });
    });

    it('takes a recovery code too, and takes the amounts away above which payments asked', async () => {
      const app = await enable();
      const bob = await harness.holder('bob');
      await fund(harness, alice, '100');
      const code = app.codeAt(harness.clock.now());
      await alice.client.call('set-confirmation-limit', { currency: 'EUR', above: '1.00', code });
      const pay = () =>
        alice.client.call('create-transfer', { to: bob.email, amount: money('5.00 EUR') }, { key: newKey() });
      await expect(pay()).rejects.toEqual(refused('second_factor_required'));
      await alice.client.call('disable-second-factor', {
        password: PASSWORD,
        code: app.recoveryCodes[0] ?? '',
      });
      await pay();
      await harness.audit();
    });
  });
});

import { inspect } from 'node:util';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { kindOfId } from '../../../src/core/contract/ids.ts';
import { findDepositReferences } from '../../../src/service/identity/deposit-reference.ts';
import { registrationById } from '../../../src/service/store/registrations.ts';
import { userByEmail } from '../../../src/service/store/users.ts';
import { eachEngine, openHarness, PASSWORD, type Harness } from '../../harness.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 3_600_000;
const EMAIL = 'alice@example.com';
const refused = (code: string, facts = {}) =>
  expect.objectContaining({ code, facts: expect.objectContaining(facts) });

eachEngine((engine) => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await openHarness({ engine });
  });
  afterEach(() => harness.close());

  const register = (email = EMAIL, password = PASSWORD) =>
    harness.call('register', { email, displayName: 'Alice Example', password });
  const verify = (registration: string, code: string | undefined) =>
    harness.call('verify-email', { registration, code: code ?? '' });
  const resend = (registration: string) => harness.call('resend-verification', { registration });

  it('opens an account for whoever reads the mail', async () => {
    const alice = await harness.holder('alice', { phone: '+4915112345678' });
    const me = await alice.client.call('get-me', {});
    expect(me.user).toEqual({
      id: alice.id,
      email: EMAIL,
      displayName: 'Alice Example',
      phone: '+4915112345678',
      createdAt: '2026-03-02T09:00:00.000Z',
    });
    expect((await harness.nextMail(EMAIL, 'welcome')).text).toContain('okpay login');
    const { depositReference } = (await userByEmail(harness.service.deps.engine, EMAIL)) ?? {};
    expect(findDepositReferences(depositReference ?? '')).toEqual([depositReference]);
  });

  it('is no account before that: it can neither log in nor be found', async () => {
    const answer = await register();
    expect(kindOfId(answer.registration)).toBe('registration');
    expect(answer.expiresAt).toBe('2026-03-02T09:10:00.000Z');
    await expect(harness.logIn(EMAIL)).rejects.toEqual(refused('email_unverified'));
    expect(await userByEmail(harness.service.deps.engine, EMAIL)).toBeUndefined();
  });

  it('keeps no secret in clear once the mail is written', async () => {
    const { registration } = await register();
    const { code = '', token = '' } = await harness.nextMail(EMAIL);
    expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
    expect(token).toMatch(/^[\w-]{32}$/);
    await harness.reopen();
    const { engine: db } = harness.service.deps;
    const everything = inspect([
      await registrationById(db, registration),
      await db.all('SELECT payload FROM outbox'),
    ]);
    for (const secret of [code, code.replace('-', ''), token, PASSWORD])
      expect(everything).not.toContain(secret);
  });

  it('takes the code as people type it, or the token of the link', async () => {
    for (const [name, typed] of [
      ['a', (code: string) => code.toLowerCase()],
      ['b', (code: string) => ` ${code.replace('-', ' ')} `],
      ['c', (code: string) => code.replace('-', '').replaceAll('0', 'o').replaceAll('1', 'l')],
    ] as const) {
      const { registration } = await register(`${name}@example.com`);
      const { code = '' } = await harness.nextMail(`${name}@example.com`);
      await expect(verify(registration, typed(code))).resolves.toMatchObject({
        email: `${name}@example.com`,
      });
    }
    const { registration } = await register();
    await expect(verify(registration, (await harness.nextMail(EMAIL)).token)).resolves.toMatchObject({
      email: EMAIL,
    });
  });

  it('takes a code once, with the same answer for every wrong one', async () => {
    const { registration } = await register();
    const { code } = await harness.nextMail(EMAIL);
    const other = await register('bob@example.com');
    const wrong = [
      verify(registration, '0000-0000'),
      verify(other.registration, code),
      verify('reg_00000000000000000000000000', code),
      verify('nonsense', code),
    ];
    await Promise.all(wrong.map((attempt) => expect(attempt).rejects.toEqual(refused('code_invalid'))));
    await verify(registration, code);
    await expect(verify(registration, code)).rejects.toEqual(refused('code_invalid'));
  });

  it('looks at five codes for each mail, also when they come at once', async () => {
    const { registration } = await register();
    const { code } = await harness.nextMail(EMAIL);
    const guesses = Array.from({ length: 50 }, (_, at) => verify(registration, `0000-00${10 + at}`));
    await Promise.all(guesses.map((guess) => expect(guess).rejects.toEqual(refused('code_invalid'))));
    expect((await registrationById(harness.service.deps.engine, registration))?.attempts).toBe(5n);
    await expect(verify(registration, code)).rejects.toEqual(refused('code_invalid'));
    // The positive control: four wrong ones leave one try.
    await resend(registration);
    const next = await harness.nextMail(EMAIL);
    for (let at = 0; at < 4; at++) await verify(registration, '0000-0000').catch(() => undefined);
    await expect(verify(registration, next.code)).resolves.toMatchObject({ email: EMAIL });
  });

  it('lets a code live ten minutes and no longer', async () => {
    const { registration } = await register();
    const { code, token } = await harness.nextMail(EMAIL);
    harness.clock.advance(10 * MINUTE_MS);
    await expect(verify(registration, code)).rejects.toEqual(refused('code_invalid'));
    await expect(verify(registration, token)).rejects.toEqual(refused('code_invalid'));
    await resend(registration);
    const next = await harness.nextMail(EMAIL);
    harness.clock.advance(10 * MINUTE_MS - 1);
    await expect(verify(registration, next.code)).resolves.toMatchObject({ email: EMAIL });
  });

  it('is finished by the newest mail only, and after five mails by a new registration only', async () => {
    const { registration } = await register();
    const first = await harness.nextMail(EMAIL);
    for (let mails = 2; mails <= 5; mails++) {
      const again = await resend(registration);
      expect(again).toEqual({ registration, email: EMAIL, expiresAt: expect.any(String) });
      await harness.nextMail(EMAIL);
    }
    // Five mails for one address make the next one wait; a minute later it is this registration that has had enough.
    await expect(resend(registration)).rejects.toEqual(refused('too_many_attempts', { retryAfter: '60' }));
    harness.clock.advance(MINUTE_MS);
    await expect(resend(registration)).rejects.toEqual(refused('too_many_attempts', { retryAfter: '86340' }));
    await expect(verify(registration, first.code)).rejects.toEqual(refused('code_invalid'));
    await expect(verify(registration, first.token)).rejects.toEqual(refused('code_invalid'));
    expect(await harness.mails()).toHaveLength(5);
  });

  it('is forgotten after a day', async () => {
    const { registration } = await register();
    harness.clock.advance(DAY_MS);
    await expect(resend(registration)).rejects.toEqual(refused('not_found', { thing: 'registration' }));
    harness.clock.advance(1);
    await register('bob@example.com');
    expect(await registrationById(harness.service.deps.engine, registration)).toBeUndefined();
  });

  it('cannot be taken over by somebody who registered the address first', async () => {
    // Mails that wait together go out together, in any order.
    const theirs = await register(EMAIL, 'the password of the attacker');
    const mails = [await harness.nextMail(EMAIL)];
    const ours = await register(EMAIL, 'the password of the owner');
    mails.push(await harness.nextMail(EMAIL));
    // Each code opens its own registration, and the owner follows the one they asked for.
    await expect(verify(ours.registration, mails[0]?.code)).rejects.toEqual(refused('code_invalid'));
    await verify(ours.registration, mails[1]?.code);
    await expect(harness.logIn(EMAIL, 'the password of the owner')).resolves.toHaveProperty('token');
    await expect(harness.logIn(EMAIL, 'the password of the attacker')).rejects.toEqual(
      refused('email_unverified'),
    );
    await expect(verify(theirs.registration, mails[0]?.code)).rejects.toEqual(refused('code_invalid'));
    await expect(verify(theirs.registration, mails[0]?.token)).rejects.toEqual(refused('code_invalid'));
  });

  it('becomes one account when two are finished at once (ASVS V15.4.2)', async () => {
    const asked: { registration: string; code: string | undefined }[] = [];
    for (let times = 0; times < 3; times++) {
      const { registration } = await register();
      asked.push({ registration, code: (await harness.nextMail(EMAIL)).code });
    }
    const results = await Promise.allSettled(
      asked.map(({ registration, code }) => verify(registration, code)),
    );
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected', 'rejected']);
  });

  it('is one account for all ways to write the address', async () => {
    await harness.holder('alice');
    for (const email of ['ALICE@example.com', 'alice@EXAMPLE.COM', 'ａlice@example.com']) {
      await register(email);
      expect((await harness.nextMail(EMAIL, 'already-registered')).text).toContain('tried to open');
      await expect(harness.logIn(email)).resolves.toHaveProperty('token');
    }
  });

  it.each([
    [{ displayName: 'Alice\r\nBcc: eve@example.com' }, 'input_invalid'],
    [{ displayName: 'Alice \u202Eecila' }, 'input_invalid'],
    [{ displayName: ' Alice' }, 'input_invalid'],
    [{ displayName: '...' }, 'input_invalid'],
    [{ displayName: 'x'.repeat(101) }, 'input_invalid'],
    // Its form NFC is twice as long.
    [{ displayName: '\u0958'.repeat(51) }, 'input_invalid'],
    [{ phone: '0151 12345678' }, 'phone_invalid'],
    [{ phone: '+0151123456' }, 'phone_invalid'],
    [{ phone: '+1234567890123456' }, 'phone_invalid'],
    [{ email: 'alice' }, 'email_invalid'],
    [{ password: 'short' }, 'password_weak'],
    [{ role: 'admin' }, 'input_invalid'],
    [{ verified: true }, 'input_invalid'],
  ])('is refused with %j', async (extra, code) => {
    const input = { email: EMAIL, displayName: 'Alice Example', password: PASSWORD, ...extra };
    await expect(harness.call('register', input)).rejects.toEqual(refused(code));
    expect(await harness.service.deps.engine.all('SELECT id FROM registrations')).toEqual([]);
  });

  it('takes names of any script', async () => {
    for (const [at, displayName] of [
      'José Ñandú',
      '山田 太郎',
      'محمد الأمين',
      'Ольга',
      "O'Hara-Smith, Jr.",
      'X Æ A-12',
    ].entries()) {
      await harness.call('register', { email: `${at}${EMAIL}`, displayName, password: PASSWORD });
    }
  });
});

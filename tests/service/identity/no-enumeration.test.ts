import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makePasswords, type Passwords } from '../../../src/service/identity/passwords.ts';
import { eachEngine, openHarness, PASSWORD, type Harness } from '../../harness.ts';

const KNOWN = 'known@example.com';
const UNVERIFIED = 'waiting@example.com';
const UNKNOWN = 'nobody@example.com';
const ADDRESSES = [KNOWN, UNVERIFIED, UNKNOWN];

eachEngine((engine) => {
  let harness: Harness;
  let url: string;
  let hashed: number;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    await harness.holder('known');
    await harness.call('register', { email: UNVERIFIED, displayName: 'Waiting', password: PASSWORD });
    // A mail counts for half an hour against the next one to that address, whoever asked for it.
    harness.clock.advance(30 * 60_000);
    const real = makePasswords({ memoryKib: 8, passes: 1 });
    hashed = 0;
    const counting: Passwords = {
      hash: (...given) => ((hashed += 1), real.hash(...given)),
      verify: (...given) => ((hashed += 1), real.verify(...given)),
    };
    Object.assign(harness.service.deps, { passwords: counting });
    url = (await harness.serve()).url;
    // What was asked for to get there is forgotten at the doors.
    harness.clock.advance(3 * 3_600_000);
  });
  afterEach(() => harness.close());

  /** All a stranger sees of an answer: ids, times and the address they sent themselves made equal. */
  async function look(path: string, body: object): Promise<{ seen: string; hashes: number }> {
    const before = hashed;
    const response = await fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    const headers = [...response.headers].filter(([name]) => !['date', 'x-request-id'].includes(name));
    const text = (await response.text())
      .replaceAll(/(reg|mco)_\w{26}/g, '$1_')
      .replaceAll(new RegExp(ADDRESSES.join('|'), 'g'), 'address');
    return {
      seen: JSON.stringify([response.status, headers.filter(([name]) => name !== 'content-length'), text]),
      hashes: hashed - before,
    };
  }

  async function expectAlike(answers: Promise<{ seen: string; hashes: number }>[]): Promise<void> {
    const all = await Promise.all(answers);
    expect(new Set(all.map(({ seen }) => seen)).size, JSON.stringify(all, null, 1)).toBe(1);
  }

  describe('whether an address has an account cannot be told', () => {
    it('by registering: one answer, one hash', async () => {
      const answers = [];
      for (const email of ADDRESSES) {
        const answer = await look('/v1/registrations', { email, displayName: 'Eve', password: PASSWORD });
        expect(answer.hashes, email).toBe(1);
        answers.push(Promise.resolve(answer));
      }
      await expectAlike(answers);
    });

    it('by registering with bad input: refused before anything is looked up', async () => {
      const bad = (email: string) =>
        look('/v1/registrations', { email, displayName: 'Eve', password: 'short' });
      await expectAlike(ADDRESSES.map(bad));
      expect(hashed).toBe(0);
    });

    it('by logging in with a wrong password: one answer, one hash', async () => {
      const answers = [];
      for (const email of ADDRESSES) {
        const answer = await look('/v1/sessions', { email, password: 'not the right password' });
        expect(answer.hashes, email).toBe(1);
        answers.push(Promise.resolve(answer));
      }
      await expectAlike(answers);
    });

    it('by registering oneself and then trying that password', async () => {
      const password = 'the password of a stranger';
      const answers = [];
      for (const email of ADDRESSES) {
        await look('/v1/registrations', { email, displayName: 'Eve', password });
        const answer = await look('/v1/sessions', { email, password });
        expect(answer.hashes, email).toBe(1);
        answers.push(Promise.resolve(answer));
      }
      await expectAlike(answers);
      expect((await Promise.all(answers))[0]?.seen).toContain('email_unverified');
      // Nobody was locked out by it.
      await expect(harness.logIn(KNOWN)).resolves.toHaveProperty('token');
    });

    it('by asking for the mail again, or typing codes', async () => {
      const registrations = [];
      for (const email of ADDRESSES) {
        const { registration } = await harness.call('register', {
          email,
          displayName: 'Eve',
          password: PASSWORD,
        });
        registrations.push(registration);
      }
      for (let mails = 2; mails <= 6; mails++) {
        await expectAlike(registrations.map((id) => look(`/v1/registrations/${id}/mails`, {})));
      }
      const code = { code: '0000-0000' };
      for (let tries = 1; tries <= 6; tries++) {
        await expectAlike(registrations.map((id) => look(`/v1/registrations/${id}/verification`, code)));
      }
    });

    it('by forgetting the password, and typing codes or links for it: one answer, no hash (ASVS V6.3.8)', async () => {
      const resets = [];
      for (const email of ADDRESSES) {
        const answer = await look('/v1/password-resets', { email });
        expect(answer.hashes, email).toBe(0);
        resets.push(answer);
      }
      await expectAlike(resets.map((answer) => Promise.resolve(answer)));
      expect(resets[0]?.seen).toContain('"reset\\":\\"mco_');

      const ids = [];
      for (const email of ADDRESSES) ids.push((await harness.call('forgot-password', { email })).reset);
      for (let tries = 1; tries <= 6; tries++) {
        const wrong = { code: '0000-0000', password: 'seven ravens over the old mill' };
        await expectAlike(ids.map((id) => look(`/v1/password-resets/${id}/password`, wrong)));
      }
      expect(hashed).toBe(0);
      const held = [];
      for (let mails = 3; mails <= 7; mails++) {
        const answers = ADDRESSES.map((email) => look('/v1/password-resets', { email }));
        await expectAlike(answers);
        held.push((await Promise.all(answers))[0]?.seen);
      }
      expect(held.at(-1)).toContain('too_many_attempts');
    });

    it('by what a registration says once somebody else has finished theirs', async () => {
      const password = 'the password of a stranger';
      const ask = { displayName: 'Eve', password };
      const early = await harness.call('register', { email: 'late@example.com', ...ask });
      const never = await harness.call('register', { email: UNKNOWN, ...ask });
      await harness.nextMail('late@example.com');
      await harness.holder('late');
      const again = (id: string) => look(`/v1/registrations/${id}/mails`, {});
      const [one, other] = [await again(early.registration), await again(never.registration)];
      expect(one.seen.replaceAll('late@example.com', 'address')).toBe(other.seen);
      const [first, second] = [
        await look('/v1/sessions', { email: 'late@example.com', password }),
        await look('/v1/sessions', { email: UNKNOWN, password }),
      ];
      expect(first.seen).toBe(second.seen);
    });
  });

  it('the owner of a known address is told by mail, and only there', async () => {
    await look('/v1/registrations', { email: KNOWN, displayName: 'Eve <b>', password: PASSWORD });
    const mail = await harness.nextMail(KNOWN, 'already-registered');
    expect(mail.text).not.toContain('Eve');
    expect(mail.code).toBeUndefined();
  });
});

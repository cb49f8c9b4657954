import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eachEngine, openHarness, PASSWORD, type Harness, type Holder } from '../../harness.ts';
import { actionsOf } from './account-rows.ts';

const NEW = 'alice@example.org';
const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const refused = (code: string) => expect.objectContaining({ code });

eachEngine((engine) => {
  let harness: Harness;
  let alice: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    alice = await harness.holder('alice');
  });
  afterEach(() => harness.close());

  const ask = (email = NEW) => alice.client.call('change-email', { email });
  const confirm = (change: string, code: string, client = alice.client) =>
    client.call('confirm-email', { change, code });
  /** Moves the account, all the way. */
  const move = async (email = NEW) => {
    const { change } = await ask(email);
    const { code = '' } = await harness.nextMail(email, 'change-email');
    return confirm(change, code);
  };

  describe('another e-mail address', () => {
    it('is the account’s once its code is typed; old and new are told (ASVS V6.3.7)', async () => {
      const { change } = await ask();
      expect((await harness.nextMail(alice.email, 'email-change-asked')).text).toContain(NEW);
      await expect(alice.client.call('get-me', {})).resolves.toMatchObject({ user: { email: alice.email } });
      const { code = '', text } = await harness.nextMail(NEW, 'change-email');
      expect(text).not.toContain(alice.email);
      await expect(confirm(change, code)).resolves.toMatchObject({ user: { id: alice.id, email: NEW } });
      for (const address of [alice.email, NEW]) {
        const told = await harness.nextMail(address, 'email-changed');
        expect(told.text).toContain(`from ${alice.email}`);
        expect(told.text).toContain(`to ${NEW}`);
      }
      await expect(harness.logIn(NEW)).resolves.toMatchObject({ user: { id: alice.id } });
      await expect(harness.logIn(alice.email)).rejects.toEqual(refused('credentials_invalid'));
      expect(await actionsOf(harness.service.deps, alice.id)).toEqual(
        expect.arrayContaining(['email-change-asked', 'email-changed']),
      );
    });

    it('takes a proof of a moment ago (ASVS V7.5.1)', async () => {
      harness.clock.advance(5 * MINUTE_MS + 1);
      await expect(ask()).rejects.toEqual(refused('proof_required'));
    });

    it('takes its code once, for ten minutes, the newest one, in a session of the account', async () => {
      const bob = await harness.holder('bob');
      const { change } = await ask();
      const { code = '' } = await harness.nextMail(NEW, 'change-email');
      await expect(confirm(change, '0000-0000')).rejects.toEqual(refused('code_invalid'));
      await expect(confirm(change, code, bob.client)).rejects.toEqual(refused('code_invalid'));
      const newer = await ask('third@example.org');
      await expect(confirm(change, code)).rejects.toEqual(refused('code_invalid'));
      const third = (await harness.nextMail('third@example.org', 'change-email')).code ?? '';
      harness.clock.advance(10 * MINUTE_MS);
      await expect(confirm(newer.change, third)).rejects.toEqual(refused('code_invalid'));
      alice = { ...alice, client: harness.client((await harness.logIn(alice.email)).token) };
      const { change: last } = await ask();
      const fresh = (await harness.nextMail(NEW, 'change-email')).code ?? '';
      await expect(confirm(last, fresh)).resolves.toHaveProperty('user');
      await expect(confirm(last, fresh)).rejects.toEqual(refused('code_invalid'));
    });

    it('ends all sessions but this one', async () => {
      const { token, session } = await harness.logIn(alice.email);
      const done = await move();
      expect(done.endedSessions).toEqual([{ id: session, device: 'unnamed' }]);
      await expect(harness.client(token).call('get-me', {})).rejects.toEqual(refused('session_expired'));
      await expect(alice.client.call('get-me', {})).resolves.toHaveProperty('user');
    });

    it('leaves payees and history as they were, and takes money under the new address', async () => {
      const bob = await harness.holder('bob');
      await bob.client.call('create-payee', { name: 'ally', to: alice.email });
      await move();
      const { payees } = await bob.client.call('list-payees', {});
      expect(payees).toMatchObject([{ name: 'ally', to: { id: alice.id } }]);
      const eur = { amount: '5.00', currency: 'EUR' };
      for (const to of ['ally', NEW])
        await expect(bob.client.call('create-quote', { to, amount: eur })).resolves.toMatchObject({
          to: { id: alice.id },
        });
      await expect(bob.client.call('create-quote', { to: alice.email, amount: eur })).rejects.toEqual(
        refused('recipient_unknown'),
      );
    });

    it('is found in every way of writing it, and one’s own is no other', async () => {
      await expect(ask('ALICE@Example.com')).rejects.toEqual(refused('input_invalid'));
      const { change } = await ask('Alice@EXAMPLE.org');
      const { code = '' } = await harness.nextMail('Alice@example.org', 'change-email');
      await confirm(change, code);
      await expect(harness.logIn('alice@example.org')).resolves.toHaveProperty('token');
      for (const bad of ['alice', 'a@b', 'alice@example.org\r\nBcc: eve@example.com', 'аlice@example.org'])
        await expect(ask(bad)).rejects.toEqual(refused('email_invalid'));
    });

    it('that has an account gets a word to its owner and no code; the answer is alike (ASVS V6.3.8)', async () => {
      const bob = await harness.holder('bob');
      const [taken, free] = [await ask(bob.email), await ask('free@example.org')];
      const shape = (answer: object) => JSON.stringify(answer).replaceAll(/mco_\w+|\w+@[\w.]+/g, '');
      expect(shape(taken)).toBe(shape(free));
      const told = await harness.nextMail(bob.email, 'address-taken');
      expect(told.code).toBeUndefined();
      expect(told.text).not.toContain(alice.email);
      const sent = async (wanted: string) =>
        (await harness.mails()).filter(({ kind }) => kind === wanted).map(({ to }) => to);
      await expect.poll(() => sent('email-change-asked')).toEqual([alice.email, alice.email]);
      await expect.poll(() => sent('change-email')).toHaveLength(1);
    });

    it('that gets an account before the code is typed is not taken away from it', async () => {
      const { change } = await ask();
      const { code = '' } = await harness.nextMail(NEW, 'change-email');
      const own = await harness.call('register', { email: NEW, displayName: 'Ann', password: PASSWORD });
      const theirs = (await harness.nextMail(NEW, 'verify')).code ?? '';
      await harness.call('verify-email', { registration: own.registration, code: theirs });
      await expect(confirm(change, code)).rejects.toEqual(refused('code_invalid'));
      await expect(alice.client.call('get-me', {})).resolves.toMatchObject({ user: { email: alice.email } });
    });

    it('makes codes worthless that were mailed before: to the old address, and for a registration', async () => {
      const own = await harness.call('register', { email: NEW, displayName: 'Ann', password: PASSWORD });
      const theirs = (await harness.nextMail(NEW, 'verify')).code ?? '';
      const { reset } = await harness.call('forgot-password', { email: alice.email });
      const { code = '' } = await harness.nextMail(alice.email, 'forgot-password');
      await move();
      const password = 'seven ravens over the old mill';
      await expect(harness.call('reset-password', { reset, code, password })).rejects.toEqual(
        refused('code_invalid'),
      );
      const verified = harness.call('verify-email', { registration: own.registration, code: theirs });
      await expect(verified).rejects.toEqual(refused('code_invalid'));
    });

    it('has the old one told of a new password for 30 days', async () => {
      await move();
      const reset = async () => {
        const { reset: id } = await harness.call('forgot-password', { email: NEW });
        const { code = '' } = await harness.nextMail(NEW, 'forgot-password');
        await harness.call('reset-password', { reset: id, code, password: `ravens over the mill ${id}` });
        return harness.nextMail(NEW, 'password-reset');
      };
      harness.clock.advance(30 * DAY_MS);
      await reset();
      await expect(harness.nextMail(alice.email, 'password-reset')).resolves.toHaveProperty('text');
      harness.clock.advance(1);
      await reset();
      const told = (await harness.mails()).filter(({ kind }) => kind === 'password-reset');
      expect(told.map(({ to }) => to).toSorted()).toEqual([alice.email, NEW, NEW]);
    });
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OPERATIONS, type Operation, type OperationName } from '../../../src/core/contract/operations.ts';
import { eachEngine, openHarness, PASSWORD, type Harness, type Holder } from '../../harness.ts';

const refused = (code: string, facts?: object) =>
  expect.objectContaining({ code, ...(facts === undefined ? {} : { facts }) });
const STEP_MS = 30_000;
const FRESH_MS = 5 * 60_000;

const FRESH = (Object.entries(OPERATIONS) as [OperationName, Operation][])
  .filter(([, { fresh, role }]) => fresh && role === 'holder')
  .map(([name]) => name);

eachEngine((engine) => {
  let harness: Harness;
  let alice: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    alice = await harness.holder('alice');
    await harness.holder('bob');
  });
  afterEach(() => harness.close());

  const addPayee = (token: string, name = 'Bob') =>
    harness.client(token).call('create-payee', { name, to: 'bob@example.com' });
  const prove = (token: string, input: { password?: string; code?: string }) =>
    harness.client(token).call('prove', input);

  describe('what must not be done by whoever finds an open session (ASVS V7.5.1)', () => {
    it('is marked in the table of operations', () => {
      expect(FRESH).toContain('create-payee');
    });

    it.each(FRESH)('%s is refused five minutes after the login, and says what is asked for', async (name) => {
      const call = () =>
        harness.service.perform({ operation: name, input: {}, token: alice.token }, { console: true });
      harness.clock.advance(FRESH_MS);
      await expect(call()).rejects.not.toEqual(refused('proof_required'));
      harness.clock.advance(1);
      await expect(call()).rejects.toEqual(refused('proof_required', { with: 'password' }));
      await harness.enableFactor(alice.token);
      await expect(call()).rejects.toEqual(refused('proof_required', { with: 'code' }));
    });
  });

  describe('a proof', () => {
    it('by password lets it be done, and gives the session another token (ASVS V7.2.4)', async () => {
      harness.clock.advance(FRESH_MS + 1);
      await expect(addPayee(alice.token)).rejects.toEqual(refused('proof_required'));
      await expect(prove(alice.token, {})).rejects.toEqual(refused('proof_required', { with: 'password' }));
      await expect(prove(alice.token, { password: 'not the password at all' })).rejects.toEqual(
        refused('credentials_invalid'),
      );
      const before = await alice.client.call('get-me', {});
      const proved = await prove(alice.token, { password: PASSWORD });
      expect(proved.token).not.toBe(alice.token);
      expect(proved.session).toBe(before.session?.id);
      await expect(addPayee(alice.token)).rejects.toEqual(refused('session_expired'));
      await addPayee(proved.token);
      harness.clock.advance(FRESH_MS + 1);
      await expect(addPayee(proved.token, 'Bobby')).rejects.toEqual(refused('proof_required'));
    });

    it('takes a code where there is a factor: the password alone is not enough', async () => {
      const app = await harness.enableFactor(alice.token);
      harness.clock.advance(FRESH_MS + 1);
      await expect(prove(alice.token, { password: PASSWORD })).rejects.toEqual(
        refused('second_factor_required'),
      );
      await expect(prove(alice.token, { code: '000000' })).rejects.toEqual(refused('second_factor_invalid'));
      const code = app.codeAt(harness.clock.now());
      const { token } = await prove(alice.token, { code });
      await addPayee(token);
      // The same code proves nothing twice.
      await expect(prove(token, { code })).rejects.toEqual(refused('second_factor_invalid'));
    });

    it('of a hundred with one code at once, one counts (ASVS V6.5.1)', async () => {
      const app = await harness.enableFactor(alice.token);
      harness.clock.advance(2 * STEP_MS);
      const code = app.codeAt(harness.clock.now());
      const all = await Promise.allSettled(Array.from({ length: 100 }, () => prove(alice.token, { code })));
      expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    });

    it('does not make a session of staff one that began with a factor', async () => {
      const root = await harness.staff();
      await root.client.call('add-staff', { email: alice.email, role: 'viewer' });
      const { token } = await harness.logIn(alice.email);
      const app = await harness.enableFactor(token);
      harness.clock.advance(2 * STEP_MS);
      const proved = await prove(token, { code: app.next(harness.clock.now()) });
      await expect(harness.client(proved.token).call('list-suspense', {})).rejects.toEqual(
        refused('second_factor_missing'),
      );
      await harness.client((await harness.logIn(alice.email)).token).call('list-suspense', {});
    });

    it('that is guessed at has to wait', async () => {
      for (let at = 0; at < 5; at++)
        await expect(prove(alice.token, { password: 'not the password at all' })).rejects.toEqual(
          refused('credentials_invalid'),
        );
      await expect(prove(alice.token, { password: PASSWORD })).rejects.toEqual(refused('too_many_attempts'));
      harness.clock.advance(60_000);
      await prove(alice.token, { password: PASSWORD });
    });
  });
});

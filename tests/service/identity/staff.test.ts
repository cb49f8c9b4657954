import { afterEach, beforeEach, expect, it } from 'vitest';
import { eachEngine, openHarness, PASSWORD, type Harness } from '../../harness.ts';

const refused = (code: string) => expect.objectContaining({ code });
const FIRST = { email: 'root@example.com', displayName: 'Root Example', password: PASSWORD };

eachEngine((engine) => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await openHarness({ engine });
  });
  afterEach(() => harness.close());

  it('there is nobody on a fresh install', async () => {
    expect(await harness.service.deps.engine.all('SELECT id FROM users')).toEqual([]);
  });

  it('the first member of staff is added once, and can log in', async () => {
    await expect(harness.call('bootstrap-staff', FIRST)).resolves.toMatchObject({ role: 'admin' });
    await expect(harness.call('bootstrap-staff', FIRST)).rejects.toEqual(refused('bootstrap_done'));
    await expect(harness.call('bootstrap-staff', { ...FIRST, email: 'two@example.com' })).rejects.toEqual(
      refused('bootstrap_done'),
    );
    const { user, expiresAt } = await harness.logIn(FIRST.email);
    expect([user.role, expiresAt]).toEqual(['admin', '2026-03-02T21:00:00.000Z']);
  });

  it('of many who try at once, one is first', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, at) =>
        harness.call('bootstrap-staff', { ...FIRST, email: `root${at}@example.com` }),
      ),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await harness.service.deps.engine.all('SELECT id FROM users')).toHaveLength(1);
  });

  it('the first is added at the machine itself, never over the network', async () => {
    const remote = harness.client(undefined, { console: false });
    await expect(remote.call('bootstrap-staff', FIRST)).rejects.toEqual(refused('console_only'));
  });

  it('a holder becomes the first with their own password', async () => {
    const { id, email } = await harness.holder('root');
    const asked = { ...FIRST, password: 'another password altogether' };
    await expect(harness.call('bootstrap-staff', asked)).rejects.toEqual(refused('credentials_invalid'));
    await expect(harness.call('bootstrap-staff', FIRST)).resolves.toMatchObject({ id, email, role: 'admin' });
  });

  it('an administrator gives a holder a role, which ends their sessions', async () => {
    const bob = await harness.holder('bob');
    await harness.enableFactor(bob.token);
    const root = await harness.staff();
    await expect(bob.client.call('add-staff', { email: bob.email, role: 'admin' })).rejects.toEqual(
      refused('role_insufficient'),
    );
    const added = await root.client.call('add-staff', { email: 'BOB@example.com', role: 'support' });
    expect(added).toMatchObject({ id: bob.id, role: 'support' });
    await expect(bob.client.call('get-me', {})).rejects.toEqual(refused('session_expired'));
    const { token } = await harness.logIn(bob.email);
    expect((await harness.client(token).call('get-me', {})).user.role).toBe('support');
    await expect(
      harness.client(token).call('add-staff', { email: bob.email, role: 'admin' }),
    ).rejects.toEqual(refused('role_insufficient'));
  });

  it('nobody changes their own role, and only holders get one', async () => {
    const root = await harness.staff();
    await expect(root.client.call('add-staff', { email: root.email, role: 'viewer' })).rejects.toEqual(
      refused('input_invalid'),
    );
    await expect(root.client.call('add-staff', { email: 'no@example.com', role: 'viewer' })).rejects.toEqual(
      refused('not_found'),
    );
    await harness.call('register', { email: 'new@example.com', displayName: 'New', password: PASSWORD });
    await expect(root.client.call('add-staff', { email: 'new@example.com', role: 'viewer' })).rejects.toEqual(
      refused('not_found'),
    );
  });
});

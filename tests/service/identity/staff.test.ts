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

  it('there is nobody on a fresh install, and none of the names that programs come with gets in (ASVS V6.3.2)', async () => {
    const { engine: db } = harness.service.deps;
    for (const table of ['users', 'registrations', 'sessions', 'tokens', 'devices'])
      expect([table, await db.all(`SELECT * FROM ${table}`)]).toEqual([table, []]);
    for (const name of ['admin', 'root', 'okpay', 'support', 'test', 'demo'])
      for (const password of [name, '', 'admin', 'password', 'changeme', PASSWORD]) {
        await expect(harness.logIn(`${name}@example.com`, password)).rejects.toEqual(
          expect.objectContaining({
            code: expect.stringMatching(/^(credentials_invalid|input_invalid|too_many_attempts)$/),
          }),
        );
      }
    // The control: whoever was made at the console gets in with the password they chose.
    await harness.call('bootstrap-staff', { ...FIRST, email: 'ops@example.com' });
    await expect(harness.logIn('ops@example.com')).resolves.toHaveProperty('token');
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

  it('of many who try at once, one is first (ASVS V15.4.2)', async () => {
    const results = await Promise.allSettled(
      Array.from({ length: 20 }, (_, at) =>
        harness.call('bootstrap-staff', { ...FIRST, email: `root${at}@example.com` }),
      ),
    );
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(await harness.service.deps.engine.all('SELECT id FROM users')).toHaveLength(1);
  });

  it('the first is added at the machine itself, never over the network (ASVS V6.3.2)', async () => {
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

  const admin = async (name: string) => {
    const root = await harness.staff();
    const { email } = await harness.holder(name);
    await root.client.call('add-staff', { email, role: 'admin' });
    const { token, user } = await harness.logIn(email);
    return { id: user.id, email, client: harness.client(token) };
  };

  it('a role that ends takes sessions and tokens with it, at once, and leaves the account (ASVS V7.4.2)', async () => {
    const root = await harness.staff();
    const sue = await harness.staff('support');
    const { engine: db, newId } = harness.service.deps;
    await db.transact((tx) =>
      tx.run(
        `INSERT INTO tokens (id, user_id, name, name_key, token_hash, scopes, caps, created_at, expires_at)
          VALUES (?, ?, 'ci', 'ci', 'hash', '["staff"]', '{}', '', '2999')`,
        [newId('token'), sue.id],
      ),
    );
    expect((await root.client.call('list-staff', {})).staff.map(({ role }) => role)).toEqual([
      'admin',
      'support',
    ]);
    const removed = await root.client.call('remove-staff', { who: sue.email, reason: 'left the company' });
    expect(removed).not.toHaveProperty('role');
    await expect(sue.client.call('list-staff', {})).rejects.toEqual(refused('session_expired'));
    expect(await db.all('SELECT id FROM tokens')).toEqual([]);
    expect((await root.client.call('list-staff', {})).staff.map(({ id }) => id)).toEqual([root.id]);
    const { token, user } = await harness.logIn(sue.email);
    expect(user.role).toBeUndefined();
    await expect(harness.client(token).call('list-staff', {})).rejects.toEqual(refused('role_insufficient'));
    await expect(root.client.call('remove-staff', { who: sue.email, reason: 'again' })).rejects.toEqual(
      refused('not_found'),
    );
  });

  it('nobody ends their own role, and only an administrator anybody else’s', async () => {
    const root = await harness.staff();
    const senior = await harness.staff('senior');
    await expect(root.client.call('remove-staff', { who: root.id, reason: 'x' })).rejects.toEqual(
      refused('input_invalid'),
    );
    await expect(senior.client.call('remove-staff', { who: root.id, reason: 'x' })).rejects.toEqual(
      refused('role_insufficient'),
    );
  });

  it('of two administrators who end each other’s roles at the same time, one stays', async () => {
    const root = await harness.staff();
    for (let round = 0; round < 10; round++) {
      const other = await admin(`other${round}`);
      const again = await harness.staff();
      const results = await Promise.allSettled([
        again.client.call('remove-staff', { who: other.id, reason: 'x' }),
        other.client.call(
          round % 2 === 0 ? 'remove-staff' : 'add-staff',
          (round % 2 === 0 ? { who: root.id, reason: 'x' } : { email: root.email, role: 'viewer' }) as never,
        ),
      ]);
      const left = await harness.service.deps.engine.all<{ id: string }>(
        "SELECT id FROM users WHERE role = 'admin'",
      );
      expect(left).toHaveLength(1);
      expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      // Root goes on being the one who is logged in as such.
      await harness.service.deps.engine.transact(async (tx) => {
        await tx.run('UPDATE users SET role = NULL WHERE id = ?', [other.id]);
        await tx.run("UPDATE users SET role = 'admin' WHERE id = ?", [root.id]);
      });
    }
  });

  it('who got a role and who lost it is recorded, with who did it and why (ASVS V16.2.1)', async () => {
    const root = await harness.staff();
    const { id, email } = await harness.holder('sue');
    await root.client.call('add-staff', { email, role: 'support', reason: 'new here' });
    await root.client.call('add-staff', { email, role: 'senior' });
    await root.client.call('remove-staff', { who: id, reason: 'left' });
    const records = await harness.service.deps.engine.all(
      `SELECT action, actor, subject, reason, facts FROM audit_log WHERE action LIKE 'staff-%' ORDER BY id`,
    );
    expect(records).toEqual([
      { action: 'staff-added', actor: 'nobody', subject: root.id, reason: null, facts: '{"role":"admin"}' },
      {
        action: 'staff-added',
        actor: root.id,
        subject: id,
        reason: 'new here',
        facts: '{"role":"support"}',
      },
      {
        action: 'staff-added',
        actor: root.id,
        subject: id,
        reason: null,
        facts: '{"role":"senior","before":"support"}',
      },
      { action: 'staff-removed', actor: root.id, subject: id, reason: 'left', facts: '{"role":"senior"}' },
    ]);
  });
});

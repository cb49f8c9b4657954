import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { forgetDevices } from '../../../src/service/identity/devices.ts';
import { eachEngine, openHarness, PASSWORD, type Harness, type Holder } from '../../harness.ts';

const DAY_MS = 24 * 3_600_000;
const refused = (code: string) => expect.objectContaining({ code });

eachEngine((engine) => {
  let harness: Harness;
  let alice: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    alice = await harness.holder('alice');
    await harness.nextMail(alice.email, 'new-device');
  });
  afterEach(() => harness.close());

  const logIn = async (more: object = {}, email = alice.email) => {
    const answer = await harness.service.perform(
      { operation: 'log-in', input: { email, password: PASSWORD, ...more } },
      { console: false, address: '203.0.113.77' },
    );
    return ('output' in answer ? answer.output : {}) as { token: string; deviceToken?: string };
  };
  const list = (token = alice.token) => harness.client(token).call('list-sessions', {});
  const newDeviceMails = async () => (await harness.mails()).filter(({ kind }) => kind === 'new-device');

  it('a login from a machine the account does not know makes it known, and tells the owner', async () => {
    const { deviceToken, token } = await logIn({ device: 'laptop\r\nBcc: eve@example.com' });
    expect(deviceToken).toMatch(/^okd_[\w-]{43}$/);
    const mail = await harness.nextMail(alice.email, 'new-device');
    expect(mail.text).toContain('When: 2026-03-02 09:00 UTC');
    expect(mail.text).toContain('Device: “laptop\u{fffd}\u{fffd}Bcc: eve@example.com”');
    expect(mail.text).toContain('Network: 203.0.113.0/24');
    expect(mail.text).toContain('okpay session revoke --all-others');
    const { devices, sessions } = await list(token);
    expect(devices.map(({ network, current }) => [network, current])).toEqual([
      ['console', false],
      ['203.0.113.0/24', true],
    ]);
    expect(sessions.at(-1)).toMatchObject({ deviceId: devices.at(-1)?.id, network: '203.0.113.0/24' });
  });

  it('a later login with its token is from the same device: no new token, no mail', async () => {
    const { deviceToken } = await logIn({ device: 'laptop' });
    await harness.nextMail(alice.email, 'new-device');
    harness.clock.advance(DAY_MS);
    const again = await logIn({ device: 'laptop', deviceToken });
    expect(again).not.toHaveProperty('deviceToken');
    const { devices } = await list(again.token);
    expect(devices).toHaveLength(2);
    expect(devices[1]).toMatchObject({ lastUsedAt: '2026-03-03T09:00:00.000Z', current: true });
    expect(await newDeviceMails()).toHaveLength(2);
  });

  it('its token is kept as a hash, and is no session (ASVS V7.2.2)', async () => {
    const { deviceToken = '' } = await logIn();
    await expect(harness.client(deviceToken).call('get-me', {})).rejects.toEqual(refused('session_expired'));
    const rows = inspect(await harness.service.deps.engine.all('SELECT * FROM devices'));
    expect(rows).not.toContain(deviceToken.slice(4));
    const wrong = { email: alice.email, password: 'wrong', deviceToken };
    await expect(harness.call('log-in', wrong)).rejects.toEqual(refused('credentials_invalid'));
  });

  it('a token of another account, a changed one or none makes a stranger', async () => {
    const bob = await harness.holder('bob');
    const theirs = await logIn({}, bob.email);
    for (const deviceToken of [theirs.deviceToken, `${theirs.deviceToken}x`, 'okd_', alice.token])
      expect(await logIn({ deviceToken })).toHaveProperty('deviceToken');
  });

  it('is forgotten after a year without use, and use puts that off', async () => {
    const { deviceToken } = await logIn();
    harness.clock.advance(365 * DAY_MS);
    expect(await logIn({ deviceToken })).not.toHaveProperty('deviceToken');
    harness.clock.advance(365 * DAY_MS + 1);
    expect(await logIn({ deviceToken })).toHaveProperty('deviceToken');
  });

  it('is forgotten by its owner with the sessions on it, and by nobody else', async () => {
    const bob = await harness.holder('bob');
    const { deviceToken, token } = await logIn();
    const device = (await list(token)).devices.at(-1)?.id ?? '';
    await expect(bob.client.call('forget-device', { device })).rejects.toEqual(refused('not_found'));
    const { ended } = await alice.client.call('forget-device', { device });
    expect(ended).toHaveLength(1);
    await expect(list(token)).rejects.toEqual(refused('session_expired'));
    await list();
    await expect(alice.client.call('forget-device', { device })).rejects.toEqual(refused('not_found'));
    expect(await logIn({ deviceToken })).toHaveProperty('deviceToken');
  });

  it('all are forgotten together', async () => {
    const bob = await harness.holder('bob');
    const [mine, theirs] = [await logIn(), await logIn({}, bob.email)];
    await harness.service.deps.engine.transact((tx) => forgetDevices(tx, alice.id));
    expect(await logIn({ deviceToken: mine.deviceToken })).toHaveProperty('deviceToken');
    expect(await logIn({ deviceToken: theirs.deviceToken }, bob.email)).not.toHaveProperty('deviceToken');
  });

  it('the one that was not used for longest makes room for the fifty-first', async () => {
    harness.clock.advance(1);
    const first = await logIn();
    harness.clock.advance(1);
    let token = '';
    for (let at = 0; at < 49; at++) ({ token } = await logIn());
    expect((await list(token)).devices).toHaveLength(50);
    harness.clock.advance(1);
    expect(await logIn({ deviceToken: first.deviceToken })).not.toHaveProperty('deviceToken');
    harness.clock.advance(1);
    await logIn();
    expect((await list(token)).devices).toHaveLength(50);
    expect(await logIn({ deviceToken: first.deviceToken })).not.toHaveProperty('deviceToken');
  });

  describe('sessions (ASVS V7.5.2)', () => {
    it('all others are ended at once, and which is said', async () => {
      const others = [await logIn({ device: 'phone' }), await logIn({ device: 'tablet' })];
      const { sessions } = await list();
      const { ended } = await alice.client.call('revoke-other-sessions', {});
      expect(ended).toEqual(sessions.filter(({ current }) => !current).map(({ id }) => id));
      for (const { token } of others) await expect(list(token)).rejects.toEqual(refused('session_expired'));
      expect((await list()).sessions).toHaveLength(1);
      expect((await alice.client.call('revoke-other-sessions', {})).ended).toEqual([]);
    });

    it('one that has ended by itself is no session to end', async () => {
      const { token } = await logIn();
      const session = (await list(token)).sessions.at(-1)?.id ?? '';
      for (let day = 0; day < 8; day++) {
        harness.clock.advance(DAY_MS);
        await list();
      }
      await expect(alice.client.call('revoke-session', { session })).rejects.toEqual(refused('not_found'));
    });

    it('each login is a new one, and logging out ends it at the service (ASVS V7.2.4, V7.4.1)', async () => {
      const { deviceToken, token } = await logIn();
      const again = await logIn({ deviceToken });
      expect(again.token).not.toBe(token);
      await harness.client(again.token).call('log-out', {});
      await expect(list(again.token)).rejects.toEqual(refused('session_expired'));
      // The device stays known: it is no session.
      expect(await logIn({ deviceToken })).not.toHaveProperty('deviceToken');
    });
  });
});

import { afterEach, beforeEach, expect, it } from 'vitest';
import { eachEngine, openHarness, PASSWORD, type Harness } from '../../harness.ts';

eachEngine((engine) => {
  let harness: Harness;
  beforeEach(async () => {
    harness = await openHarness({ engine });
  });
  afterEach(() => harness.close());

  it('opens an account for whoever reads the mail', async () => {
    const alice = await harness.holder('alice', { phone: '+4915112345678' });
    const me = await alice.client.call('get-me', {});
    expect(me.user).toEqual({
      id: alice.id,
      email: 'alice@example.com',
      displayName: 'Alice Example',
      phone: '+4915112345678',
      createdAt: '2026-03-02T09:00:00.000Z',
    });
    expect((await harness.nextMail('alice@example.com', 'welcome')).text).toContain('okpay login');
    expect(PASSWORD).toBeTruthy();
  });
});

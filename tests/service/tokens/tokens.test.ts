import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordsAbout } from '../../../src/service/store/audit-log.ts';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import { fund, person, refusalOf, say, send } from '../money/wallet.ts';
import { cap, clientAt, sessionWith, tokenOf } from './token-holder.ts';

const DAY_MS = 86_400_000;

eachEngine((engine) => {
  let harness: Harness;
  let alice: Holder;
  let bob: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    alice = await person(harness, 'alice');
    bob = await person(harness, 'bob');
  });
  afterEach(() => harness.close());

  const actionsOf = async (holder: Holder) =>
    (await recordsAbout(harness.service.deps.engine, holder.id, { limit: 100 })).reverse();

  describe('a token', () => {
    it('is a new secret of 256 bits each time, shown once, and kept as a hash only (ASVS V7.2.3, V11.5.1)', async () => {
      const one = await tokenOf(harness, alice);
      const two = await tokenOf(harness, alice);
      expect(one.secret).toMatch(/^okt_[\w-]{43}$/);
      expect(two.secret).not.toBe(one.secret);
      const rows = inspect(await harness.service.deps.engine.all('SELECT * FROM tokens'));
      const told = inspect(
        [
          await alice.client.call('list-tokens', {}),
          await one.client.call('get-me', {}),
          harness.logged,
          await actionsOf(alice),
          await harness.mails(),
        ],
        { depth: null },
      );
      for (const { secret } of [one, two])
        for (const text of [rows, told]) expect(text).not.toContain(secret.slice(4));
    });

    it('lives ninety days unless it is said, and a year at most', async () => {
      const { token, client } = await tokenOf(harness, alice);
      expect(Date.parse(token.expiresAt) - harness.clock.now()).toBe(90 * DAY_MS);
      const at = (ms: number) => new Date(harness.clock.now() + ms).toISOString();
      expect((await tokenOf(harness, alice, { expiresAt: at(366 * DAY_MS) })).token.expiresAt).toBe(
        at(366 * DAY_MS),
      );
      for (const expiresAt of [at(366 * DAY_MS + 1), at(0), at(-1)])
        await refusalOf(tokenOf(harness, alice, { expiresAt }), 'input_invalid');
      harness.clock.advance(90 * DAY_MS - 1);
      await client.call('list-balances', {});
      harness.clock.advance(1);
      await refusalOf(client.call('list-balances', {}), 'token_invalid');
    });

    it('is nothing once a letter of it is changed, and no session either', async () => {
      const { secret } = await tokenOf(harness, alice);
      const other = secret.at(-2) === 'A' ? 'B' : 'A';
      for (const wrong of [secret.slice(0, -2) + other + secret.slice(-1), 'okt_', `${secret}x`])
        await refusalOf(harness.client(wrong).call('list-balances', {}), 'token_invalid');
      for (const wrong of [secret.replace('okt_', 'okp_'), secret.slice(4), secret.toUpperCase()])
        await refusalOf(harness.client(wrong).call('list-balances', {}), 'session_expired');
      const asToken = alice.token.replace(/^/, 'okt_');
      await refusalOf(harness.client(asToken).call('list-balances', {}), 'token_invalid');
    });

    it('is made a moment after proving who one is, and never by a token (ASVS V7.5.1)', async () => {
      const { client } = await tokenOf(harness, alice, { scopes: ['read', 'pay', 'payees'] });
      for (const operation of ['create-token', 'list-tokens'] as const)
        await refusalOf(client.call(operation, { name: 'more', scopes: ['pay'] } as never), 'session_only');
      await refusalOf(client.call('revoke-token', { name: 'x' }), 'session_only');
      harness.clock.advance(5 * 60_000 + 1);
      await refusalOf(tokenOf(harness, alice), 'proof_required');
      expect((await alice.client.call('list-tokens', {})).tokens).toHaveLength(1);
    });

    it('has a name of its own, that looks like one', async () => {
      await tokenOf(harness, alice, { name: 'CI salaries' });
      await refusalOf(tokenOf(harness, alice, { name: 'ci SALARIES' }), 'token_exists');
      await tokenOf(harness, bob, { name: 'CI salaries' });
      for (const name of ['\u202egnp', 'a\nb', ' a', '-', '<b>', 'tok_01jm0000000000000000000000'])
        await refusalOf(tokenOf(harness, alice, { name }), 'input_invalid');
    });

    it('has caps that make sense', async () => {
      const tries: [object, string][] = [
        [{ scopes: ['read'], caps: [cap('day', '5 EUR')] }, 'input_invalid'],
        [{ caps: [cap('day', '5 EUR'), cap('day', '6 EUR')] }, 'input_invalid'],
        [{ caps: [cap('day', '0 EUR')] }, 'amount_invalid'],
        [{ caps: [cap('day', '5.001 EUR')] }, 'amount_invalid'],
        [{ caps: [cap('day', '5 XXX')] }, 'currency_unknown'],
        [{ scopes: [] }, 'input_invalid'],
        [{ scopes: ['all'] }, 'input_invalid'],
        [{ payees: ['nobody@example.com'] }, 'recipient_unknown'],
        [{ payees: [] }, 'input_invalid'],
        [{ networks: ['10.0.0.0/33'] }, 'input_invalid'],
        [{ networks: ['example.com'] }, 'input_invalid'],
        [{ owner: bob.id }, 'input_invalid'],
      ];
      for (const [asked, code] of tries) await refusalOf(tokenOf(harness, alice, asked), code as never);
      expect((await alice.client.call('list-tokens', {})).tokens).toEqual([]);
    });

    it('is one of fifty at most', async () => {
      for (let at = 0; at < 50; at++) await tokenOf(harness, alice);
      await refusalOf(tokenOf(harness, alice), 'token_limit');
      const { tokens } = await alice.client.call('list-tokens', {});
      await alice.client.call('revoke-token', { name: tokens[0]?.id ?? '' });
      await tokenOf(harness, alice);
    });

    it('tells by whom it calls, for how long and how far', async () => {
      await alice.client.call('create-payee', { name: 'Bobby', to: bob.email });
      const { client, token } = await tokenOf(harness, alice, {
        scopes: ['pay'],
        caps: [cap('payment', '1 EUR'), cap('month', '20 JPY')],
        payees: ['Bobby', bob.email],
        networks: ['127.0.0.1', '2001:DB8::/32'],
        plan: 'plan-1',
      });
      const me = await client.call('get-me', {});
      expect(me.session).toBeUndefined();
      expect(me.user.id).toBe(alice.id);
      expect(me.token).toEqual({
        ...token,
        lastNetwork: 'console',
        lastUsedAt: new Date(harness.clock.now()).toISOString(),
      });
      expect(token).toMatchObject({
        scopes: ['pay'],
        payees: [{ id: bob.id, name: bob.displayName, email: bob.email }],
        networks: ['127.0.0.1/32', '2001:db8::/32'],
        plan: 'plan-1',
      });
    });

    it('belongs to its owner: others neither see nor end it (ASVS V8.2.2)', async () => {
      const { client, token } = await tokenOf(harness, alice);
      expect(await bob.client.call('list-tokens', {})).toEqual({ tokens: [] });
      for (const name of [token.id, token.name, 'tok_01jm0000000000000000000000'])
        await refusalOf(bob.client.call('revoke-token', { name: name }), 'not_found');
      await client.call('list-balances', {});
    });

    it('sees what is its owner’s and nothing else (ASVS V8.2.2)', async () => {
      const { client } = await tokenOf(harness, bob);
      await fund(harness, alice, '10');
      const carol = await person(harness, 'carol');
      const { id } = await send(alice, carol.email, '1 EUR');
      await refusalOf(client.call('get-transfer', { transfer: id }), 'not_found');
      await refusalOf(client.call('explain', { id }), 'not_found');
    });
  });

  describe('ending a token', () => {
    it('counts at the next call (ASVS V7.4.2, V8.3.2)', async () => {
      const { client, token } = await tokenOf(harness, alice, { name: 'ci' });
      await client.call('list-balances', {});
      expect(await alice.client.call('revoke-token', { name: 'CI' })).toEqual({ id: token.id, name: 'ci' });
      await refusalOf(client.call('list-balances', {}), 'token_invalid');
      await refusalOf(alice.client.call('revoke-token', { name: 'ci' }), 'not_found');
    });

    it('counts for each of 100 calls at once that come after it', async () => {
      const { client, token } = await tokenOf(harness, alice);
      await alice.client.call('revoke-token', { name: token.id });
      const results = await Promise.allSettled(
        Array.from({ length: 100 }, () => client.call('list-balances', {})),
      );
      expect(results.filter(({ status }) => status === 'fulfilled')).toEqual([]);
    });
  });

  describe('the log of what was done', () => {
    it('has everything a token did under its id, and its owner is told of a new one', async () => {
      const { client, token } = await tokenOf(
        harness,
        alice,
        { name: 'ci', scopes: ['read', 'pay'] },
        '192.0.2.7',
      );
      await client.call('list-balances', {});
      await client.call('list-balances', {});
      harness.clock.advance(61_000);
      await clientAt(harness.service, (await tokenOf(harness, alice)).secret).call('get-me', {});
      await client.call('list-balances', {});
      await alice.client.call('revoke-token', { name: 'ci' });
      const about = (await actionsOf(alice)).filter(({ object }) => object === token.id);
      expect(
        about.map(({ action, network, facts }) => [action, network, JSON.parse(facts) as unknown]),
      ).toEqual([
        ['token-created', 'console', { name: 'ci', scopes: 'read pay', expiresAt: token.expiresAt }],
        ['token-used', '192.0.2.0/24', { token: token.id }],
        ['token-revoked', 'console', { name: 'ci' }],
      ]);
      expect(about[1]).toMatchObject({ actor: alice.id, subject: alice.id, device: 'token ci' });
      const mail = await harness.nextMail(alice.email, 'token-created');
      expect(mail.text).toContain('“ci”');
    });

    it('says which token looked after the payees', async () => {
      const { client, token } = await tokenOf(harness, alice, { scopes: ['payees'] });
      harness.clock.advance(3_600_000);
      const { id } = await client.call('create-payee', { name: 'Bobby', to: bob.email });
      await refusalOf(client.call('create-payee', { name: 'bobby', to: bob.email }), 'payee_exists');
      await client.call('delete-payee', { payee: 'Bobby' });
      const about = (await actionsOf(alice)).filter(({ object }) => object === id);
      const facts = { name: 'Bobby', recipient: bob.id, token: token.id };
      expect(about.map(({ action, facts: said }) => [action, JSON.parse(said) as unknown])).toEqual([
        ['payee-added', facts],
        ['payee-removed', facts],
      ]);
    });

    it('notes a use once a minute at most, also of 100 calls at once', async () => {
      const { client, token } = await tokenOf(harness, alice, {}, '192.0.2.7');
      const lastUse = async () =>
        (await alice.client.call('list-tokens', {})).tokens.map(({ lastUsedAt, lastNetwork }) => [
          lastUsedAt,
          lastNetwork,
        ])[0];
      expect(await lastUse()).toEqual([undefined, undefined]);
      const first = new Date(harness.clock.now()).toISOString();
      await Promise.all(Array.from({ length: 100 }, () => client.call('list-balances', {})));
      expect(await lastUse()).toEqual([first, '192.0.2.0/24']);
      harness.clock.advance(60_000);
      await client.call('list-balances', {});
      expect((await lastUse())?.[0]).toBe(first);
      harness.clock.advance(1);
      await client.call('list-balances', {});
      expect((await lastUse())?.[0]).toBe(new Date(harness.clock.now()).toISOString());
      const used = (await actionsOf(alice)).filter(({ action }) => action === 'token-used');
      expect(used.map(({ object }) => object)).toEqual([token.id]);
    });

    it('says of a payment which token paid, to its payer only', async () => {
      await fund(harness, alice, '10');
      const { client, token } = await tokenOf(harness, alice);
      const paid = await send({ ...alice, client }, bob.email, '1 EUR');
      expect(paid.token).toBe(token.id);
      const [mine] = (await alice.client.call('list-transfers', {})).transfers;
      const [theirs] = (await bob.client.call('list-transfers', {})).transfers;
      expect([mine?.token, theirs?.token]).toEqual([token.id, undefined]);
      expect((await send(alice, bob.email, '1 EUR')).token).toBeUndefined();
      expect(say(paid.received)).toBe('1.00 EUR');
    });
  });

  describe('from elsewhere', () => {
    it('a token for some networks is turned away, and its owner sees it', async () => {
      const { secret, token } = await tokenOf(harness, alice, {
        networks: ['192.0.2.0/24', '2001:db8:1::/48'],
      });
      const from = (address?: string) => clientAt(harness.service, secret, address).call('list-balances', {});
      for (const address of ['192.0.2.1', '192.0.2.255', '2001:db8:1:ffff::1', '::ffff:192.0.2.9'])
        await from(address);
      for (const address of ['192.0.3.1', '2001:db8:2::1', '::1', '::ffff:192.0.3.9'])
        await refusalOf(from(address), 'network_not_allowed');
      await refusalOf(from(), 'network_not_allowed');
      await refusalOf(
        harness.client(secret, { console: false }).call('list-balances', {}),
        'network_not_allowed',
      );
      const refused = (await actionsOf(alice)).filter(({ action }) => action === 'token-refused');
      expect(refused.map(({ object }) => object)).toEqual(Array(6).fill(token.id));
      expect(refused[0]?.network).toBe('192.0.3.0/24');
    });

    it('bad tokens are counted by where they come from, and good ones are not (ASVS V6.3.1)', async () => {
      const { secret } = await tokenOf(harness, alice);
      const guess = (at: number, address: string) =>
        clientAt(harness.service, `okt_${String(at).padStart(43, 'x')}`, address).call('list-balances', {});
      for (let at = 0; at < 20; at++) await refusalOf(guess(at, '192.0.2.9'), 'token_invalid');
      const refusal = await refusalOf(guess(20, '192.0.2.9'), 'too_many_attempts');
      expect(refusal.facts).toHaveProperty('retryAfter');
      await refusalOf(guess(21, '198.51.100.1'), 'token_invalid');
      await clientAt(harness.service, secret, '192.0.2.9').call('list-balances', {});
      harness.clock.advance(2_000);
      await refusalOf(guess(22, '192.0.2.9'), 'token_invalid');
    });
  });

  describe('of staff', () => {
    it('takes a role and a session with a second factor, and lasts no longer than the role', async () => {
      await refusalOf(tokenOf(harness, alice, { scopes: ['staff'] }), 'role_insufficient');
      const viewer = await person(harness, 'viewer', 'viewer');
      const halfway = await sessionWith(harness, viewer, { withFactor: false });
      await refusalOf(tokenOf(harness, halfway, { scopes: ['staff'] }), 'second_factor_missing');
      const proved = await sessionWith(harness, viewer, { withFactor: true });
      const { client } = await tokenOf(harness, proved, { scopes: ['staff'] });
      const setRole = (role: string | null) =>
        harness.service.deps.engine.transact((tx) =>
          tx.run('UPDATE users SET role = ? WHERE id = ?', [role, viewer.id]),
        );
      await client.call('list-suspense', {});
      await refusalOf(
        client.call('set-fee', { kind: 'transfer', currency: 'EUR', basisPoints: 0 }),
        'role_insufficient',
      );
      await setRole(null);
      await refusalOf(client.call('list-suspense', {}), 'role_insufficient');
      // A role that is another one than the token was made with: nobody decided that programs may have it.
      await setRole('admin');
      await refusalOf(client.call('list-suspense', {}), 'role_insufficient');
      await setRole('viewer');
      await client.call('list-suspense', {});
    });

    it('without that scope sees what a holder sees, also with a role (ASVS V8.3.1)', async () => {
      await fund(harness, alice, '10');
      const { id } = await send(alice, bob.email, '1 EUR');
      const admin = await sessionWith(harness, await person(harness, 'admin', 'admin'), { withFactor: true });
      const { client } = await tokenOf(harness, admin, { scopes: ['read', 'pay', 'payees'] });
      await refusalOf(client.call('get-transfer', { transfer: id }), 'not_found');
      await refusalOf(client.call('explain', { id }), 'not_found');
      await refusalOf(client.call('list-suspense', {}), 'scope_insufficient');
    });
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeLog } from '../../../src/service/http/log.ts';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import { fund, newKey, person } from '../money/wallet.ts';
import { cap, tokenOf, type Made } from '../tokens/token-holder.ts';

eachEngine((engine) => {
  const lines: string[] = [];
  let harness: Harness;
  let alice: Holder;
  let bob: Holder;
  let made: Made;
  let url: string;
  beforeEach(async () => {
    lines.length = 0;
    const log = await makeLog({ node: 'n1', write: (line) => void lines.push(line) });
    harness = await openHarness({ engine, settings: { log } });
    alice = await person(harness, 'alice');
    bob = await person(harness, 'bob');
    await fund(harness, alice, '100');
    made = await tokenOf(harness, alice, {
      scopes: ['pay'],
      caps: [cap('day', '10 EUR')],
      networks: ['127.0.0.0/8'],
    });
    ({ url } = await harness.serve());
  });
  afterEach(() => harness.close());

  const codeOf = async (answer: Response) => [
    answer.status,
    ((await answer.json()) as { code?: string }).code,
  ];
  const get = async (path: string, headers: Record<string, string> = {}) =>
    codeOf(await fetch(`${url}${path}`, { headers }));
  const pay = async (bearer: string, amount = '1.00', to = bob.email) =>
    codeOf(
      await fetch(`${url}/v1/transfers`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${bearer}`,
          'content-type': 'application/json',
          'idempotency-key': newKey(),
        },
        body: JSON.stringify({ to, amount: { amount, currency: 'EUR' } }),
      }),
    );

  describe('a token over HTTP', () => {
    it('comes in the Authorization header as Bearer, and is refused anywhere else (ASVS V14.2.1)', async () => {
      const { secret } = made;
      expect(await get('/v1/me', { authorization: `Bearer ${secret}` })).toEqual([200, undefined]);
      const elsewhere: [string, Record<string, string>, number, string][] = [
        [`/v1/me?token=${secret}`, {}, 401, 'session_required'],
        [`/v1/me?access_token=${secret}`, {}, 401, 'session_required'],
        [`/v1/me/${secret}`, {}, 404, 'route_unknown'],
        ['/v1/me', { cookie: `token=${secret}; Authorization=Bearer ${secret}` }, 401, 'session_required'],
        ['/v1/me', { authorization: secret }, 401, 'session_required'],
        ['/v1/me', { authorization: `Basic ${btoa(`alice:${secret}`)}` }, 401, 'session_required'],
        ['/v1/me', { authorization: `Token ${secret}` }, 401, 'session_required'],
        ['/v1/me', { authorization: `Bearer ${secret}, Bearer ${secret}` }, 401, 'session_required'],
        ['/v1/me', { 'x-api-key': secret, 'x-authorization': `Bearer ${secret}` }, 401, 'session_required'],
        // Not even beside a right one: what is in an address is in somebody's log.
        [`/v1/me?token=${secret}`, { authorization: `Bearer ${secret}` }, 400, 'input_invalid'],
        [`/v1/me?access_token=${secret}`, { authorization: `Bearer ${secret}` }, 400, 'input_invalid'],
      ];
      for (const [path, headers, status, code] of elsewhere)
        expect(await get(path, headers), `${path} ${JSON.stringify(headers)}`).toEqual([status, code]);
      expect(lines.join('')).not.toContain(secret.slice(4));
    });

    it('may do what its scopes say, whoever speaks to the service (ASVS V8.3.1)', async () => {
      const { secret } = made;
      const authorization = `Bearer ${secret}`;
      expect(await pay(secret)).toEqual([200, undefined]);
      expect(await pay(secret, '9.01')).toEqual([422, 'cap_exceeded']);
      expect(await get('/v1/balances', { authorization })).toEqual([403, 'scope_insufficient']);
      expect(await get('/v1/sessions', { authorization })).toEqual([403, 'session_only']);
      expect(await get('/v1/tokens', { authorization })).toEqual([403, 'session_only']);
      expect(await get('/v1/admin/suspense', { authorization })).toEqual([403, 'scope_insufficient']);
      const ended = await fetch(`${url}/v1/sessions/current`, {
        method: 'DELETE',
        headers: { authorization },
      });
      expect(await codeOf(ended)).toEqual([403, 'session_only']);
    });

    it('ends for the very next call when it is revoked, with a challenge to log in (ASVS V7.4.2)', async () => {
      await alice.client.call('revoke-token', { name: made.token.id });
      const answer = await fetch(`${url}/v1/me`, { headers: { authorization: `Bearer ${made.secret}` } });
      expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="okpay"');
      expect(await codeOf(answer)).toEqual([401, 'token_invalid']);
      expect(await pay(made.secret)).toEqual([401, 'token_invalid']);
    });

    it('is named by its id in each line of the log about it', async () => {
      await pay(made.secret);
      await pay(made.secret, '99');
      const requests = lines
        .map((line) => JSON.parse(line) as Record<string, unknown>)
        .filter((line) => line['request']);
      expect(requests.map(({ user, tokenId, code }) => [user, tokenId, code])).toEqual([
        [alice.id, made.token.id, 'done'],
        [alice.id, made.token.id, 'cap_exceeded'],
      ]);
    });

    it('from elsewhere is refused by the address of the connection, not by what a client says of itself', async () => {
      const elsewhere = await tokenOf(harness, alice, { networks: ['192.0.2.0/24'] });
      const headers = {
        authorization: `Bearer ${elsewhere.secret}`,
        'x-forwarded-for': '192.0.2.1',
        forwarded: 'for=192.0.2.1',
        'x-real-ip': '192.0.2.1',
      };
      expect(await get('/v1/me', headers)).toEqual([403, 'network_not_allowed']);
      const proxied = await harness.serve({ behindProxy: true, publicUrl: 'https://pay.example.com' });
      expect(await codeOf(await fetch(`${proxied.url}/v1/me`, { headers }))).toEqual([200, undefined]);
      const forged = { ...headers, 'x-forwarded-for': '192.0.2.1, 198.51.100.1' };
      expect(await codeOf(await fetch(`${proxied.url}/v1/me`, { headers: forged }))).toEqual([
        403,
        'network_not_allowed',
      ]);
    });

    it('that is none is slowed down, with Retry-After', async () => {
      const answers = [];
      for (let at = 0; at < 22; at++) {
        const headers = { authorization: `Bearer okt_${String(at).padStart(43, '0')}` };
        answers.push(await fetch(`${url}/v1/me`, { headers }));
      }
      expect(answers.map(({ status }) => status)).toEqual([...Array<number>(20).fill(401), 429, 429]);
      expect(Number(answers.at(-1)?.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await pay(made.secret)).toEqual([200, undefined]);
    });
  });
});

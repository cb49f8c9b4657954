import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeLog } from '../../../src/service/http/log.ts';
import { openHarness, PASSWORD, type Harness, type Holder } from '../../harness.ts';
import { fund, money, newKey, quote, send } from '../money/wallet.ts';

type Line = Readonly<Record<string, string | number>>;
type Attack = {
  path: string;
  method?: string;
  body?: unknown;
  token?: string;
  headers?: Record<string, string>;
};

const lines: Line[] = [];
let harness: Harness;
let url: string;
let [alice, bob]: Holder[] = [];
beforeEach(async () => {
  lines.length = 0;
  const write = (line: string) => void lines.push(JSON.parse(line) as Line);
  harness = await openHarness({ settings: { log: await makeLog({ node: 'n1', write }) } });
  [alice, bob] = [await harness.holder('alice'), await harness.holder('bob')];
  await fund(harness, alice, '100.00');
  ({ url } = await harness.serve());
});
afterEach(() => harness.close());

/** Sends it, and gives the lines of the log that it left. */
async function leftBy({ path, method = 'POST', body, token, headers = {} }: Attack): Promise<Line[]> {
  const from = lines.length;
  const answer = await fetch(`${url}${path}`, {
    method,
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  expect(answer.status).toBeGreaterThanOrEqual(400);
  await answer.text();
  return lines.slice(from);
}

describe('who is turned away, and who tries to get past a control, leaves one event (ASVS V16.2.2, V16.3.2, V16.3.3)', () => {
  it('for every kind of refusal: who, what, when in UTC, where and why', async () => {
    const [mine, hers] = [alice?.token ?? '', bob?.token ?? ''];
    const paid = await send(alice as Holder, bob?.email ?? '', '1 EUR');
    const carol = await harness.holder('carol');
    const { id: used } = await quote(alice as Holder, bob?.email ?? '', '1 EUR');
    const key = newKey();
    const pay = { path: '/v1/transfers', token: mine, headers: { 'idempotency-key': key } };
    await alice?.client.call('create-transfer', { quote: used }, { key });
    const price = { to: 'bob@example.com', amount: money('1 EUR') };
    const attacks: Record<string, [Attack, string]> = {
      'no session': [{ path: '/v1/me', method: 'GET' }, 'session_required'],
      'a session that is none': [{ path: '/v1/me', method: 'GET', token: `${mine}x` }, 'session_expired'],
      'a token that is none': [
        { path: '/v1/me', method: 'GET', token: `okt_${'x'.repeat(43)}` },
        'token_invalid',
      ],
      'a holder where staff may': [
        { path: '/v1/admin/suspense', method: 'GET', token: hers },
        'role_insufficient',
      ],
      'a transfer of others': [
        { path: `/v1/transfers/${paid.id}`, method: 'GET', token: carol.token },
        'not_found',
      ],
      'a field too many': [
        { path: '/v1/quotes', token: mine, body: { ...price, fee: '0' } },
        'input_invalid',
      ],
      'a prototype': [
        { path: '/v1/quotes', token: mine, body: '{"__proto__":{"role":"admin"}}' },
        'input_invalid',
      ],
      'a name twice': [{ path: '/v1/quotes', token: mine, body: '{"to":"a","to":"b"}' }, 'body_invalid'],
      'a body too large': [
        { path: '/v1/quotes', token: mine, body: 'x'.repeat(3_000_000) },
        'body_too_large',
      ],
      'a secret in the address': [
        { path: `/v1/me?token=${mine}`, method: 'GET', token: mine },
        'input_invalid',
      ],
      'an amount below nothing': [
        { path: '/v1/quotes', token: mine, body: { ...price, amount: { amount: '-1', currency: 'EUR' } } },
        'amount_invalid',
      ],
      'a key for something else': [{ ...pay, body: { ...price } }, 'idempotency_mismatch'],
      'a quote again': [
        { ...pay, headers: { 'idempotency-key': newKey() }, body: { quote: used } },
        'quote_used',
      ],
      'another method': [{ path: '/v1/me', method: 'PUT', token: mine }, 'method_not_allowed'],
    };
    const ids = new Map([mine, hers, carol.token].map((token, at) => [token, [alice, bob, carol][at]?.id]));
    for (const [what, [attack, code]] of Object.entries(attacks)) {
      const left = await leftBy(attack);
      const requests = left.filter(({ message }) => message === 'request');
      expect(
        requests.map((line) => [line['code'], line['node']]),
        what,
      ).toEqual([[code, 'n1']]);
      const [line = {}] = requests;
      expect(line['time'], what).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
      expect(Math.abs(Date.parse(String(line['time'])) - Date.now()), what).toBeLessThan(60_000);
      expect(line['request'], what).toMatch(/^req_/);
      expect(String(line['route']), what).toMatch(/^\//);
      // Bodies that cannot be read are refused before anybody is asked who they are.
      const isKnown = ids.has(attack.token ?? '') && !/^(body_|method_)/.test(code);
      expect(line['user'], what).toBe(isKnown ? ids.get(attack.token ?? '') : undefined);
    }
    // The control: what is allowed is no such event.
    const from = lines.length;
    await fetch(`${url}/v1/me`, { headers: { authorization: `Bearer ${mine}` } });
    expect(lines.slice(from).map(({ message, code }) => [message, code])).toEqual([['request', 'done']]);
  });

  it('for guesses: each is told, and so is the door that closes', async () => {
    const guess = (email: string) =>
      leftBy({ path: '/v1/sessions', body: { email, password: `${PASSWORD}x` } });
    const events = (left: Line[]) => left.map(({ message }) => message);
    const [first = {}] = await guess('alice@example.com');
    expect(first).toMatchObject({ message: 'login_refused', user: alice?.id, network: expect.any(String) });
    expect(events(await guess('nobody@example.com'))).toEqual(['login_refused', 'request']);
    let left: Line[] = [];
    for (let at = 0; at < 6; at++) left = await guess('alice@example.com');
    expect(events(left)).toEqual(['throttled', 'request']);
    expect(left[0]).toMatchObject({ door: 'login', network: expect.any(String) });
    expect(events(await leftBy({ path: '/v1/me', method: 'GET', token: `okt_${'y'.repeat(43)}` }))).toEqual([
      'token_refused',
      'request',
    ]);
    const { registration } = await harness.call('register', {
      email: 'dora@example.com',
      displayName: 'Dora',
      password: PASSWORD,
    });
    const wrong = await leftBy({
      path: `/v1/registrations/${registration}/verification`,
      body: { code: 'AAAA-AAAA' },
    });
    expect(events(wrong)).toEqual(['code_refused', 'request']);
  });
});

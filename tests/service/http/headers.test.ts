import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openHarness, type Harness } from '../../harness.ts';
import type { Draft } from '../../soak/fuzz/requests.ts';
import { makeSender, type Answer } from '../../soak/fuzz/sender.ts';
import { Fields } from '../../soak/fuzz/tree.ts';
import type { Wire } from '../../soak/fuzz/wire.ts';
import { person } from '../money/wallet.ts';
import { everyDraft, everyRoute, wireFor } from './every-route.ts';
import { raw } from './raw.ts';

type Answered = Exclude<Answer, { failed: string }>;

let harness: Harness;
beforeEach(async () => {
  harness = await openHarness();
});
afterEach(() => harness.close());

const EVERYWHERE = {
  'cache-control': 'no-store',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};
/** What every Content-Security-Policy says. */
const POLICY = ["default-src 'none'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"];
const FORBIDDEN = ['set-cookie', 'server', 'x-powered-by', 'via', 'location'];
const ONE_YEAR = 31_536_000;
const METHODS = ['GET', 'HEAD', 'POST', 'DELETE', 'PUT', 'PATCH', 'OPTIONS', 'TRACE'];
/** What a load balancer asks. */
const PROBES = ['/healthz', '/readyz'];
const LINK = 'x'.repeat(32);
const PLACES = [
  `/verify?token=${LINK}`,
  `/reset?token=${LINK}`,
  `/unlock?token=${LINK}`,
  '/nothing',
  '/',
  '/v1',
];

/** Over https, where browsers are told to stay; what a client says of itself must not come back. */
const OVER_TLS = { publicUrl: 'https://pay.example.com' };
const EVIL = 'https://evil.example';

/** What is wrong with the headers of an answer, if anything. */
function wrongHeaders(headers: Answered['headers']): string[] {
  const policy = String(headers['content-security-policy']);
  const maxAge = Number(/^max-age=(\d+)/.exec(String(headers['strict-transport-security']))?.[1]);
  const wrong = [
    ...Object.entries(EVERYWHERE).flatMap(([name, value]) => (headers[name] === value ? [] : [name])),
    ...POLICY.filter((rule) => !policy.includes(rule)),
    ...FORBIDDEN.filter((name) => headers[name] !== undefined),
    ...Object.keys(headers).filter((name) => name.startsWith('access-control-')),
  ];
  if (!(maxAge >= ONE_YEAR)) wrong.push('strict-transport-security');
  if (!/^[a-z]+\/[a-z+]+; charset=utf-8$/.test(String(headers['content-type']))) wrong.push('content-type');
  if (JSON.stringify(headers).includes('evil')) wrong.push('an origin that was sent');
  return wrong;
}

describe('every answer', () => {
  /** Every route, for nobody and for an administrator, as it should be asked and as it should not. */
  async function* everyAnswer(url: string): AsyncGenerator<[string, Answered]> {
    const send = async (wire: Omit<Wire, 'call'>): Promise<[string, Answered]> => {
      // What is left of a refused statement ends the connection: the next request has one of its own.
      const more = { origin: EVIL, cookie: 'a=b', connection: 'close' };
      const headers = [...wire.headers, ...Object.entries(more)];
      const answer = await sender.send({ ...wire, headers });
      if ('failed' in answer) throw new Error(`${wire.method} ${wire.target}: ${answer.failed}`);
      return [`${wire.method} ${wire.target} ${answer.status}`, answer];
    };
    const sender = makeSender(url, 10_000);
    const nothing = { headers: [], body: undefined, chunked: false };
    const paths = [...everyRoute(harness.service).map(({ path }) => path), ...PLACES];
    for (const target of new Set(paths))
      for (const method of METHODS) yield send({ ...nothing, method, target });
    for (const [at, draft] of (await everyDraft(url)).entries()) {
      const { token } = await person(harness, `admin${at}`, 'admin');
      yield send(wireFor(draft, token));
      yield send(wireFor({ ...draft, query: new Fields([['more', 'x']]) }, token));
      const posted = { ...draft, headers: [['content-type', 'text/plain']] as Draft['headers'] };
      if (draft.method === 'POST') yield send(wireFor(posted, token));
      if (draft.method === 'POST')
        yield send(wireFor({ ...draft, bytes: Buffer.alloc(2_200_000, 32) }, token));
    }
    // Too often, out of order and not at all.
    const { token } = await person(harness, 'tired');
    const tired = {
      method: 'GET',
      target: '/v1/me',
      headers: [['authorization', 'Bearer okp_none']] as const,
    };
    for (let at = 0; at < 25; at++) yield send({ ...nothing, ...tired });
    const { perform } = harness.service;
    const shown = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    Object.assign(harness.service, {
      perform: () => Promise.reject(new Error('broken')),
      ready: async () => false,
    });
    for (const draft of await everyDraft(url)) yield send(wireFor(draft, token));
    yield send({ ...nothing, method: 'GET', target: '/readyz' });
    Object.assign(harness.service, { perform });
    shown.mockRestore();
    await sender.close();
  }

  it('has the headers that hold browsers back, its type and charset, no cookie and no version, errors too (ASVS V3.2.1, V3.3.1, V3.3.2, V3.3.3, V3.3.4, V3.4.1, V3.4.2, V3.4.3, V3.4.4, V3.4.5, V3.4.6, V4.1.1, V13.4.6, V14.3.2)', async () => {
    const { url } = await harness.serve(OVER_TLS);
    const statuses = new Set<number>();
    const types = new Set<string>();
    for await (const [where, { status, headers }] of everyAnswer(url)) {
      expect([where, wrongHeaders(headers)]).toEqual([where, []]);
      statuses.add(status);
      types.add(String(headers['content-type']).split(';')[0] ?? '');
    }
    // The walk gets everywhere.
    for (const status of [200, 400, 401, 403, 404, 405, 413, 415, 422, 429, 500, 503])
      expect([...statuses]).toContain(status);
    expect([...types].sort()).toEqual([
      'application/json',
      'application/problem+json',
      'text/html',
      'text/plain',
    ]);
  }, 60_000);

  it('has them also when it is to what never became a request (ASVS V3.4.1, V3.4.4, V4.1.1, V14.3.2)', async () => {
    const { url } = await harness.serve({ ...OVER_TLS, patienceMs: 300 });
    for (const [text, status] of [
      ['nonsense\r\n\r\n', 400],
      ['GET /healthz HTTP/1.1\r\nHost: a b\r\nConnection: close\r\n\r\n', 400],
      [`GET / HTTP/1.1\r\nHost: x\r\nOrigin: ${EVIL}\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, 431],
      ['GET / HTTP/1.1\r\nHost: x\r\n', 408],
    ] as const) {
      const [first = '', ...lines] = (await raw(url, text)).split('\r\n\r\n')[0]?.split('\r\n') ?? [];
      const headers = Object.fromEntries(
        lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.replace(/^[^:]*: /, '')]),
      );
      expect([first, wrongHeaders(headers)]).toEqual([expect.stringContaining(`HTTP/1.1 ${status} `), []]);
    }
  });

  it('positive control: a header that is missing, or one too many, is seen', async () => {
    const { url } = await harness.serve(OVER_TLS);
    const headers = Object.fromEntries((await fetch(`${url}/healthz`)).headers);
    expect(wrongHeaders(headers)).toEqual([]);
    const needed = [...Object.keys(EVERYWHERE), 'content-security-policy', 'strict-transport-security'];
    for (const name of [...needed, 'content-type'])
      expect(wrongHeaders({ ...headers, [name]: undefined })).not.toEqual([]);
    for (const [name, value] of [
      ['set-cookie', 'a=b'],
      ['access-control-allow-origin', '*'],
      ['x-powered-by', 'a machine'],
      ['vary', EVIL],
      ['content-type', 'application/json'],
      ['strict-transport-security', 'max-age=3600'],
    ] as const)
      expect(wrongHeaders({ ...headers, [name]: value })).not.toEqual([]);
  });

  it('asks for https for two years when it is reached by https, and only then (ASVS V3.4.1)', async () => {
    const plain = await harness.serve();
    expect((await fetch(`${plain.url}/healthz`)).headers.has('strict-transport-security')).toBe(false);
    for (const settings of [{ behindProxy: true }, OVER_TLS]) {
      const { url } = await harness.serve(settings);
      const { headers } = await fetch(`${url}/nothing`);
      expect(headers.get('strict-transport-security')).toBe('max-age=63072000; includeSubDomains');
    }
  });
});

describe('a cookie', () => {
  it('is not looked at on any route: with a good token in it nobody is let in (ASVS V3.3.1, V3.3.2, V3.3.3, V3.3.4)', async () => {
    const { url } = await harness.serve();
    const sender = makeSender(url, 10_000);
    for (const [at, draft] of (await everyDraft(url)).entries()) {
      const { token } = await person(harness, `admin${at}`, 'admin');
      const names = ['token', 'session', 'sid', '__Host-session', 'authorization', 'Authorization'];
      const cookie = names.map((name) => `${name}=${token}`).join('; ');
      const asked = { ...draft, headers: [...draft.headers, ['cookie', cookie]] as Draft['headers'] };
      const [without, withOne] = [
        await sender.send(wireFor(draft)),
        await sender.send(wireFor(asked)),
      ] as Answered[];
      const where = `${draft.method} ${draft.call.path}`;
      expect([where, withOne?.status]).toEqual([where, without?.status]);
      if (draft.call.who !== 'anyone') expect([where, withOne?.status]).toEqual([where, 401]);
    }
    await sender.close();
  });
});

describe('a proxy in front', () => {
  const seen: (string | undefined)[] = [];
  const watch = () => {
    const { perform } = harness.service;
    const watching: typeof perform = (call, caller) => (seen.push(caller.address), perform(call, caller));
    Object.assign(harness.service, { perform: watching });
  };
  const ask = async (url: string, headers: Record<string, string>) => {
    seen.length = 0;
    await fetch(`${url}/v1/me`, { headers });
    return seen[0];
  };

  it('is believed about the client, and only what it added itself', async () => {
    watch();
    const { url } = await harness.serve({ behindProxy: true });
    expect(await ask(url, { 'x-forwarded-for': '203.0.113.9' })).toBe('203.0.113.9');
    expect(await ask(url, { 'x-forwarded-for': '10.0.0.1, 198.51.100.7' })).toBe('198.51.100.7');
    expect(await ask(url, { 'x-forwarded-for': '2001:db8::1' })).toBe('2001:db8::1');
    expect(await ask(url, { 'x-forwarded-for': 'nonsense' })).toBe('127.0.0.1');
    expect(await ask(url, {})).toBe('127.0.0.1');
  });

  it('that is not there is not believed', async () => {
    watch();
    const { url } = await harness.serve();
    for (const name of ['x-forwarded-for', 'x-real-ip', 'forwarded', 'client-ip']) {
      expect(await ask(url, { [name]: '203.0.113.9' })).toBe('127.0.0.1');
    }
  });

  it('must not pass on what came over an open line: it is refused on every route, never redirected (ASVS V4.1.2)', async () => {
    const { url } = await harness.serve({ ...OVER_TLS, behindProxy: true });
    const routes = everyRoute(harness.service).filter(({ path }) => !PROBES.includes(path));
    expect(routes.length).toBeGreaterThan(70);
    for (const open of ['http', 'HTTP', 'http, https', 'https, http', 'ws', '']) {
      const asked = open === 'http' ? routes : routes.slice(0, 3);
      for (const { method, path } of asked) {
        const headers = { 'x-forwarded-proto': open };
        const answer = await fetch(url + path, { method, headers, redirect: 'manual' });
        expect([method, path, open, answer.status]).toEqual([method, path, open, 400]);
        expect(await answer.text()).toContain('nothing is answered over an open line');
        expect(answer.headers.get('location')).toBeNull();
      }
    }
    for (const closed of ['https', 'HTTPS', 'https, https'])
      expect((await fetch(`${url}/v1/me`, { headers: { 'x-forwarded-proto': closed } })).status).toBe(401);
    // What a load balancer asks stays on its own network, and tells nothing.
    for (const path of PROBES)
      expect((await fetch(url + path, { headers: { 'x-forwarded-proto': 'http' } })).status).toBe(200);
  });

  it('over an open line nothing is done either (ASVS V4.1.2)', async () => {
    const { url } = await harness.serve({ ...OVER_TLS, behindProxy: true });
    const { token } = await person(harness, 'alice');
    const end = (proto: string) =>
      fetch(`${url}/v1/sessions/current`, {
        method: 'DELETE',
        headers: { authorization: `Bearer ${token}`, 'x-forwarded-proto': proto },
      });
    expect((await end('http')).status).toBe(400);
    expect((await harness.client(token).call('list-sessions', {})).sessions).toHaveLength(1);
    expect((await end('https')).status).toBe(200);
  });
});

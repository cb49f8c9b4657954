import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { METHODS } from 'node:http';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { OPERATIONS, type Operation } from '../../../src/core/contract/operations.ts';
import { openHarness, PASSWORD, type Harness } from '../../harness.ts';
import { everyRoute } from './every-route.ts';
import { raw } from './raw.ts';

const DATA = process.env['OKPAY_TEST_DATA'] ?? join(import.meta.dirname, '../../../../shared/data');
const REGISTER = { email: 'eve@example.com', displayName: 'Eve', password: PASSWORD };

let harness: Harness;
let url: string;
let token: string;
beforeAll(async () => {
  harness = await openHarness();
  token = (await harness.holder('alice')).token;
  url = (await harness.serve()).url;
});
afterAll(() => harness.close());

type Sent = {
  status: number;
  headers: Headers;
  body: { code?: string; facts?: Record<string, string>; detail?: string };
};

async function send(method: string, path: string, init: RequestInit = {}): Promise<Sent> {
  const response = await fetch(url + path, { method, ...init });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) };
}

function post(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Sent> {
  const text = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
  return send('POST', path, {
    headers: { 'content-type': 'application/json', ...headers },
    body: text as Uint8Array<ArrayBuffer> | string,
  });
}

describe('a call over HTTP', () => {
  it('does what the same call does in-process', async () => {
    const mine = { authorization: `Bearer ${token}` };
    const me = await send('GET', '/v1/me', { headers: mine });
    expect(me.status).toBe(200);
    expect(me.body).toEqual(await harness.client(token).call('get-me', {}));
    const login = await post('/v1/sessions', {
      email: 'alice@example.com',
      password: PASSWORD,
      device: 'laptop',
    });
    const { session } = login.body as { session: string };
    expect((await send('DELETE', `/v1/sessions/${session}`, { headers: mine })).body).toEqual({});
    expect((await send('DELETE', `/v1/sessions/${session}`, { headers: mine })).status).toBe(404);
  });

  it('takes the shorter path before the one with a place', async () => {
    const { token: other } = await harness.logIn('alice@example.com');
    const headers = { authorization: `Bearer ${other}` };
    expect((await send('DELETE', '/v1/sessions/current', { headers })).status).toBe(200);
    expect((await send('GET', '/v1/me', { headers })).body.code).toBe('session_expired');
  });

  it('answers a refusal as a problem (RFC 9457)', async () => {
    const { status, headers, body } = await send('GET', '/v1/me');
    expect(status).toBe(401);
    expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(headers.get('www-authenticate')).toBe('Bearer realm="okpay"');
    expect(body).toEqual({
      type: 'urn:okpay:problem:session_required',
      title: 'Not logged in',
      status: 401,
      code: 'session_required',
      detail: 'You are not logged in.',
      facts: {},
      next: 'okpay login',
    });
  });

  it('says when to come back', async () => {
    const { registration } = await harness.call('register', { ...REGISTER, email: 'often@example.com' });
    for (let mails = 2; mails <= 5; mails++) await post(`/v1/registrations/${registration}/mails`, {});
    const { status, headers } = await post(`/v1/registrations/${registration}/mails`, {});
    expect([status, headers.get('retry-after')]).toEqual([429, '60']);
  });

  it.each([['Basic YTpi'], ['Bearer'], ['Bearer a b'], ['okp_x'], ['Bearer a,b']])(
    'takes no token from “%s”',
    async (header) => {
      const { status, body } = await send('GET', '/v1/me', { headers: { authorization: header } });
      expect([status, body.code]).toEqual([401, 'session_required']);
    },
  );

  it('takes no token from the query', async () => {
    expect((await send('GET', `/v1/me?token=${token}`)).status).toBe(401);
  });

  it('never runs what is for the console', async () => {
    for (const [name, operation] of Object.entries<Operation>(OPERATIONS)) {
      if (operation.role !== 'console') continue;
      const { status, body } = await post(operation.path, {}, { authorization: `Bearer ${token}` });
      expect([name, status, body.code]).toEqual([name, 403, 'console_only']);
    }
  });

  it('passes on the Idempotency-Key, and asks for one where money moves', async () => {
    const headers = { authorization: `Bearer ${token}` };
    const without = await post('/v1/transfers', { quote: 'quo_x' }, headers);
    expect([without.status, without.body.code]).toEqual([400, 'idempotency_key_missing']);
    const withOne = await post('/v1/transfers', { quote: 'quo_x' }, { ...headers, 'idempotency-key': 'a' });
    expect(withOne.body.code).not.toBe('idempotency_key_missing');
    const tooLong = await post(
      '/v1/transfers',
      { quote: 'quo_x' },
      { ...headers, 'idempotency-key': 'a'.repeat(256) },
    );
    expect([tooLong.status, tooLong.body.facts?.['field']]).toEqual([400, 'Idempotency-Key']);
  });
});

describe('an address', () => {
  it('that nobody has is 404', async () => {
    for (const path of ['/', '/v1', '/v1/nothing', '/v1/ME', '/v1/me/', '/v1//me', '/.env']) {
      const { status, body } = await send('GET', path);
      expect([path, status, body.code]).toEqual([path, 404, 'route_unknown']);
    }
  });

  it('takes the methods of the table and no others, on every route (ASVS V4.1.4, V13.4.4)', async () => {
    const routes = everyRoute(harness.service).flatMap((route) =>
      route.method === 'GET' ? [route, { ...route, method: 'HEAD' }] : [route],
    );
    const paths = new Set(routes.map(({ path }) => path));
    expect(paths.size).toBeGreaterThan(Object.keys(OPERATIONS).length * 0.8);
    for (const path of paths) {
      const own = routes.filter((route) => route.path === path).map(({ method }) => method);
      // Written out it may be a place of another: there is a transfer called “bulk” to ask for.
      const known = routes.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
      // CONNECT asks for no path; it is below.
      for (const method of METHODS.filter((each) => each !== 'CONNECT' && !known.includes(each))) {
        const answer = await raw(url, `${method} ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
        const allow = /^allow: (.*)$/m.exec(answer)?.[1]?.trim().split(', ').sort();
        const where = `${method} ${path}`;
        expect([where, answer.slice(0, 12), allow]).toEqual([where, 'HTTP/1.1 405', own.sort()]);
        if (method === 'TRACE') expect(answer).not.toContain('Host: x');
      }
    }
    for (const target of ['127.0.0.1:22', 'example.com:443', '/v1/me'])
      expect(await raw(url, `CONNECT ${target} HTTP/1.1\r\nHost: x\r\n\r\n`)).not.toMatch(/^HTTP\/1\.1 2/);
    const { headers, body } = await send('PATCH', '/v1/sessions');
    expect([headers.get('allow'), body.facts?.['allow']]).toEqual(['POST, GET, HEAD', 'POST, GET, HEAD']);
    for (const name of ['x-http-method-override', 'x-http-method', 'x-method-override']) {
      const overridden = await send('GET', '/v1/me', { headers: { [name]: 'DELETE' } });
      expect([overridden.status, overridden.body.code]).toEqual([401, 'session_required']);
    }
  }, 60_000);

  it('answers HEAD like GET, without the body', async () => {
    const { status, headers, body } = await send('HEAD', '/healthz');
    expect([status, headers.get('content-type'), body]).toEqual([200, 'application/json; charset=utf-8', {}]);
  });
});

describe('input', () => {
  const authorization = () => ({ authorization: `Bearer ${token}` });

  it('from the query is refused when it is given twice, is unknown, or has no place there', async () => {
    const twice = await send('GET', '/v1/fees?kind=transfer&kind=merchant', { headers: authorization() });
    expect([twice.status, twice.body.facts]).toEqual([400, { field: 'kind', reason: 'is given twice' }]);
    const unknown = await send('GET', '/v1/fees?fee=0', { headers: authorization() });
    expect([unknown.status, unknown.body.facts?.['field']]).toEqual([400, 'fee']);
    const onPost = await post('/v1/registrations?email=x', REGISTER);
    expect([onPost.status, onPost.body.facts?.['field']]).toEqual([400, 'email']);
    const inPath = await send('DELETE', '/v1/sessions/a?session=b', { headers: authorization() });
    expect([inPath.status, inPath.body.facts?.['field']]).toEqual([400, 'session']);
    const inBody = await post('/v1/registrations/a/verification', { registration: 'b', code: 'c' });
    expect([inBody.status, inBody.body.facts?.['field']]).toEqual([400, 'registration']);
  });

  it('is decoded once, in the address and in the query (ASVS V1.1.1)', async () => {
    for (const [written, read] of [
      ['%252e%2F%01x', '%2e/\u0001x'],
      ['%2527', '%27'],
      ['%25252527', '%252527'],
      ['%25C3%25A9', '%C3%A9'],
      ['%C3%83%C2%A9', 'Ã©'],
      ['%26lt%3B', '&lt;'],
      ['%5Cu0027', '\\u0027'],
      ['a%2Bb', 'a+b'],
    ]) {
      const { body } = await post(`/v1/registrations/${written}/mails`, {});
      expect(body).toMatchObject({ code: 'not_found', facts: { id: read } });
      const asked = await send('GET', `/v1/fees?${written}=1`, { headers: authorization() });
      expect(asked.body.facts?.['field']).toBe(read);
    }
    // What a second decoding would make of it is another path, and another text.
    expect((await send('GET', '/v1%252Fme', { headers: authorization() })).status).toBe(404);
    expect((await send('GET', '/v1%2Fme', { headers: authorization() })).status).toBe(404);
  });

  it('that was encoded wrong is read as no other text (ASVS V1.1.1)', async () => {
    // “/” in two bytes, half a character, and an escape that is none.
    for (const written of ['%C0%AF', '%C3', '%ED%A0%80', '%zz', '%']) {
      const { status, body } = await post(`/v1/registrations/${written}/mails`, {});
      expect([written, status < 500, body.facts?.['id']?.includes('/') ?? false]).toEqual([
        written,
        true,
        false,
      ]);
      const asked = await send('GET', `/v1/fees?currency=${written}`, { headers: authorization() });
      expect([written, asked.status]).toEqual([written, 400]);
    }
  });

  it('of JSON is decoded once: escapes inside a text stay as they are (ASVS V1.1.1)', async () => {
    const { client } = { client: harness.client(token) };
    await harness.holder('bob');
    for (const name of ['\\u0041', '%41', '&amp;', '&#65;', 'A\\n', '%2541']) {
      const made = await post('/v1/payees', { name, to: 'bob@example.com' }, authorization());
      expect([made.status, (made.body as { name?: string }).name]).toEqual([200, name]);
      await client.call('delete-payee', { payee: (made.body as { id?: string }).id ?? '' });
    }
  });

  it('has no field but those of the contract', async () => {
    for (const extra of ['role', 'verified', '__proto__', 'constructor', 'toString']) {
      const { status, body } = await post(
        '/v1/registrations',
        `{"${extra}":"admin",${JSON.stringify(REGISTER).slice(1)}`,
      );
      expect([extra, status, body.code, body.facts?.['field']]).toEqual([extra, 400, 'input_invalid', extra]);
    }
    expect(({} as Record<string, unknown>)['role']).toBeUndefined();
  });

  it('with a name nobody knows is refused with no more of the name than tells which it was', async () => {
    const name = `\u0000\ud800${'x'.repeat(5_000)}`;
    const inBody = await post('/v1/registrations', { ...REGISTER, [name]: 1 });
    const inQuery = `/v1/fees?${encodeURIComponent(name.toWellFormed())}=1`;
    const once = await send('GET', inQuery, { headers: authorization() });
    const twice = await send('GET', `${inQuery}&${inQuery.split('?')[1]}`, { headers: authorization() });
    for (const { status, body } of [inBody, once, twice]) {
      expect([status, body.facts?.['field']]).toEqual([400, `\ufffd\ufffd${'x'.repeat(198)}…`]);
    }
  });

  it('is repeated without halves of characters, which no text in UTF-8 has', async () => {
    const cutInTwo = `${'x'.repeat(39)}😀${'x'.repeat(9)}`;
    const to = 'bob@example.com';
    for (const amount of [
      { amount: '\ud800', currency: 'EUR' },
      { amount: cutInTwo, currency: 'EUR' },
      { amount: '\u0000', currency: 'EUR' },
      { amount: '1', currency: '\ud83d' },
    ]) {
      const { status, body } = await post('/v1/quotes', { to, amount }, authorization());
      expect([status, body.detail?.isWellFormed(), body.detail?.includes('\0')]).toEqual([400, true, false]);
    }
  });

  it('has the types of the contract', async () => {
    for (const email of [1, true, null, ['eve@example.com'], { a: 1 }]) {
      const { status, body } = await post('/v1/registrations', { ...REGISTER, email });
      expect([status, body.facts?.['field']]).toEqual([400, 'email']);
    }
  });
});

describe('a JSON body', () => {
  it('is called JSON, in UTF-8, and is not compressed', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/json; charset=latin1',
      'application/jsonx',
      'text/json',
      'multipart/form-data',
    ]) {
      const { status, body } = await post('/v1/registrations', REGISTER, { 'content-type': type });
      expect([type, status, body.code]).toEqual([type, 415, 'media_type_unsupported']);
    }
    expect((await send('POST', '/v1/registrations')).status).toBe(415);
    expect((await post('/v1/registrations', REGISTER, { 'content-encoding': 'gzip' })).status).toBe(415);
    for (const type of ['application/json', 'Application/JSON; Charset="UTF-8"']) {
      expect((await post('/v1/registrations', REGISTER, { 'content-type': type })).status).toBe(200);
    }
  });

  it('has no name twice', async () => {
    const text = JSON.stringify(REGISTER).replace('{', '{"em\\u0061il":"mallory@example.com",');
    const { status, body } = await post('/v1/registrations', text);
    expect([status, body.code]).toEqual([400, 'body_invalid']);
    const nested = await post('/v1/registrations', '{"a":{"b":1,"b":2}}');
    expect(nested.body.code).toBe('body_invalid');
    // The positive control: names may come again in other objects, and in values.
    const fine = await post(
      '/v1/registrations',
      '{"a":{"b":"a"},"c":[{"b":1},{"b":{"a":["a",{"c":"}{,\\"c\\":"}]}}]}',
    );
    expect(fine.body.code).toBe('input_invalid');
  });

  it('is an object, not nested deeper than 32', async () => {
    for (const text of ['', 'null', '[]', '"x"', '1', '{', '{}{}', '\ufeff{}']) {
      const { status, body } = await post('/v1/registrations', text);
      expect([text, status, body.code]).toEqual([text, 400, 'body_invalid']);
    }
    const nest = (depth: number) => `{"a":${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}}`;
    expect((await post('/v1/registrations', nest(32))).body.code).toBe('input_invalid');
    for (const depth of [33, 30_000]) {
      expect((await post('/v1/registrations', nest(depth))).body.code).toBe('body_invalid');
    }
  });

  it('is refused when it is too large, while it arrives (ASVS V5.2.1)', async () => {
    const whole = await post('/v1/registrations', { ...REGISTER, displayName: 'x'.repeat(65_536) });
    expect([whole.status, whole.body.code, whole.headers.get('connection')]).toEqual([
      413,
      'body_too_large',
      'close',
    ]);
    let given = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => {
        given += 16_384;
        if (given > 100_000_000) controller.close();
        else controller.enqueue(new Uint8Array(16_384).fill(32));
      },
    });
    const init = {
      body: endless,
      duplex: 'half',
      headers: { 'content-type': 'application/json' },
    } as RequestInit;
    const streamed = await send('POST', '/v1/registrations', init).catch((error: unknown) => error);
    // The answer, or a connection that was cut before all of it was sent.
    if (!(streamed instanceof Error)) expect((streamed as Sent).status).toBe(413);
    expect(given).toBeLessThan(100_000_000);
    const head = 'POST /v1/registrations HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n';
    expect(await raw(url, `${head}Content-Length: 65537\r\n\r\n`)).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('belongs to calls that take one', async () => {
    const headers = { authorization: `Bearer ${token}` };
    const { status, body } = await send('DELETE', '/v1/sessions/ses_x', { headers, body: '{}' });
    expect([status, body.code]).toEqual([400, 'body_invalid']);
  });

  const corpus = join(DATA, 'bad-input/json');
  describe.skipIf(!existsSync(corpus))(`of the JSONTestSuite (${corpus})`, () => {
    const files = existsSync(corpus) ? readdirSync(corpus) : [];
    it('is refused as JSON when it is none, and as input when it is', async () => {
      expect(files.length).toBeGreaterThan(100);
      for (const file of files) {
        const { status, body } = await post('/v1/registrations', readFileSync(join(corpus, file)));
        const codes = file.startsWith('y_') ? ['input_invalid', 'body_invalid'] : ['body_invalid'];
        if (file.startsWith('i_')) codes.push('input_invalid');
        if (status === 413) codes.push('body_too_large');
        expect([file, status < 500, codes.includes(body.code ?? '')]).toEqual([file, true, true]);
      }
    });
  });
});

/** An answer in RFC 9457 problem details that carries the headers of every other. */
const PROBLEM = (status: number) =>
  new RegExp(`^HTTP/1\\.1 ${status} [^]*application/problem\\+json[^]*nosniff[^]*"status":${status}[^]*}$`);

/** What an attacker would have the server answer as somebody else's request. */
const SMUGGLED = 'GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n';
const WHOLE =
  'POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}';

describe('a broken request', () => {
  it.each([
    [
      'two lengths',
      'POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}',
    ],
    [
      'a length and pieces',
      'POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['no host', 'GET /healthz HTTP/1.1\r\n\r\n'],
    ['a broken host', 'GET /healthz HTTP/1.1\r\nHost: a b\r\n\r\n'],
    ['a host with a path', 'GET /healthz HTTP/1.1\r\nHost: x/y?\r\n\r\n'],
    ['a blank in the address', 'GET /v1/ me HTTP/1.1\r\nHost: x\r\n\r\n'],
    ['a header without a colon', 'GET /healthz HTTP/1.1\r\nHost: x\r\nbroken\r\n\r\n'],
    ['lines that end in LF alone', 'GET /healthz HTTP/1.1\nHost: x\n\n'],
    ['one line that ends in LF alone', 'GET /healthz HTTP/1.1\r\nHost: x\nX: y\r\n\r\n'],
    ['a CR inside a line', 'GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\rb\r\n\r\n'],
    ['a line that goes on', 'GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\r\n b\r\n\r\n'],
    ['a blank before the colon', 'POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length : 2\r\n\r\n{}'],
    ['a blank before the first header', 'GET /healthz HTTP/1.1\r\n Host: x\r\n\r\n'],
    ['a NUL in a header', 'GET /healthz HTTP/1.1\r\nHost: x\r\nX: a\0b\r\n\r\n'],
    ['two hosts', 'GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n'],
    ...['+2', '-2', '0x2', '2, 2', '2 2', '', '2.0', '9'.repeat(30)].map((length) => [
      `the length “${length}”`,
      `POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Length: ${length}\r\n\r\n{}`,
    ]),
    ...['xchunked', 'chunked, identity', 'identity', 'chunked\x0b', '"chunked"', 'gzip'].map((coding) => [
      `the transfer coding “${coding}”`,
      `POST /v1/sessions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: ${coding}\r\n\r\n0\r\n\r\n`,
    ]),
    [
      'a transfer coding and a length after it',
      'POST /v1/sessions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n0\r\n\r\n',
    ],
    [
      'two transfer codings',
      'POST /v1/sessions HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: x\r\n\r\n0\r\n\r\n',
    ],
    ...['2\n{}\r\n0\r\n\r\n', '0x2\r\n{}\r\n0\r\n\r\n', '-2\r\n{}\r\n0\r\n\r\n', '2\r\n{}X\r\n0\r\n\r\n'].map(
      (pieces) => [
        `the pieces ${JSON.stringify(pieces)}`,
        `POST /v1/sessions HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${pieces}`,
      ],
    ),
    ['a backslash', 'GET /healthz\\x HTTP/1.1\r\nHost: x\r\n\r\n'],
  ])('with %s is 400, and what comes behind it is nothing of ours (ASVS V4.2.1)', async (_what, text) => {
    const answer = await raw(url, `${text}${SMUGGLED}`);
    expect(answer).toMatch(PROBLEM(400));
    expect(answer).not.toContain('alive');
  });

  it('positive control: behind one that is whole the next is answered (ASVS V4.2.1)', async () => {
    expect(await raw(url, `${WHOLE}${SMUGGLED}`)).toContain('{"status":"alive"}');
  });

  it('with huge headers is 431', async () => {
    for (const head of [`/healthz HTTP/1.1\r\nX: ${'x'.repeat(20_000)}`, `/${'x'.repeat(20_000)} HTTP/1.1`])
      expect(await raw(url, `GET ${head}\r\nHost: x\r\n\r\n`)).toMatch(PROBLEM(431));
  });

  it('behind one that is still answered cuts no answer in two', async () => {
    const answer = await raw(url, 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\nnonsense\r\n\r\n');
    expect(answer).toMatch(/^HTTP\/1\.1 (200|400) /);
    expect(answer.match(/^content-length:/gim)?.length).toBe(answer.match(/^HTTP\/1\.1 /gm)?.length);
  });

  it('leaves the server well', async () => {
    expect((await send('GET', '/readyz')).body).toEqual({ status: 'ready' });
  });

  it('says nothing of the inside (ASVS V16.5.1)', async () => {
    const shown = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    Object.assign(harness.service.deps, {
      passwords: { hash: () => Promise.reject(new Error('SELECT secret FROM /etc/passwd')) },
    });
    const { status, body } = await post('/v1/registrations', REGISTER);
    expect([status, body.code]).toEqual([500, 'unexpected']);
    expect(JSON.stringify(body)).not.toMatch(/SELECT|passwd|\.ts/);
    expect(harness.logged.some(({ event }) => event === 'unexpected')).toBe(true);
    shown.mockRestore();
  });
});

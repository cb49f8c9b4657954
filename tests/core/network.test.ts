import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Refusal, type RefusalCode } from '../../src/core/contract/refusals.ts';
import { networkTransport } from '../../src/core/transport/network.ts';
import type { Transport } from '../../src/core/transport/transport.ts';

type Reply = (response: ServerResponse) => void;

const cut: Reply = (response) => response.destroy();
const hang: Reply = () => {};
const done: Reply = (response) => response.end('{"id":"trf_1"}');
const proxyError: Reply = (response) => response.writeHead(502).end('<html>Bad Gateway</html>');
const refused =
  (code: RefusalCode): Reply =>
  (response) => {
    const refusal = new Refusal(code);
    response.writeHead(refusal.status).end(JSON.stringify(refusal.toProblem()));
  };
const elsewhere: Reply = (response) => response.writeHead(301, { location: 'https://example.com/' }).end();

let server: Server;
let transport: Transport;
let replies: Reply[];
let seen: { key: string | undefined; body: string }[];
beforeEach(async () => {
  seen = [];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      seen.push({ key: request.headers['idempotency-key'] as string | undefined, body });
      (replies.shift() ?? done)(response);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  transport = networkTransport(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});
afterEach(async () => {
  await transport.close();
  server.closeAllConnections();
  server.close();
});

const pay = () => transport.call({ operation: 'create-transfer', input: { quote: 'quo_1' }, key: 'k' });
const register = () => transport.call({ operation: 'register', input: {} });
const read = () => transport.call({ operation: 'list-balances', input: {} });

test.each<[string, () => Promise<unknown>, Reply[], RefusalCode | 'done', number]>([
  ['a payment whose answer is cut is asked for again', pay, [cut], 'done', 2],
  ['a payment that something in between answers for', pay, [proxyError, proxyError], 'done', 3],
  ['a payment that is cut three times', pay, [cut, cut, cut], 'outcome_unknown', 3],
  [
    'a payment that something in between answers for, always',
    pay,
    [proxyError, proxyError, proxyError],
    'outcome_unknown',
    3,
  ],
  [
    'a payment that was cut and is then turned away',
    pay,
    [cut, refused('service_stopping')],
    'outcome_unknown',
    2,
  ],
  [
    'a payment that was cut and whose login then ended',
    pay,
    [cut, refused('session_expired')],
    'outcome_unknown',
    2,
  ],
  [
    'a payment that was cut and then one of too many',
    pay,
    [cut, refused('too_many_attempts')],
    'outcome_unknown',
    2,
  ],
  [
    'a payment that was cut and then refused by a rule',
    pay,
    [cut, refused('quote_expired')],
    'quote_expired',
    2,
  ],
  ['a payment that is turned away at once', pay, [refused('busy')], 'busy', 1],
  ['a call without a key is never made twice', register, [cut], 'outcome_unknown', 1],
  ['reading changes nothing', read, [cut, cut, cut], 'service_unreachable', 3],
  ['reading that is turned away after a cut', read, [cut, refused('busy')], 'busy', 2],
  ['an address that points elsewhere', pay, [elsewhere], 'service_unreachable', 1],
])('%s', async (_name, call, given, expected, tries) => {
  replies = [...given];
  const ended = await call().then(
    () => 'done',
    (error: unknown) => (error as Refusal).code,
  );
  expect([ended, seen.length]).toEqual([expected, tries]);
  expect(new Set(seen.map((each) => JSON.stringify(each))).size).toBe(1);
});

describe('an address that points to another one (ASVS V15.3.2)', () => {
  test.each([301, 302, 303, 307, 308])('by %i is not gone to, and is sent nothing', async (status) => {
    let arrived = 0;
    const other = createServer((_, response) => {
      arrived += 1;
      response.end('{"id":"trf_1"}');
    }).listen(0, '127.0.0.1');
    await once(other, 'listening');
    const location = `http://127.0.0.1:${(other.address() as AddressInfo).port}/v1/transfers`;
    for (const call of [pay, read, register]) {
      replies = [(response) => response.writeHead(status, { location }).end()];
      const error: unknown = await call().catch((reason: unknown) => reason);
      expect((error as Refusal).code).toBe('service_unreachable');
      expect((error as Refusal).message).toContain(location);
    }
    expect(arrived).toBe(0);
    // The positive control: who follows is seen to.
    replies = [(response) => response.writeHead(status, { location }).end()];
    await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    expect(arrived).toBe(1);
    other.closeAllConnections();
    other.close();
  });
});

test('closing does not wait for an answer that nobody waits for any more', async () => {
  replies = [hang];
  const call = pay().catch((error: unknown) => (error as Refusal).code);
  while (seen.length === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  const from = Date.now();
  await transport.close();
  expect(await call).toBe('outcome_unknown');
  expect(Date.now() - from).toBeLessThan(2_000);
});

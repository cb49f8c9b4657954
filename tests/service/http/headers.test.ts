import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OPERATIONS, type Operation } from '../../../src/core/contract/operations.ts';
import { openHarness, type Harness } from '../../harness.ts';

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
const PLACES = [
  '/healthz',
  '/readyz',
  '/openapi.json',
  '/verify',
  `/verify?token=${'x'.repeat(32)}`,
  '/reset',
  `/reset?token=${'x'.repeat(32)}`,
  '/nothing',
  '/',
];

describe('every answer', () => {
  it('carries the headers that hold browsers back, errors too', async () => {
    const { url } = await harness.serve();
    const routes = Object.values<Operation>(OPERATIONS).map(({ path }) => path.replace(/\{\w+\}/g, 'x'));
    for (const path of [...PLACES, ...routes]) {
      for (const method of ['GET', 'POST', 'DELETE', 'PUT']) {
        const { headers } = await fetch(url + path, { method });
        const where = `${method} ${path}`;
        expect([where, Object.fromEntries(headers)]).toEqual([where, expect.objectContaining(EVERYWHERE)]);
        expect(headers.get('content-type')).toMatch(/; charset=utf-8$/);
        const policy = headers.get('content-security-policy') ?? '';
        for (const rule of [
          "default-src 'none'",
          "object-src 'none'",
          "base-uri 'none'",
          "frame-ancestors 'none'",
        ]) {
          expect(policy).toContain(rule);
        }
        for (const leaky of ['server', 'x-powered-by', 'access-control-allow-origin', 'set-cookie']) {
          expect(headers.has(leaky)).toBe(false);
        }
      }
    }
  });

  it('never reflects an origin', async () => {
    const { url } = await harness.serve();
    const { headers } = await fetch(`${url}/v1/me`, { headers: { origin: 'https://evil.example' } });
    expect(JSON.stringify([...headers])).not.toContain('evil');
  });

  it('asks for https for two years when it is reached by https, and only then', async () => {
    const plain = await harness.serve();
    expect((await fetch(`${plain.url}/healthz`)).headers.has('strict-transport-security')).toBe(false);
    for (const settings of [{ behindProxy: true }, { publicUrl: 'https://pay.example.com' }]) {
      const { url } = await harness.serve(settings);
      const { headers } = await fetch(`${url}/nothing`);
      expect(headers.get('strict-transport-security')).toBe('max-age=63072000; includeSubDomains');
    }
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

  it('must not pass on what came over an open line', async () => {
    const { url } = await harness.serve({ behindProxy: true });
    const open = await fetch(`${url}/v1/me`, { headers: { 'x-forwarded-proto': 'http' } });
    expect(open.status).toBe(400);
    const closed = await fetch(`${url}/v1/me`, { headers: { 'x-forwarded-proto': 'https' } });
    expect(closed.status).toBe(401);
  });
});

import { Agent, get, type IncomingMessage } from 'node:http';
import { connect, createServer, type AddressInfo } from 'node:net';
import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OkpayClient } from '../../../src/core/client.ts';
import { networkTransport } from '../../../src/core/transport/network.ts';
import { serve } from '../../../src/service/http/serve.ts';
import { openHarness, PASSWORD, type Harness } from '../../harness.ts';

let harness: Harness;
beforeEach(async () => {
  harness = await openHarness();
});
afterEach(() => harness.close());

const refused = (code: string) => expect.objectContaining({ code });
const settings = { host: '127.0.0.1', port: 0, publicUrl: 'http://127.0.0.1:7227', behindProxy: false };

/** Lets calls of one operation wait until they are let go. */
function holdPerform(): { started: Promise<void>; letGo: () => void } {
  const { perform } = harness.service;
  let letGo = () => {};
  let tell = () => {};
  const held = new Promise<void>((resolve) => (letGo = resolve));
  const started = new Promise<void>((resolve) => (tell = resolve));
  const waiting: typeof perform = async (call, caller) => {
    tell();
    await held;
    return perform(call, caller);
  };
  Object.assign(harness.service, { perform: waiting });
  return { started, letGo: () => letGo() };
}

function ask(url: string, agent: Agent): Promise<{ status: number; connection: string; text: string }> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response: IncomingMessage) => {
      let text = '';
      response.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, connection: response.headers.connection ?? '', text }),
      );
    }).on('error', reject);
  });
}

describe('the server', () => {
  it('is a whole wallet for the client of the command line', async () => {
    const { url } = await harness.serve();
    const transport = networkTransport(url);
    const stranger = new OkpayClient(transport);
    const email = 'remote@example.com';
    const { registration } = await stranger.call('register', {
      email,
      displayName: 'Remote',
      password: PASSWORD,
    });
    const { code = '' } = await harness.nextMail(email);
    await stranger.call('verify-email', { registration, code });
    const { token } = await stranger.call('log-in', { email, password: PASSWORD });
    const holder = new OkpayClient(transport, token);
    expect((await holder.call('get-me', {})).user.email).toBe(email);
    await expect(holder.call('revoke-session', { session: 'ses_x' })).rejects.toEqual(refused('not_found'));
    await holder.call('log-out', {});
    await expect(holder.call('get-me', {})).rejects.toEqual(refused('session_expired'));
    await transport.close();
  });

  it('says who it is in the lock of the database', async () => {
    const { url } = await harness.serve();
    const holder = readFileSync(`${harness.databaseUrl.slice('sqlite:'.length)}.holder`, 'utf8');
    expect(JSON.parse(holder)).toMatchObject({ what: 'okpay serve', url });
  });

  it('listens where other machines are only behind a proxy', async () => {
    for (const host of ['0.0.0.0', '::', '192.0.2.1', 'wallet.example.com']) {
      await expect(serve(harness.service, { ...settings, host })).rejects.toEqual(refused('usage_invalid'));
    }
    const server = await serve(harness.service, { ...settings, host: '0.0.0.0', behindProxy: true });
    await server.stop();
  });

  it('says it when the port is taken', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    await expect(serve(harness.service, { ...settings, port })).rejects.toThrow(
      /something else listens there/,
    );
    other.close();
  });

  it('logs a line for each request, with nothing about anybody in it', async () => {
    const { url } = await harness.serve();
    await fetch(`${url}/v1/sessions/ses_secret?x=alice@example.com`, { method: 'DELETE' });
    await fetch(`${url}/verify?token=secret`);
    await fetch(`${url}/secret?secret=secret`);
    const lines = harness.logged.filter(({ event }) => event === 'request');
    expect(lines.map(({ method, route, status }) => [method, route, status])).toEqual([
      ['DELETE', '/v1/sessions/{session}', 401],
      ['GET', '/verify', 422],
      ['GET', 'unknown', 404],
    ]);
    expect(JSON.stringify(lines)).not.toMatch(/secret|alice/);
  });

  it('is not ready when the database does not answer, and alive all the same', async () => {
    const { url } = await harness.serve();
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    Object.assign(harness.service, { ready: () => Promise.reject(new Error('gone')) });
    const { status, headers } = await fetch(`${url}/readyz`);
    expect([status, headers.get('retry-after')]).toEqual([503, '2']);
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
  });
});

describe('a server that stops', () => {
  it('finishes what runs, refuses what comes, and takes no new connections', async () => {
    const server = await harness.serve();
    const agent = new Agent({ keepAlive: true, maxSockets: 2 });
    // Two open connections: one will be busy, one idle.
    await Promise.all([ask(`${server.url}/healthz`, agent), ask(`${server.url}/healthz`, agent)]);
    const { started, letGo } = holdPerform();
    const running = ask(`${server.url}/v1/me`, agent);
    await started;
    const stopped = server.stop();
    const late = await ask(`${server.url}/v1/me`, agent);
    expect([late.status, late.connection, JSON.parse(late.text).code]).toEqual([
      503,
      'close',
      'service_stopping',
    ]);
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
    letGo();
    expect((await running).status).toBe(401);
    await stopped;
    agent.destroy();
  });

  it('is not ready any more', async () => {
    const server = await harness.serve();
    const agent = new Agent({ keepAlive: true, maxSockets: 3 });
    await Promise.all([1, 2, 3].map(() => ask(`${server.url}/healthz`, agent)));
    const { started, letGo } = holdPerform();
    const running = ask(`${server.url}/v1/me`, agent);
    await started;
    const stopped = server.stop();
    const [ready, alive] = [
      await ask(`${server.url}/readyz`, agent),
      await ask(`${server.url}/healthz`, agent),
    ];
    expect([ready.status, alive.status]).toEqual([503, 200]);
    letGo();
    await Promise.all([running, stopped]);
    agent.destroy();
  });

  it('stops once, however often it is told to, and at once when nothing runs', async () => {
    const server = await harness.serve();
    const idle = connect(Number(new URL(server.url).port), '127.0.0.1').on('error', () => undefined);
    await new Promise((resolve) => idle.once('connect', resolve));
    const startedAt = performance.now();
    await Promise.all([server.stop(), server.stop()]);
    expect(performance.now() - startedAt).toBeLessThan(1_000);
    idle.destroy();
  });
});

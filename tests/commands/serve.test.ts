import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, resolve as resolvePath } from 'node:path';
import { execa } from 'execa';
import { simpleParser } from 'mailparser';
import { describe, expect, test } from 'vitest';
import type { ServeOptions } from '../../src/commands/context.ts';
import { Refusal } from '../../src/core/contract/refusals.ts';
import { openCollector } from '../service/watch/collector.ts';
import { parseMetrics } from '../service/watch/parse-metrics.ts';
import { newHome, runCommand, type Settings } from './run-command.ts';

const BINARY = resolvePath(import.meta.dirname, '../../bin/okpay.js');

async function serveWith(settings: Settings, ...flags: string[]) {
  let options: ServeOptions | undefined;
  const outcome = await runCommand(['serve', ...flags], {
    ...settings,
    onServe: (asked) => (options = asked),
  });
  return { ...outcome, options };
}

const serve = (...flags: string[]) => serveWith({}, ...flags);

describe('serve', () => {
  test('listens on this machine, says where on stderr, and ends well on Ctrl-C', async () => {
    const { exitCode, stdout, stderr, options } = await serve();
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' });
    expect(stderr).toContain('http://127.0.0.1:7227');
    expect(options).toEqual({ host: '127.0.0.1', port: 7227, behindProxy: false, quiet: false });
  });

  test('with --json the address is the document', async () => {
    const { stdout, stderr } = await serve('--json', '--port', '8000');
    expect(JSON.parse(stdout)).toEqual({ url: 'http://127.0.0.1:8000' });
    expect(stderr).toBe('');
  });

  test.each(['0.0.0.0', '::', '192.168.1.5', 'wallet.example.com', '127.0.0.1.evil.com', '128.0.0.1'])(
    'is not reachable from other machines without a proxy: %s (ASVS V12.1.1, V12.2.1)',
    async (host) => {
      expect(await serve('--host', host)).toMatchObject({ exitCode: 2, options: undefined });
      const proxied = ['--host', host, '--behind-proxy', '--public-url', 'https://pay.example.com/'];
      expect((await serve(...proxied)).options).toMatchObject({
        behindProxy: true,
        publicUrl: 'https://pay.example.com',
      });
    },
  );

  test.each(['localhost', '127.0.0.1', '127.1.2.3', '::1'])('%s is this machine', async (host) => {
    expect((await serve('--host', host)).options).toMatchObject({ host });
  });

  test.each(['x', '-1', '65536', '1.5', '0x10', ''])('“%s” is no port', async (port) => {
    expect(await serve(`--port=${port}`)).toMatchObject({ exitCode: 2, options: undefined });
  });

  test('metrics and the log are as they were asked for', async () => {
    expect((await serve('--metrics-port', '9464')).options).toMatchObject({
      metrics: { host: '127.0.0.1', port: 9464 },
    });
    expect((await serve('--metrics-port', '9464', '--metrics-host', '::1')).options).toMatchObject({
      metrics: { host: '::1', port: 9464 },
    });
    expect((await serve('--metrics-port', 'x')).exitCode).toBe(2);
    expect((await serve('--log-level', 'error')).options).toMatchObject({ logLevel: 'error' });
    expect((await serve('--log-level', 'loud')).exitCode).toBe(2);
    const environment = (level: string) => ({ environment: { OKPAY_LOG_LEVEL: level } });
    expect((await serveWith(environment('silent'))).options).toMatchObject({ logLevel: 'silent' });
    expect((await serveWith(environment('loud'))).stderr).toContain('OKPAY_LOG_LEVEL');
    expect((await serveWith(environment('silent'), '--log-level', 'info')).options).toMatchObject({
      logLevel: 'info',
    });
  });

  test('ends with 1 when the service must not go on, and says why', async () => {
    const failure = new Refusal('service_failed', { reason: 'the disk is broken' });
    const { exitCode, stderr } = await runCommand(['serve'], { failed: Promise.reject(failure) });
    expect(exitCode).toBe(1);
    expect(stderr).toContain('The service ended itself, as it must not go on: the disk is broken.');
    expect(stderr).toContain('Next: okpay serve');
    const asJson = await runCommand(['serve', '--json'], { failed: Promise.reject(failure) });
    expect([asJson.exitCode, asJson.stderr]).toEqual([1, '']);
    expect(JSON.parse(asJson.stdout)).toEqual({ url: 'http://127.0.0.1:7227' });
  });

  test('behind a proxy the public address must be named', async () => {
    const refused = await serve('--behind-proxy');
    expect(refused).toMatchObject({ exitCode: 2, options: undefined });
    expect(refused.stderr).toContain('--public-url');
    expect(await serve('--public-url', 'pay.example.com')).toMatchObject({ exitCode: 2, options: undefined });
  });
});

describe('the real service', () => {
  /** Starts `okpay serve` on a free port, gives its address to `use`, and ends it with the signal. */
  async function served(
    signal: 'SIGINT' | 'SIGTERM',
    use: (url: string, home: string) => Promise<void>,
    environment: Record<string, string> = {},
  ) {
    const home = newHome();
    const server = execa(process.execPath, [BINARY, 'serve', '--port', '0', '--json'], {
      reject: false,
      env: { OKPAY_HOME: home, ...environment },
    });
    let text = '';
    await new Promise<void>((resolve, reject) => {
      void server.then(() => reject(new Error('It ended before it served.')));
      server.stdout.on('data', (chunk: Buffer) => {
        text += chunk.toString();
        if (text.includes('}')) resolve();
      });
    });
    const { url } = JSON.parse(text) as { url: string };
    try {
      await use(url, home);
    } finally {
      server.kill(signal);
    }
    return server;
  }
  const okpay = (words: string[], home: string, input = '') =>
    execa(process.execPath, [BINARY, ...words], { reject: false, input, env: { OKPAY_HOME: home } });

  test('an account can be opened and used over the network; SIGTERM ends it with 0', async () => {
    const outcome = await served('SIGTERM', async (url, serverHome) => {
      const home = newHome();
      const password = 'correct horse battery 77';
      const register = ['register', '--email', 'ann@example.com', '--name', 'Ann', '--password-stdin'];
      const registered = await okpay([...register, '--url', url], home, password);
      expect(registered).toMatchObject({ exitCode: 0, stderr: '' });
      const mail = await firstMail(join(serverHome, 'outbox'));
      const code = /okpay verify (\S+)/.exec(mail)?.[1] ?? '';
      expect((await okpay(['verify', code], home)).exitCode).toBe(0);
      expect((await okpay(['login', '--password-stdin'], home, password)).exitCode).toBe(0);
      const me = await okpay(['whoami', '--json'], home);
      expect(JSON.parse(me.stdout)).toMatchObject({ place: url, user: { email: 'ann@example.com' } });
      expect((await okpay(['logout'], home)).exitCode).toBe(0);
      expect((await okpay(['whoami'], home)).exitCode).toBe(4);
    });
    expect(outcome.exitCode).toBe(0);
  });

  test('tells strangers no more with every switch for debugging on (ASVS V13.4.2, V16.5.1)', async () => {
    const asked: [string, RequestInit][] = [
      ['/v1/me', { headers: { authorization: 'Bearer okp_x' } }],
      ['/v1/sessions', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":' }],
      [
        '/v1/registrations',
        { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"a":1}' },
      ],
      ['/v1/transfers/%00', {}],
      ['/verify?token=x', {}],
      ['/nothing', {}],
    ];
    const answersWith = async (environment: Record<string, string>) => {
      const answers: string[] = [];
      const use = async (url: string) => {
        for (const [path, init] of asked) {
          const answer = await fetch(url + path, init);
          const headers = [...answer.headers].filter(([name]) => !['date', 'x-request-id'].includes(name));
          answers.push(JSON.stringify([answer.status, headers, await answer.text()]));
        }
      };
      await served('SIGTERM', use, environment);
      return answers;
    };
    const debugging = { NODE_ENV: 'development', DEBUG: '*', NODE_DEBUG: 'http', VERBOSE: '1' };
    expect(await answersWith(debugging)).toEqual(await answersWith({ NODE_ENV: 'production' }));
  });

  test('Ctrl-C ends it with 0, and the port is told when it is taken', async () => {
    const outcome = await served('SIGINT', async (url) => {
      const second = await okpay(['serve', '--port', new URL(url).port], newHome());
      expect(second.exitCode).toBe(2);
      expect(second.stderr).toContain('something else listens there');
    });
    expect(outcome.exitCode).toBe(0);
  });

  test('metrics and traces leave it, by their own ways', async () => {
    const collector = await openCollector();
    const home = newHome();
    const server = execa(
      process.execPath,
      [BINARY, 'serve', '--port', '0', '--metrics-port', '0', '--json', '--log-level', 'error'],
      { reject: false, env: { OKPAY_HOME: home, OTEL_EXPORTER_OTLP_ENDPOINT: collector.url } },
    );
    const text = await new Promise<string>((resolve) => {
      let seen = '';
      server.stdout.on('data', (chunk: Buffer) => {
        seen += chunk.toString();
        if (seen.includes('}')) resolve(seen);
      });
    });
    const { url, metricsUrl } = JSON.parse(text) as { url: string; metricsUrl: string };
    expect((await fetch(`${url}/v1/me`)).status).toBe(401);
    const samples = parseMetrics(await (await fetch(metricsUrl)).text());
    expect(samples).toContainEqual({
      name: 'okpay_request_seconds_count',
      labels: { operation: 'get-me', code: 'session_required' },
      value: 1,
    });
    expect((await fetch(new URL('/metrics', url))).status).toBe(404);
    server.kill('SIGTERM');
    expect(await server).toMatchObject({ exitCode: 0, stderr: '' });
    expect(collector.spans.map(({ name }) => name).sort()).toEqual(
      expect.arrayContaining(['GET /v1/me', 'use-case get-me']),
    );
    await collector.close();
  });

  async function firstMail(folder: string): Promise<string> {
    for (const deadline = Date.now() + 10_000; Date.now() < deadline;) {
      const [name] = existsSync(folder) ? readdirSync(folder).filter((each) => each.endsWith('.eml')) : [];
      if (name !== undefined) return (await simpleParser(readFileSync(join(folder, name)))).text ?? '';
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    throw new Error('No mail came.');
  }
});

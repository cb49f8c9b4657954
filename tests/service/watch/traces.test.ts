import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { observe, type Observed } from '../../../src/service/watch/observe.ts';
import { eachEngine, openHarness, PASSWORD, type Harness, type HarnessOptions } from '../../harness.ts';
import { fund, money, newKey, quote } from '../money/wallet.ts';
import { openCollector, type Arrived, type Collector } from './collector.ts';

const closing: (() => unknown)[] = [];
let collector: Collector;
beforeEach(async () => {
  collector = await openCollector();
  closing.push(collector.close);
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  // OpenTelemetry reads these by itself.
  for (const name of Object.keys(process.env)) if (name.startsWith('OTEL_')) delete process.env[name];
});

/** A service that is watched as `okpay serve` is, with these variables. */
async function open(variables: Record<string, string>, options: HarnessOptions = {}) {
  Object.assign(process.env, variables);
  const lines: string[] = [];
  const observed = await observe({
    logLevel: 'info',
    version: '1.2.3',
    environment: variables,
    write: (line) => void lines.push(line),
  });
  const { log, watch } = observed;
  const harness = await openHarness({
    ...options,
    settings: { ...options.settings, log, ...(watch ? { watch } : {}) },
  });
  closing.push(harness.close);
  return { harness, observed, lines };
}

const toCollector = () => ({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
const named = (name: string, spans: readonly Arrived[] = collector.spans) =>
  spans.filter((span) => span.name === name);

/** Calls over the network as a holder. */
function caller(url: string, token: string) {
  return async (path: string, body: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
}

async function paySomebody(harness: Harness, count = 1) {
  const [alice, bob] = [await harness.holder('alice-canary'), await harness.holder('bob-canary')];
  await fund(harness, alice, '10.00');
  const quotes = await Promise.all(Array.from({ length: count }, () => quote(alice, bob.email, '1.00 EUR')));
  const { url } = await harness.serve();
  const call = caller(url, alice.token);
  const answers = await Promise.all(
    quotes.map(({ id }) =>
      call('/v1/transfers', { quote: id, note: 'canary note' }, { 'idempotency-key': `canary-${newKey()}` }),
    ),
  );
  expect(answers.map(({ status }) => status)).toEqual(quotes.map(() => 200));
  return { alice, bob, call };
}

eachEngine((engine) => {
  describe('a payment', () => {
    it('is one trace from the request to the commit', async () => {
      const { harness, observed } = await open(toCollector(), { engine });
      await paySomebody(harness);
      await observed.close();
      const [request] = named('POST /v1/transfers') as [Arrived];
      const useCase = named('use-case create-transfer').find(
        ({ parentSpanId }) => parentSpanId === request.spanId,
      );
      const post = named('ledger post').find(({ parentSpanId }) => parentSpanId === useCase?.spanId);
      expect(request).toMatchObject({ kind: 2, parentSpanId: undefined, failed: false });
      expect(request.attributes).toMatchObject({
        'http.request.method': 'POST',
        'http.route': '/v1/transfers',
        'http.response.status_code': 200,
        'okpay.operation': 'create-transfer',
        'okpay.code': 'done',
      });
      expect(new Set([request.traceId, useCase?.traceId, post?.traceId]).size).toBe(1);
      const batch = named('ledger batch').find(({ spanId }) => spanId === post?.links[0]?.spanId);
      expect(batch?.links).toEqual([{ traceId: post?.traceId, spanId: post?.spanId }]);
      const inside = collector.spans.filter(({ parentSpanId }) => parentSpanId === batch?.spanId);
      expect(inside.map(({ name }) => name).sort()).toEqual(['ledger commit', 'ledger decide']);
      for (const [outer, inner] of [
        [request, useCase],
        [useCase, post],
        ...inside.map((each) => [batch, each]),
      ]) {
        expect(inner?.startMs).toBeGreaterThanOrEqual((outer?.startMs ?? Infinity) - 1);
        expect(inner?.endMs).toBeLessThanOrEqual((outer?.endMs ?? 0) + 1);
      }
      expect(Math.abs((request.startMs ?? 0) - Date.now())).toBeLessThan(60_000);
      expect(collector.resources[0]).toMatchObject({ 'service.name': 'okpay', 'service.version': '1.2.3' });
      expect(collector.requests[0]).toMatchObject({
        path: '/v1/traces',
        headers: { 'content-type': 'application/json' },
      });
    });

    it('shares a batch with others, which links to each', async () => {
      const { harness, observed } = await open(toCollector(), { engine });
      await paySomebody(harness, 8);
      await observed.close();
      const batches = named('ledger batch');
      const posts = named('ledger post').filter(
        ({ attributes }) => attributes['okpay.batch.size'] !== undefined,
      );
      const linked = batches.flatMap(({ links }) => links.map(({ spanId }) => spanId));
      expect(linked.sort()).toEqual(posts.map(({ spanId }) => spanId).sort());
      expect(posts.length).toBe(9);
    });
  });
});

describe('traces', () => {
  it('have nothing of anybody in them', async () => {
    const { harness, observed, lines } = await open(toCollector());
    const { call } = await paySomebody(harness);
    const { url } = await harness.serve();
    await call('/v1/sessions', { email: 'canary@example.com', password: `canary ${PASSWORD}` });
    await call('/v1/quotes?canary=canary', { to: 'canary@example.com', amount: money('1.00 EUR') });
    await call('/v1/quotes', { to: 'canary@example.com', amount: money('1.00 EUR') });
    await fetch(`${url}/v1/transfers/trf_canary`);
    await fetch(`${url}/canary`, { headers: { 'user-agent': 'canary', traceparent: 'canary' } });
    await observed.close();
    expect(collector.spans.length).toBeGreaterThan(10);
    expect(collector.text()).toContain('/v1/quotes');
    expect(collector.text()).not.toMatch(/canary|@example|usr_|ses_|trf_|quo_|127\.0\.0\.1|10\.00|1\.00/i);
    expect(lines.join('')).not.toMatch(/canary|@example/i);
  });

  it('say how it failed', async () => {
    const { harness, observed } = await open(toCollector());
    const { url } = await harness.serve();
    await fetch(`${url}/v1/me`);
    Object.assign(harness.service, { ready: () => Promise.reject(new Error('canary')) });
    await fetch(`${url}/readyz`);
    await observed.close();
    expect(named('GET /v1/me')[0]).toMatchObject({
      failed: false,
      attributes: { 'okpay.code': 'session_required' },
    });
    expect(named('use-case get-me')[0]).toMatchObject({
      failed: false,
      attributes: { 'okpay.code': 'session_required' },
    });
    expect(named('GET /readyz')[0]).toMatchObject({
      failed: true,
      attributes: { 'http.response.status_code': 503 },
    });
    expect(collector.text()).not.toContain('canary');
  });

  it('link to the trace of the caller, and let no caller decide what is kept', async () => {
    const { harness, observed } = await open({ ...toCollector(), OTEL_TRACES_SAMPLER: 'always_off' });
    const { url } = await harness.serve();
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    await fetch(`${url}/healthz`, { headers: { traceparent } });
    await observed.close();
    expect(collector.spans).toEqual([]);

    const traced = await open(toCollector());
    const served = await traced.harness.serve();
    await fetch(`${served.url}/healthz`, { headers: { traceparent } });
    await fetch(`${served.url}/healthz`, { headers: { traceparent: traceparent.replace(/-01$/, '-00') } });
    await fetch(`${served.url}/healthz`, { headers: { traceparent: 'nonsense' } });
    await traced.observed.close();
    const spans = named('GET /healthz');
    expect(spans.map(({ links }) => links.length)).toEqual([1, 1, 0]);
    expect(spans[0]?.links).toEqual([
      { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' },
    ]);
    expect(spans[0]?.traceId).not.toBe('0af7651916cd43dd8448eb211c80319c');
  });

  it('are sampled as the variables say', async () => {
    const { harness, observed } = await open({
      ...toCollector(),
      OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
      OTEL_TRACES_SAMPLER_ARG: '0.3',
      OTEL_SERVICE_NAME: 'wallet',
      OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment.name=test',
      OTEL_EXPORTER_OTLP_HEADERS: 'x-key=secret-key',
    });
    const { url } = await harness.serve();
    for (let count = 0; count < 200; count++) await (await fetch(`${url}/healthz`)).text();
    await observed.close();
    expect(collector.spans.length).toBeGreaterThan(20);
    expect(collector.spans.length).toBeLessThan(120);
    expect(collector.resources[0]).toMatchObject({
      'service.name': 'wallet',
      'deployment.environment.name': 'test',
    });
    expect(collector.requests[0]?.headers['x-key']).toBe('secret-key');
  });

  it.each([
    [{}],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_SDK_DISABLED: 'true' }],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9', OTEL_TRACES_EXPORTER: 'none' }],
  ])('are off with %j, and then nothing stands between a call and its work', async (environment) => {
    const observed: Observed = await observe({ logLevel: 'silent', version: '1', environment });
    expect(observed.watch).toBeUndefined();
    await observed.close();
  });
});

describe('a collector that points to another one', () => {
  it('is not followed there (ASVS V15.3.2)', async () => {
    const other = await openCollector();
    const pointing = createServer((request, response) => {
      request.resume();
      response.writeHead(307, { location: `${other.url}/v1/traces` }).end();
    }).listen(0, '127.0.0.1');
    await once(pointing, 'listening');
    closing.push(other.close, () => void pointing.close());
    const { port } = pointing.address() as AddressInfo;
    const { harness, observed, lines } = await open({
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${port}`,
    });
    await paySomebody(harness, 1);
    await observed.close();
    expect(lines.join('')).toContain('traces_failed');
    expect(other.requests).toEqual([]);
  });
});

describe('a collector that does not work (ASVS V16.5.2)', () => {
  const cases: [string, (() => number | 'nothing') | undefined][] = [
    ['is not there', undefined],
    ['refuses', () => 400],
    ['takes and never answers', () => 'nothing'],
  ];
  it.each(cases)('holds nothing up when it %s', async (_what, answer) => {
    const broken = answer ? await openCollector(answer) : undefined;
    if (broken) closing.push(broken.close);
    const { harness, observed, lines } = await open({
      OTEL_EXPORTER_OTLP_ENDPOINT: broken?.url ?? 'http://127.0.0.1:9',
    });
    await paySomebody(harness, 3);
    await harness.audit();
    const startedAt = performance.now();
    await observed.close();
    expect(performance.now() - startedAt).toBeLessThan(4_000);
    if (_what === 'refuses') expect(lines.join('')).toContain('"message":"traces_failed","code":"400"');
    expect(lines.join('')).not.toContain('127.0.0.1:9');
  });
});

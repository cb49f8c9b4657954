import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { REFUSALS } from '../../../src/core/contract/refusals.ts';
import { OPERATIONS } from '../../../src/core/contract/operations.ts';
import { serveMetrics } from '../../../src/service/http/serve-metrics.ts';
import { openEngine } from '../../../src/service/store/engine/open.ts';
import { counter, gauge, histogram } from '../../../src/service/watch/metric.ts';
import { makeMetrics, type Metrics } from '../../../src/service/watch/metrics.ts';
import { eachEngine, openHarness, type EngineUnderTest, type Harness } from '../../harness.ts';
import { fund, newKey, pay, quote, send } from '../money/wallet.ts';
import { parseMetrics, type Sample } from './parse-metrics.ts';

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function open(
  engine?: EngineUnderTest,
): Promise<{ harness: Harness; metrics: Metrics; scrape: () => Promise<Sample[]> }> {
  const metrics = makeMetrics('1.2.3');
  const harness = await openHarness({ ...(engine ? { engine } : {}), settings: { watch: metrics.watch } });
  closing.push(metrics.close, harness.close);
  return {
    harness,
    metrics,
    // Each scrape anew: the real ones are a second apart at least.
    scrape: async () => {
      await new Promise((resolve) => setTimeout(resolve, 1_010));
      return parseMetrics(await metrics.collect(harness.service));
    },
  };
}

const value = (samples: Sample[], name: string, labels: Record<string, string> = {}): number | undefined =>
  samples.find(
    (sample) =>
      sample.name === name &&
      Object.entries(labels).every(([label, wanted]) => sample.labels[label] === wanted),
  )?.value;

eachEngine((engine) => {
  describe('what is counted', () => {
    it('are requests by operation and outcome, batches, transfers and what waits', async () => {
      const { harness, scrape } = await open(engine);
      const [alice, bob] = [await harness.holder('alice'), await harness.holder('bob')];
      await fund(harness, alice, '10.00');
      const { url } = await harness.serve();
      const ask = (path: string, init: RequestInit = {}) =>
        fetch(`${url}${path}`, { headers: { authorization: `Bearer ${alice.token}` }, ...init });
      const before = await scrape();
      await Promise.all(Array.from({ length: 20 }, () => ask('/v1/balances')));
      await ask('/v1/balances', { headers: {} });
      await ask('/v1/transfers/trf_x');
      await ask('/not/there/secret');
      await Promise.all(Array.from({ length: 30 }, () => send(alice, bob.email, '0.10 EUR')));
      await expect(send(alice, bob.email, '100.00 EUR')).rejects.toMatchObject({
        code: 'insufficient_funds',
      });
      const after = await scrape();
      const rise = (name: string, labels?: Record<string, string>) =>
        (value(after, name, labels) ?? 0) - (value(before, name, labels) ?? 0);

      const counts = (operation: string, code: string) =>
        rise('okpay_request_seconds_count', { operation, code });
      expect(counts('list-balances', 'done')).toBe(20);
      expect(counts('list-balances', 'session_required')).toBe(1);
      expect(counts('get-transfer', 'not_found')).toBe(1);
      expect(counts('unknown', 'route_unknown')).toBe(1);
      expect(rise('okpay_intents_total', { outcome: 'done' })).toBe(30);
      expect(rise('okpay_intents_total', { outcome: 'refused' })).toBe(1);
      expect(rise('okpay_transfers_total', { kind: 'transfer' })).toBe(30);
      const batches = rise('okpay_batches_total', { outcome: 'done' });
      expect(batches).toBeGreaterThan(0);
      // Intents that come together share a commit.
      expect(batches).toBeLessThan(31);
      expect(rise('okpay_batch_intents_sum')).toBe(31);
      expect(rise('okpay_commit_seconds_count')).toBe(batches);
      expect(rise('okpay_commit_seconds_sum')).toBeGreaterThan(0);
      expect(value(after, 'okpay_poster_waiting')).toBe(0);
      expect(value(after, 'okpay_requests_running')).toBe(0);
      expect(value(after, 'okpay_database_up')).toBe(1);
      expect(value(after, 'okpay_info', { version: '1.2.3', engine: engine.name })).toBe(1);
      const own = engine.name === 'sqlite' ? 'okpay_database_bytes' : 'okpay_pool_idle';
      expect(value(after, own)).toBeGreaterThanOrEqual(0);
      expect(value(after, 'process_resident_memory_bytes')).toBeGreaterThan(1e7);
      expect(value(after, 'nodejs_eventloop_lag_p99_seconds')).toBeGreaterThanOrEqual(0);
      await harness.audit();
    });

    it('has labels from our own lists only, and nothing of anybody in it', async () => {
      const { harness, metrics, scrape } = await open(engine);
      const alice = await harness.holder('canary-alice');
      await fund(harness, alice, '10.00');
      const { url } = await harness.serve();
      await fetch(`${url}/canary?x=canary`, { headers: { authorization: 'Bearer canary' } });
      await fetch(`${url}/v1/transfers/canary`, { method: 'CANARY' }).catch(() => undefined);
      const { id } = await quote(alice, alice.email, '1.00 EUR').catch(() => ({ id: '' }));
      expect(id).toBe('');
      const samples = await scrape();
      const text = await metrics.collect(harness.service);
      expect(text).not.toMatch(/canary|usr_|@/i);
      const operations = [
        ...Object.keys(OPERATIONS),
        'verify-page',
        'healthz',
        'readyz',
        'openapi',
        'unknown',
      ];
      for (const { labels } of samples) {
        if (labels['operation'] !== undefined) expect(operations).toContain(labels['operation']);
        if (labels['code'] !== undefined)
          expect(['done', 'refused', ...Object.keys(REFUSALS)]).toContain(labels['code']);
      }
    });

    it('keeps quoted minus executed at zero, and shows it when a row says otherwise', async () => {
      const { harness, scrape } = await open(engine);
      const [alice, bob] = [await harness.holder('alice'), await harness.holder('bob')];
      await fund(harness, alice, '100.00');
      const first = await quote(alice, bob.email, '1.00 EUR');
      for (let count = 0; count < 4; count++) await send(alice, bob.email, '1.00 EUR');
      await pay(alice, first, { key: newKey() });
      await scrape();
      harness.clock.advance(120_000);
      const honest = await scrape();
      expect(value(honest, 'okpay_quotes_compared')).toBe(5);
      expect(value(honest, 'okpay_quoted_minus_executed_minor', { currency: 'EUR' })).toBe(0);
      // The control: quotes that are changed after they were paid, up and down, which must not cancel out.
      const others = [await quote(alice, bob.email, '2.00 EUR'), await quote(alice, bob.email, '2.00 EUR')];
      for (const other of others) await pay(alice, other);
      await harness.service.deps.engine.transact(async (tx) => {
        await tx.run('UPDATE quotes SET fee = fee + 1 WHERE id = ?', [others[0]?.id ?? '']);
        await tx.run('UPDATE quotes SET paid = paid - 1 WHERE id = ?', [others[1]?.id ?? '']);
      });
      harness.clock.advance(120_000);
      const caught = await scrape();
      expect(value(caught, 'okpay_quotes_compared')).toBe(7);
      expect(value(caught, 'okpay_quoted_minus_executed_minor', { currency: 'EUR' })).toBe(2);
    });
  });
});

describe('a scrape', () => {
  it('tells how long mail waits that cannot get out', async () => {
    const metrics = makeMetrics('1');
    const harness = await openHarness({ settings: { watch: metrics.watch, smtpUrl: 'smtp://127.0.0.1:9' } });
    closing.push(metrics.close, harness.close);
    await harness.call('register', {
      email: 'a@example.com',
      displayName: 'A',
      password: 'correct horse battery staple',
    });
    harness.clock.advance(600_000);
    const samples = parseMetrics(await metrics.collect(harness.service));
    expect(value(samples, 'okpay_outbox_waiting')).toBe(1);
    expect(value(samples, 'okpay_outbox_oldest_seconds')).toBe(600);
  });

  it('says that the database does not answer, and leaves out what it would have said', async () => {
    const metrics = makeMetrics('1');
    let gone = false;
    const open = async (url: string) => {
      const engine = await openEngine(url);
      const one: typeof engine.one = (sql, values) =>
        gone ? Promise.reject(new Error('gone')) : engine.one(sql, values);
      return { ...engine, one };
    };
    const harness = await openHarness({ settings: { watch: metrics.watch, open } });
    closing.push(metrics.close, harness.close);
    gone = true;
    const samples = parseMetrics(await metrics.collect(harness.service));
    gone = false;
    expect(value(samples, 'okpay_database_up')).toBe(0);
    expect(value(samples, 'okpay_outbox_waiting')).toBeUndefined();
  });

  it('that comes at once again is not made again', async () => {
    const { harness, metrics } = await open();
    expect(metrics.collect(harness.service)).toBe(metrics.collect(harness.service));
  });

  it('counts a commit that nobody answered as unknown', async () => {
    const metrics = makeMetrics('1');
    const { Refusal } = await import('../../../src/core/contract/refusals.ts');
    let fail = false;
    const harness = await openHarness({
      settings: {
        watch: metrics.watch,
        open: async (url) => {
          const engine = await openEngine(url);
          return {
            ...engine,
            post: async (work) => {
              const result = await engine.post(work);
              if (fail) throw new Refusal('outcome_unknown');
              return result;
            },
          };
        },
      },
    });
    closing.push(metrics.close, harness.close);
    const alice = await harness.holder('alice');
    fail = true;
    await expect(fund(harness, alice, '1.00')).rejects.toMatchObject({ code: 'outcome_unknown' });
    fail = false;
    const samples = parseMetrics(await metrics.collect(harness.service));
    expect(value(samples, 'okpay_batches_total', { outcome: 'unknown' })).toBe(1);
    expect(value(samples, 'okpay_intents_total', { outcome: 'done' })).toBe(0);
  });
});

describe('the listener of metrics (ASVS V13.4.5)', () => {
  const listen = async (collect = async () => 'up 1\n') => {
    const served = await serveMetrics(collect, { host: '127.0.0.1', port: 0 });
    closing.push(served.stop);
    return served.url;
  };

  it('answers GET and HEAD of /metrics, and nothing else', async () => {
    const url = await listen();
    const got = await fetch(url);
    expect([got.status, got.headers.get('content-type'), await got.text()]).toEqual([
      200,
      'text/plain; version=0.0.4; charset=utf-8',
      'up 1\n',
    ]);
    expect((await fetch(url, { method: 'HEAD' })).status).toBe(200);
    expect((await fetch(url, { method: 'POST' })).status).toBe(405);
    for (const path of ['/', '/metrics/', '/metrics?x', '/healthz', '/v1/me'])
      expect((await fetch(new URL(path, url))).status).toBe(404);
  });

  it('is not on the port that people reach', async () => {
    const { harness } = await open();
    const { url } = await harness.serve();
    expect((await fetch(`${url}/metrics`)).status).toBe(404);
  });

  it('says it when the port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => other.once('listening', resolve));
    closing.push(() => other.close());
    const { port } = other.address() as AddressInfo;
    await expect(serveMetrics(async () => '', { host: '127.0.0.1', port })).rejects.toThrow(
      /something else listens/,
    );
  });

  it('stops with connections open, and does not wait for slow ones', async () => {
    const served = await serveMetrics(async () => '', { host: '127.0.0.1', port: 0 });
    const slow = connect(Number(new URL(served.url).port), '127.0.0.1').on('error', () => undefined);
    await new Promise((resolve) => slow.once('connect', resolve));
    slow.write('GET /met');
    await served.stop();
    slow.destroy();
  });
});

describe('the text format', () => {
  it('escapes labels and help, and says infinities as Prometheus does', () => {
    const strange = gauge({ name: 'strange', help: 'a\\b\nc', labels: ['x'] });
    strange.set(['a"b\\c\nd'], Infinity);
    strange.set(['n'], NaN);
    expect(strange.text()).toBe(
      '# HELP strange a\\\\b\\nc\n# TYPE strange gauge\nstrange{x="a\\"b\\\\c\\nd"} +Inf\nstrange{x="n"} NaN\n',
    );
    const [sample] = parseMetrics(strange.text());
    expect(sample).toMatchObject({ labels: { x: 'a"b\\c\nd' }, value: Infinity });
  });

  it('has buckets that add up', () => {
    const sizes = histogram({ name: 'sizes', help: 'x', labels: ['k'] }, [1, 10]);
    for (const size of [0.5, 1, 2, 10, 11, 1_000]) sizes.observe(['a'], size);
    const samples = parseMetrics(sizes.text());
    expect(samples.map(({ labels, value }) => [labels['le'], value])).toEqual([
      ['1', 2],
      ['10', 4],
      ['+Inf', 6],
      [undefined, 1024.5],
      [undefined, 6],
    ]);
  });

  it('has a count without labels from the start', () => {
    expect(parseMetrics(histogram({ name: 'h', help: 'x' }, [1]).text()).map(({ value }) => value)).toEqual([
      0, 0, 0, 0,
    ]);
    const count = counter({ name: 'c_total', help: 'x', labels: ['a', 'b'] });
    count.add(['1', '2']);
    count.add(['1', '2'], 2);
    expect(parseMetrics(count.text())).toEqual([{ name: 'c_total', labels: { a: '1', b: '2' }, value: 3 }]);
  });
});

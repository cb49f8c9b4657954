import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Input, Output } from '../../../src/core/contract/operations.ts';
import { decide } from '../../../src/service/approvals/decide.ts';
import { runApproval } from '../../../src/service/approvals/run.ts';
import { fetchRates } from '../../../src/service/rails/fetch-rates.ts';
import { RATES_BYTES } from '../../../src/service/rails/read-rates.ts';
import { eachEngine, openHarness, type Harness, type Holder } from '../../harness.ts';
import { audit, money, performWith, person, refusalOf } from '../money/wallet.ts';
import { dailyXml } from './rates-file.ts';

eachEngine((engine) => {
  let harness: Harness;
  let alice: Holder;
  let olga: Holder;
  let otto: Holder;
  beforeEach(async () => {
    harness = await openHarness({ engine });
    alice = await person(harness, 'alice');
    [olga, otto] = [await person(harness, 'olga', 'admin'), await person(harness, 'otto', 'admin')];
    // The clock of the tests stands at 2026-03-02T09:00Z, a Monday.
  });
  afterEach(async () => {
    await audit(harness);
    await harness.close();
  });

  async function* body(text: string): AsyncGenerator<Uint8Array> {
    yield new TextEncoder().encode(text);
  }
  const take = (text: string, input: Input<'import-rates'> = {}): Promise<Output<'import-rates'>> =>
    olga.client.call('import-rates', input, { body: body(text) });
  const inForce = async () =>
    Object.fromEntries(
      (await olga.client.call('list-rates', {})).rates.map(({ currency, rate, state }) => [
        currency,
        `${rate} ${state}`,
      ]),
    );
  /** Moves the clock on, beyond the end of sessions. */
  const until = async (time: string) => {
    harness.clock.advance(Date.parse(time) - harness.clock.now());
    [alice, olga, otto] = [
      await person(harness, `alice-${time}`),
      await person(harness, `olga-${time}`, 'admin'),
      await person(harness, `otto-${time}`, 'admin'),
    ];
  };
  const midMarket = async (receive: string) =>
    (await alice.client.call('create-quote', { amount: money('10 EUR'), receive })).exchange?.midMarket;
  const set = (rate: string, currency = 'USD', goodForHours = 24) =>
    olga.client.call('set-rate', { currency, rate, goodForHours, reason: 'test' });
  const approve = async (approval: string, by = otto) => {
    const { deps } = harness.service;
    await decide(deps, { ...by, user: by.id, role: 'admin' } as never, { approval, reason: 'ok' }, 'approve');
    await runApproval(deps, approval);
  };

  test('a file is taken whole, once, with who took it in the audit log', async () => {
    const file = dailyXml('2026-02-27', { USD: '1.25', JPY: '160', BGN: '1.9558' });
    expect(await take(file)).toEqual({
      source: 'ECB',
      firstDay: '2026-02-27',
      lastDay: '2026-02-27',
      added: 2,
      alreadyThere: 0,
      notActive: 1,
      doubted: [],
    });
    expect(await take(file)).toMatchObject({ added: 0, alreadyThere: 2, doubted: [] });
    expect(await inForce()).toEqual({ USD: '1.25 good', JPY: '160 good' });
    expect(await midMarket('USD')).toBe('1.25');
    const { deps } = harness.service;
    const records = await deps.engine.all<{ actor: string; facts: string }>(
      "SELECT actor, facts FROM audit_log WHERE action = 'rates-imported' ORDER BY id",
    );
    expect(
      records.map(({ actor, facts }) => [actor, (JSON.parse(facts) as { added: string }).added]),
    ).toEqual([
      [olga.id, '2'],
      [olga.id, '0'],
    ]);
  });

  test('a file that is wrong anywhere changes nothing and is refused with line and reason', async () => {
    const wrong = dailyXml('2026-02-27', { USD: '1.25', JPY: 'many' });
    const { facts } = await refusalOf(take(wrong), 'rates_invalid');
    expect(facts).toMatchObject({ line: '7', reason: '“many” is not a rate.' });
    // Of today they are not known before a quarter past two.
    await refusalOf(take(dailyXml('2026-03-02', { USD: '1.25' })), 'rates_invalid');
    expect(await inForce()).toEqual({});
    await refusalOf(olga.client.call('import-rates', {}), 'input_invalid');
    await refusalOf(
      olga.client.call('import-rates', {}, { body: body(' '.repeat(RATES_BYTES + 1)) }),
      'body_too_large',
    );
    await until('2026-03-02T13:15:00.000Z');
    await take(dailyXml('2026-03-02', { USD: '1.25' }));
  });

  test('rates hold over the longest weekend there is, and not for ever', async () => {
    // Of Maundy Thursday; the next ones come on Tuesday, after 15:00 UTC.
    await until('2026-04-02T15:00:00Z');
    await take(dailyXml('2026-04-02', { USD: '1.25' }));
    await until('2026-04-07T15:00:00Z');
    expect(await midMarket('USD')).toBe('1.25');
    await until('2026-04-08T13:15:00.001Z');
    await refusalOf(midMarket('USD'), 'rate_stale');
    expect(await inForce()).toEqual({ USD: '1.25 stale' });
  });

  test('how long they are good can be said, also afterwards', async () => {
    const file = dailyXml('2026-02-27', { USD: '1.25' });
    await take(file, { goodForHours: 1 });
    await refusalOf(midMarket('USD'), 'rate_stale');
    expect(await take(file)).toMatchObject({ added: 1 });
    expect(await midMarket('USD')).toBe('1.25');
  });

  test('what jumps, or comes new, is not believed on the word of one person, and no price is made of it', async () => {
    await take(dailyXml('2026-02-26', { USD: '1.25', JPY: '160' }));
    const report = await take(dailyXml('2026-02-27', { USD: '1.40', JPY: '161', KRW: '1700' }));
    expect(report.doubted).toEqual([
      { currency: 'USD', rate: '1.40', before: '1.25' },
      { currency: 'KRW', rate: '1700' },
    ]);
    expect(await inForce()).toEqual({ USD: '1.40 doubted', JPY: '161 good', KRW: '1700 doubted' });
    for (const currency of ['USD', 'KRW']) await refusalOf(midMarket(currency), 'rate_stale');
    // Neither does the one before come back by the hand of one person, which would be as good as a wrong one.
    const { state, approval } = await set('1.25');
    expect([state, approval?.state]).toEqual(['asked', 'asked']);
    await refusalOf(midMarket('USD'), 'rate_stale');
    const { approval: right } = await set('1.40');
    await approve(right?.id ?? '');
    expect(await midMarket('USD')).toBe('1.4');
    // History of before does not touch what is in force.
    expect(await take(dailyXml('2020-01-02', { USD: '9' }))).toMatchObject({ added: 1, doubted: [] });
    expect(await midMarket('USD')).toBe('1.4');
  });

  test('one person sets a rate near the last that is not only theirs, however often; anything else two', async () => {
    await take(dailyXml('2026-02-27', { USD: '1.25' }));
    expect(await set('1.26')).toMatchObject({ state: 'set', rate: { rate: '1.26', addedBy: olga.id } });
    harness.clock.advance(1);
    expect(await midMarket('USD')).toBe('1.26');
    // From there one percent more would be two: it is measured from what came before.
    expect((await set('1.27')).state).toBe('asked');
    expect((await set('1.24')).state).toBe('set');
    const { approval } = await set('1.30');
    await expect(approve(approval?.id ?? '', olga)).rejects.toMatchObject({ code: 'four_eyes' });
    await approve(approval?.id ?? '');
    harness.clock.advance(1);
    expect(await midMarket('USD')).toBe('1.3');
    expect((await set('1.31')).state).toBe('set');
  });

  test('a currency that no file has is set by two, and is good as long as they said', async () => {
    const { approval } = await set('0.3345', 'KWD', 48);
    await refusalOf(midMarket('KWD'), 'rate_unknown');
    await approve(approval?.id ?? '');
    expect(await midMarket('KWD')).toBe('0.3345');
    await until('2026-03-04T09:00:00.001Z');
    await refusalOf(midMarket('KWD'), 'rate_stale');
    // What is too old is no measure for one person either.
    expect((await set('0.3345', 'KWD')).state).toBe('asked');
  });

  test.each(['0', '-1', '1e3', '1,2', '0x10', '1.12345678901', '1234567890'])(
    '“%s” is no rate',
    async (text) => {
      await refusalOf(set(text), 'input_invalid');
    },
  );

  test('no rate is set of the euro itself, or of what is no currency', async () => {
    await refusalOf(set('1', 'EUR'), 'input_invalid');
    await refusalOf(set('1', 'XAU'), 'currency_unknown');
  });

  test('without an address nothing is fetched; with one it is as if it were imported', async () => {
    await refusalOf(olga.client.call('fetch-rates', {}), 'rates_unconfigured');
    const { url, close } = await serving((_, response) =>
      response.end(dailyXml('2026-02-27', { USD: '1.25' })),
    );
    try {
      const answer = await performWith(harness, { ratesUrl: url })(olga, {
        operation: 'fetch-rates',
        input: {},
      });
      expect(answer).toMatchObject({ added: 1 });
      expect(await inForce()).toEqual({ USD: '1.25 good' });
    } finally {
      await close();
    }
  });
});

describe('fetching', () => {
  const refused = async (url: string) =>
    (await refusalOf(fetchRates(url), 'rates_unreachable')).facts['reason'];

  test('takes https, or http on this machine, and no secrets in the address', async () => {
    for (const url of [
      'http://rates.example.com/a.xml',
      'ftp://127.0.0.1/a',
      'file:///etc/passwd',
      'http://127.0.0.1.example.com/',
    ])
      expect(await refused(url)).toBe('it takes https, or http on this machine');
    expect(await refused('here')).toBe('it is no address');
    expect(await refused('https://user:secret@127.0.0.1/')).toContain('a name or a password');
  });

  test('follows no redirect', async () => {
    let asked = 0;
    const { url, close } = await serving((_, response) => {
      asked += 1;
      response.writeHead(302, { location: `${url}other` }).end();
    });
    expect(await refused(url)).toBe('it answered with HTTP 302');
    expect(asked).toBe(1);
    await close();
  });

  test('takes no more than the largest file there is, and says when nobody answers', async () => {
    const piece = Buffer.alloc(1_048_576);
    const { url, close } = await serving((_, response) => {
      const send = () => {
        while (response.write(piece));
        if (!response.closed) response.once('drain', send);
      };
      send();
    });
    expect(await refused(url)).toContain('larger than');
    await close();
    expect(await refused(url)).toMatch(/it did not answer \(/);
  });
});

/** A server of this test's own. */
async function serving(answer: RequestListener): Promise<{ url: string; close: () => Promise<void> }> {
  const server: Server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/rates.xml`,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

import { AsyncLocalStorage } from 'node:async_hooks';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OperationName } from '../../src/core/contract/operations.ts';
import { RATES } from '../../src/service/rates.ts';
import { openHarness, type Harness, type Holder } from '../harness.ts';

let harness: Harness;
let people: Holder[];
beforeEach(async () => {
  harness = await openHarness();
  people = [await harness.staff('senior'), await harness.staff('senior'), await harness.staff('senior')];
});
afterEach(() => harness.close());

/** A call that is counted and then refused for its input: the code of the refusal, and how long to wait. */
async function ask(operation: OperationName, who: number, address: string): Promise<string> {
  const call = { operation, input: { not: 'a field' }, token: people[who]?.token ?? '' };
  const error: unknown = await harness.service
    .perform(call, { console: false, address })
    .catch((e: unknown) => e);
  const { code, facts } = error as { code: string; facts: Record<string, string> };
  return code === 'too_many_attempts' ? `wait ${facts['retryAfter']}` : code;
}

describe('what costs more than other calls is asked for only so often (ASVS V2.4.1, V15.2.2)', () => {
  const rates = Object.entries(RATES) as [OperationName, (typeof RATES)['create-quote'] & object][];

  it.each(rates)('%s: by one holder, wherever they are', async (operation, { holder }) => {
    for (let at = 0; at < holder.calls; at++)
      expect(await ask(operation, 0, `198.18.${at >> 8}.${at & 255}`)).toBe('input_invalid');
    const each = Math.ceil(holder.inMs / holder.calls / 1_000);
    expect(await ask(operation, 0, '192.0.2.1')).toBe(`wait ${each}`);
    expect(await ask(operation, 1, '192.0.2.1')).toBe('input_invalid');
    // What is turned away is not counted.
    harness.clock.advance(each * 1_000);
    expect(await ask(operation, 0, '192.0.2.1')).toBe('input_invalid');
    // The console is the machine's owner.
    const call = { operation, input: { not: 'a field' }, token: people[0]?.token ?? '' };
    await expect(harness.service.perform(call, { console: true })).rejects.toMatchObject({
      code: 'input_invalid',
    });
  });

  it('by all at one source together, a /64 of IPv6', async () => {
    const { holder, source } = RATES['export-journal'] ?? expect.unreachable();
    let [asked, who] = [0, 0];
    for (; asked < source.calls; asked++) {
      if (asked > 0 && asked % holder.calls === 0) who += 1;
      expect(await ask('export-journal', who, `2001:db8::${asked}`)).toBe('input_invalid');
    }
    people[0] = await harness.staff('senior');
    expect(await ask('export-journal', 0, '2001:db8::ffff')).toMatch(/^wait/);
    expect(await ask('export-journal', 0, '2001:db8:0:1::1')).toBe('input_invalid');
  });

  it('is said over HTTP with Retry-After', async () => {
    const { url } = await harness.serve();
    const { calls } = RATES['export-journal']?.holder ?? expect.unreachable();
    const get = () =>
      fetch(`${url}/v1/admin/exports/journal`, {
        method: 'POST',
        headers: { authorization: `Bearer ${people[0]?.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ format: 'csv', reason: 'a test' }),
      });
    for (let at = 0; at < calls; at++) {
      const answer = await get();
      expect(answer.status).toBe(200);
      await answer.text();
    }
    const refused = await get();
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '180']);
    expect(await refused.json()).toMatchObject({ code: 'too_many_attempts' });
  });

  it('asks the database for nothing', async () => {
    const { engine } = harness.service.deps;
    // What jobs ask at the same time is not counted.
    const inCall = new AsyncLocalStorage<true>();
    let asked = 0;
    const count = () => inCall.getStore() && (asked += 1);
    const counting = {
      ...engine,
      one: ((...given) => (count(), engine.one(...given))) as typeof engine.one,
      all: ((...given) => (count(), engine.all(...given))) as typeof engine.all,
      gather: ((...given) => (count(), engine.gather?.(...given))) as typeof engine.gather,
      transact: ((...given) => (count(), engine.transact(...given))) as typeof engine.transact,
    };
    Object.assign(harness.service.deps, { engine: counting });
    for (let at = 0; at < 30; at++) await inCall.run(true, () => ask('export-journal', 0, '192.0.2.1'));
    // One question for each token, and no transaction.
    expect(asked).toBe(30);
  });
});

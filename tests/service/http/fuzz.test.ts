import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Refusal } from '../../../src/core/contract/refusals.ts';
import type { Service } from '../../../src/service/app.ts';
import { eachEngine, openHarness, type EngineUnderTest, type Harness } from '../../harness.ts';
import { fuzz, type FuzzReport } from '../../soak/fuzz.ts';
import { MISSING, readNaughty } from '../../soak/fuzz/naughty.ts';

/** Each is tried; a fault that is found by chance leaves its seed here. */
const SEEDS = [20_261_126];
/** `npm run test:fuzz` sends 100,000. */
const REQUESTS: Readonly<Record<EngineUnderTest['name'], number>> = { sqlite: 1_500, postgres: 600 };

/** What breaks in the controls, and what makes things that it takes. */
const BROKEN = ['get-me', 'list-balances', 'list-payees', 'list-sessions', 'create-quote', 'get-quote'];

const naughty = readNaughty();
let harness: Harness | undefined;
afterEach(async () => {
  await harness?.close();
});

describe(`requests made from our own OpenAPI document${MISSING}`, () => {
  eachEngine((engine) => {
    const requests = REQUESTS[engine.name];
    test.each(SEEDS)(
      `${requests} with seed %i are all answered, none as a failure, as the document says (ASVS V15.3.1, V16.5.1)`,
      async (seed) => {
        harness = await openHarness({ engine });
        const report = await fuzz({ harness, requests, seed, naughty });
        expect(report.faults).toEqual([]);
        expect(report.sent).toBeGreaterThanOrEqual(requests);
        // They get far: a quarter is done, of most operations some.
        expect(report.classes['2xx']).toBeGreaterThan(report.sent / 4);
        const done = Object.values(report.operations).filter((endings) => endings['done'] !== undefined);
        expect(done.length).toBeGreaterThan(Object.keys(report.operations).length * 0.6);
      },
      120_000,
    );
  });
});

describe('positive control: the fuzzer finds', () => {
  // What breaks on purpose is also shown.
  beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => undefined));
  afterEach(() => void vi.restoreAllMocks());

  type Perform = Service['perform'];
  /** What is found when some calls are performed in another way than the service does. */
  const faultsOf = async (
    change: (perform: Perform) => Perform,
    plan: { hangMs?: number; endAtFault?: boolean } = {},
  ): Promise<FuzzReport['faults']> => {
    harness = await openHarness();
    const { service } = harness;
    Object.assign(service, { perform: change(service.perform) });
    return (await fuzz({ harness, requests: 200, seed: 1, naughty, only: BROKEN, ...plan })).faults;
  };

  test('a use-case that throws', async () => {
    const faults = await faultsOf((perform) => async (call, caller) => {
      if (call.operation === 'get-me' && !caller.console) throw new Error('broken');
      return perform(call, caller);
    });
    expect(faults[0]).toMatch(/^get-me 500 \(seed 1, round 0, made smaller \d+ times\)\n {4}GET \/v1\/me\n/);
    expect(faults[1]).toContain('The log has {"request":');
  });

  test.each([
    ['a field too many', { more: 1 }, 'must NOT have additional properties'],
    ['a field of another type', { balances: 'none' }, '/balances must be array'],
    ['a field that is missing', { balances: undefined }, "must have required property 'balances'"],
  ])('an answer with %s', async (_what, wrong, why) => {
    const faults = await faultsOf((perform) => async (call, caller) => {
      const answer = await perform(call, caller);
      if (call.operation !== 'list-balances' || !('output' in answer)) return answer;
      return { output: { ...(answer.output as object), ...wrong } };
    });
    expect(faults).toHaveLength(1);
    expect(faults[0]).toContain(`list-balances 200 is not as its schema says:`);
    expect(faults[0]).toContain(why);
  });

  test('an answer that tells of the inside', async () => {
    const faults = await faultsOf((perform) => async (call, caller) => {
      if (call.operation !== 'get-me' || caller.console) return perform(call, caller);
      throw new Refusal('usage_invalid', { reason: new Error('broken').stack ?? '' });
    });
    expect(faults).toEqual([expect.stringMatching(/^get-me 400 tells of the inside/)]);
  });

  test('a call that hangs', async () => {
    const hangs: Perform = () => new Promise(() => undefined);
    const faults = await faultsOf(
      (perform) => (call, caller) =>
        (call.operation === 'list-payees' && !caller.console ? hangs : perform)(call, caller),
      { hangMs: 2_000, endAtFault: true },
    );
    expect(faults).toEqual([expect.stringMatching(/^list-payees hangs \(seed 1/)]);
  });

  test('what is done although the document forbids it', async () => {
    const faults = await faultsOf((perform) => (call, caller) => {
      const { input, ...rest } = call;
      const known = call.operation === 'list-sessions' ? {} : input;
      return perform({ ...rest, input: known }, caller);
    });
    expect(faults).toEqual([
      expect.stringMatching(/^list-sessions does what the document forbids: nobody knows/),
    ]);
  });

  test('a status that the document has not, and a media type that is not its own', async () => {
    const faults = await faultsOf((perform) => async (call, caller) => {
      if (call.operation === 'get-quote')
        return {
          text: (async function* () {
            yield 'a quote';
          })(),
        };
      return perform(call, caller);
    });
    expect(faults).toEqual([expect.stringMatching(/^get-quote 200 is text\/plain; charset=utf-8/)]);
  });
});

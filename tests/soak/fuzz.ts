import fc from 'fast-check';
import type { Harness } from '../harness.ts';
import { makeChecker, type Finding } from './fuzz/checker.ts';
import { callsOf, type Document } from './fuzz/document.ts';
import type { Naughty } from './fuzz/naughty.ts';
import { requests, type Draft } from './fuzz/requests.ts';
import { makeSender, type Answer } from './fuzz/sender.ts';
import { makeTally, type Endings } from './fuzz/tally.ts';
import { show, wireOf } from './fuzz/wire.ts';
import { bytes, makeWorld, type World } from './fuzz/world.ts';

export type FuzzPlan = {
  readonly harness: Harness;
  /** How many requests are sent at least. */
  readonly requests: number;
  readonly seed: number;
  readonly naughty: Naughty;
  /** The operations that are called; all unless given. */
  readonly only?: readonly string[];
  /** After how long a request that was not answered never will be, in milliseconds. */
  readonly hangMs?: number;
  /** Ends at the first fault, and does not make the requests that show it smaller. */
  readonly endAtFault?: boolean;
  readonly say?: (line: string) => void;
};

export type FuzzReport = {
  readonly seed: number;
  readonly sent: number;
  readonly classes: Endings;
  readonly operations: Readonly<Record<string, Endings>>;
  /** Each fault that was found, once, with the smallest request that shows it. */
  readonly faults: readonly string[];
};

const HANG_MS = 30_000;
/** Requests that are on their way together. */
const AT_ONCE = 6;
/** Bursts between two times that the world is set right. */
const BURSTS = 60;
/** The most time that is spent on making the requests that show a fault smaller. */
const SHRINK_MS = 60_000;

/**
 * Sends requests made from the service's own OpenAPI document, over HTTP, and holds every answer against that document.
 * The same seed makes the same requests, as far as the service gives the same answers.
 */
export async function fuzz(plan: FuzzPlan): Promise<FuzzReport> {
  const { harness, seed, hangMs = HANG_MS, endAtFault = false } = plan;
  const { url } = await harness.serve();
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as Document;
  const check = makeChecker(document);
  const sender = makeSender(url, hangMs);
  const world = await makeWorld(harness);
  const calls = callsOf(document).filter(({ operation }) => plan.only?.includes(operation) ?? true);
  const bursts = fc.array(requests(calls, plan.naughty), { minLength: 1, maxLength: AT_ONCE });

  const tally = makeTally();
  const known = new Set<string>();
  const faults: string[] = [];
  const report = (fault: string) => {
    faults.push(fault);
    plan.say?.(fault);
  };

  /** Sends requests together; the first fault in the answers that is not known yet. */
  const send = async (drafts: readonly Draft[]): Promise<Finding | undefined> => {
    await world.revive();
    const wires = drafts.map((draft) => wireOf(draft, world));
    const answers = await Promise.all(wires.map(sender.send));
    let found: Finding | undefined;
    for (const [at, wire] of wires.entries()) {
      const answer = answers[at] as Answer;
      tally.add(wire.call.operation, answer);
      const finding = check(wire, answer);
      if (!finding) world.learn(wire, answer);
      else if (!known.has(finding.fault))
        found ??= { ...finding, detail: `${show(wire)}\n  ${finding.detail}` };
    }
    return found;
  };

  try {
    for (let round = 0; tally.sent() < plan.requests; round++) {
      await world.tend();
      let last: Finding | undefined;
      const isSound = async (drafts: readonly Draft[]) => {
        const finding = await send(drafts);
        last = finding ?? last;
        return finding === undefined;
      };
      const result = await fc.check(fc.asyncProperty(bursts, isSound), {
        seed: seed * 100_003 + round,
        numRuns: BURSTS,
        endOnFailure: endAtFault,
        interruptAfterTimeLimit: SHRINK_MS + BURSTS * hangMs,
      });
      const where = `(seed ${seed}, round ${round}, made smaller ${result.numShrinks} times)`;
      if (last) {
        known.add(last.fault);
        report(`${last.fault} ${where}\n${last.detail.slice(0, 4_000)}`);
      } else if (result.failed) {
        throw new Error(`the fuzzer itself failed ${where}`, { cause: result.errorInstance });
      }
      if (endAtFault && faults.length > 0) break;
      if (round % 50 === 49) plan.say?.(`${tally.sent()} requests, ${JSON.stringify(tally.classes())}`);
    }
    await world.tend();
    for (const fault of await standsAfter(harness, world)) report(fault);
  } finally {
    await sender.close();
  }
  return { seed, sent: tally.sent(), classes: tally.classes(), operations: tally.operations(), faults };
}

/** What is wrong with the service and its book after all that. */
async function standsAfter(harness: Harness, world: World): Promise<string[]> {
  const { engine } = harness.service.deps;
  const { findings } = await world.admin().call('verify-ledger', {});
  const low = await engine.all<{ name: string }>(
    'SELECT name FROM accounts WHERE floor IS NOT NULL AND balance - held < floor',
  );
  const unexpected = harness.logged.filter(({ event }) => event === 'unexpected' || event === 'jobs_failed');
  return [
    ...findings,
    ...low.map(({ name }) => `The account ${name} is below its floor.`),
    ...unexpected.map((line) => `The log has ${JSON.stringify(line)}`),
    ...(await payOnce(harness, world)),
  ];
}

/** An ordinary payment, to see that the service still does its work. */
async function payOnce(harness: Harness, world: World): Promise<string[]> {
  // Newcomers: what has become of the others is anybody's guess.
  const [from, to] = [await harness.holder('eve'), await harness.holder('frank')];
  const { client } = from;
  const { reference } = await client.call('get-deposit-instructions', {});
  const credit = { reference, amount: { amount: '5.00', currency: 'EUR' } };
  const { files } = await harness.call('play-bank', { credits: [credit] });
  for (const { xml } of files) await world.admin().call('import-statement', {}, { body: bytes(xml) });
  const amount = { amount: '1.00', currency: 'EUR' };
  const quote = await client.call('create-quote', { to: to.email, amount });
  const paid = await client.call('create-transfer', { quote: quote.id }, { key: `after-${quote.id}` });
  return paid.state === 'done' ? [] : ['A payment after it was not done.'];
}

import fc from 'fast-check';
import type { OkpayClient } from '../../src/core/client.ts';
import type { Harness } from '../harness.ts';
import { makeChecker, type Finding } from './fuzz/checker.ts';
import { callsOf, type Document } from './fuzz/document.ts';
import type { Naughty } from './fuzz/naughty.ts';
import { requests, type Draft } from './fuzz/requests.ts';
import { makeSender } from './fuzz/sender.ts';
import { show, wireOf } from './fuzz/wire.ts';
import { makeWorld } from './fuzz/world.ts';

export type FuzzPlan = {
  readonly harness: Harness;
  /** How many requests are sent at least. */
  readonly requests: number;
  readonly seed: number;
  readonly naughty: Naughty;
  /** After how long a request that was not answered never will be, in milliseconds. */
  readonly hangMs?: number;
  readonly say?: (line: string) => void;
};

export type FuzzReport = {
  readonly seed: number;
  readonly sent: number;
  /** How many answers there were of each class, such as `2xx`; `none` is no answer. */
  readonly classes: Readonly<Record<string, number>>;
  /** By operation, how many requests there were and how many of them were done. */
  readonly operations: Readonly<Record<string, { readonly sent: number; readonly done: number }>>;
  /** Each fault that was found, once, with the smallest requests that show it. */
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
  const { harness, seed, hangMs = HANG_MS } = plan;
  const { url } = await harness.serve();
  const document = (await (await fetch(`${url}/openapi.json`)).json()) as Document;
  const check = makeChecker(document);
  const sender = makeSender(url, hangMs);
  const world = await makeWorld(harness);
  const bursts = fc.array(requests(callsOf(document), plan.naughty), { minLength: 1, maxLength: AT_ONCE });

  const classes: Record<string, number> = {};
  const operations: Record<string, { sent: number; done: number }> = {};
  const known = new Set<string>();
  const faults: string[] = [];
  let sent = 0;

  /** Sends requests together; the first fault in the answers that is not known yet. */
  const send = async (drafts: readonly Draft[]): Promise<Finding | undefined> => {
    await world.revive();
    const wires = drafts.map((draft) => wireOf(draft, world));
    const answers = await Promise.all(wires.map(sender.send));
    const findings = wires.flatMap((wire, at) => {
      const answer = answers[at];
      if (!answer) return [];
      const status = 'status' in answer ? answer.status : 0;
      sent += 1;
      const kind = status === 0 ? 'none' : `${Math.floor(status / 100)}xx`;
      classes[kind] = (classes[kind] ?? 0) + 1;
      const count = (operations[wire.call.operation] ??= { sent: 0, done: 0 });
      count.sent += 1;
      if ('text' in answer && status === 200) {
        count.done += 1;
        if (String(answer.headers['content-type']).startsWith('application/json'))
          world.learn(wire, JSON.parse(answer.text));
      }
      if (status === 401) world.loseSession(wire);
      const finding = check(wire, answer);
      return finding && !known.has(finding.fault)
        ? [{ ...finding, detail: `${show(wire)}\n  ${finding.detail.slice(0, 2_000)}` }]
        : [];
    });
    return findings[0];
  };

  try {
    for (let round = 0; sent < plan.requests; round++) {
      await world.tend();
      let last: Finding | undefined;
      const result = await fc.check(
        fc.asyncProperty(bursts, async (drafts) => {
          const finding = await send(drafts);
          if (finding) last = finding;
          return finding === undefined;
        }),
        {
          seed: seed * 100_003 + round,
          numRuns: BURSTS,
          interruptAfterTimeLimit: SHRINK_MS + BURSTS * hangMs,
        },
      );
      if (last) {
        known.add(last.fault);
        const fault = `${last.fault} (seed ${seed}, round ${round}, made smaller ${result.numShrinks} times)\n  ${last.detail}`;
        faults.push(fault);
        plan.say?.(fault);
      }
      if (round % 50 === 49) plan.say?.(`${sent} requests, ${JSON.stringify(classes)}`);
    }
    faults.push(...(await standsAfter(harness)));
  } finally {
    await sender.close();
  }
  return { seed, sent, classes, operations, faults };
}

/** What is wrong with the service and its book after all that. */
async function standsAfter(harness: Harness): Promise<string[]> {
  const { engine } = harness.service.deps;
  const { client } = await harness.staff();
  const { findings } = await client.call('verify-ledger', {});
  const low = await engine.all<{ name: string }>(
    'SELECT name FROM accounts WHERE floor IS NOT NULL AND balance - held < floor',
  );
  const unexpected = harness.logged.filter(({ event }) => event === 'unexpected' || event === 'jobs_failed');
  return [
    ...findings,
    ...low.map(({ name }) => `The account ${name} is below its floor.`),
    ...unexpected.map((line) => `The log has ${JSON.stringify(line)}`),
    ...(await payOnce(harness)),
  ];
}

/** An ordinary payment, to see that the service still does its work. */
async function payOnce(harness: Harness): Promise<string[]> {
  const [from, to] = [await harness.logIn('alice@example.com'), await harness.logIn('bob@example.com')];
  const client: OkpayClient = harness.client(from.token);
  const amount = { amount: '1.00', currency: 'EUR' };
  const quote = await client.call('create-quote', { to: to.user.email, amount });
  const paid = await client.call('create-transfer', { quote: quote.id }, { key: `after-${quote.id}` });
  return paid.state === 'done' ? [] : ['A payment after it was not done.'];
}

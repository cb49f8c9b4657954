import { OkpayClient } from '../../src/core/client.ts';
import { networkTransport } from '../../src/core/transport/network.ts';
import { ask, HOLDERS, look, quote, type Attempt, type Told } from './payments.ts';

/** One call for a payment whose outcome was not known before. Times are those of performance.now. */
export type PaymentCall = {
  readonly askedAt: number;
  readonly answeredAt: number;
  /** `done`, `refused`, or why it is not known. */
  readonly ended: string;
};

export type Load = {
  readonly calls: readonly PaymentCall[];
  readonly attempts: readonly Attempt[];
  /** Answers that contradict an earlier one, while it ran. */
  readonly contradictions: readonly string[];
  /** How many payments were acknowledged so far. */
  readonly acknowledged: () => number;
  /** How many have been asked for and not been settled yet. */
  readonly open: () => number;
  /** Resolves with the time (as performance.now) of the next outcome of a call made from now on. */
  readonly nextAnswer: () => Promise<number>;
  /** Quotes so many payments; what it gives asks for all of them at once. */
  readonly makeReady: (count: number) => Promise<() => Promise<void>>;
  /** Waits for the calls that run; asks for what is not settled, until it is or the time is over. Gives how many it settled. */
  readonly stop: (patienceMs: number) => Promise<number>;
};

/** Payments with one client before a new one is made, whose connection may go to another server. */
const PAYMENTS_EACH = 20;
const BREATH_MS = 20;

/**
 * Has holders pay each other at `url` as fast as they are answered. What is not answered is asked for again with its
 * key, or what became of it, until it is; some keys are asked for twice at once, and some again long after: the answers
 * must be the same.
 */
export function startLoad(
  url: string,
  tokens: readonly string[],
  senders: number,
  random: () => number,
): Load {
  const attempts: Attempt[] = [];
  const contradictions: string[] = [];
  const calls: PaymentCall[] = [];
  const unsettled = new Set<Attempt>();
  let acknowledged = 0;
  let running = true;
  let listeners: { since: number; resolve: (at: number) => void }[] = [];

  const clientOf = (owner: number) => new OkpayClient(networkTransport(url), tokens[owner]);
  const compare = (attempt: Attempt, told: Told | undefined): void => {
    if (!told || !('outcome' in told) || attempt.outcome === undefined || told.outcome === attempt.outcome)
      return;
    contradictions.push(`${attempt.key} was answered “${attempt.outcome}” and then “${told.outcome}”`);
  };
  const settle = async (client: OkpayClient, attempt: Attempt, by = ask): Promise<void> => {
    const askedAt = performance.now();
    const told = await by(client, attempt);
    const answeredAt = performance.now();
    const ended = 'outcome' in told ? (told.outcome.split(' ', 1)[0] as string) : told.unsettled;
    calls.push({ askedAt, answeredAt, ended });
    if (!('outcome' in told)) return;
    compare(attempt, told);
    attempt.outcome = told.outcome;
    if (!unsettled.delete(attempt)) return;
    if (ended === 'done') acknowledged += 1;
    for (const { since, resolve } of listeners) if (askedAt >= since) resolve(answeredAt);
    listeners = listeners.filter(({ since }) => askedAt < since);
  };

  const pay = async (client: OkpayClient, owner: number): Promise<void> => {
    const attempt = await quote(client, owner, `key-${owner}-${attempts.length}-${random()}`, random);
    if (!attempt) return breathe();
    attempts.push(attempt);
    unsettled.add(attempt);
    const twin = random() < 0.05 ? clientOf(owner) : undefined;
    const [, told] = await Promise.all([settle(client, attempt), twin && ask(twin, attempt)]);
    compare(attempt, told);
    await twin?.close();
  };

  const askAgain = async (client: OkpayClient, owner: number): Promise<void> => {
    for (const attempt of unsettled)
      if (attempt.owner === owner) return settle(client, attempt, random() < 0.5 ? ask : look);
    const old = attempts[Math.floor(random() * attempts.length)];
    if (old?.owner === owner && old.outcome !== undefined) compare(old, await ask(client, old));
  };

  const send = async (): Promise<void> => {
    while (running) {
      const owner = Math.floor(random() * HOLDERS);
      const client = clientOf(owner);
      for (let count = 0; count < PAYMENTS_EACH && running; count++) {
        await pay(client, owner);
        await askAgain(client, owner);
      }
      await client.close();
    }
  };

  const settleRest = async (patienceMs: number): Promise<number> => {
    const before = unsettled.size;
    for (const deadline = Date.now() + patienceMs; unsettled.size > 0 && Date.now() < deadline;) {
      for (const attempt of [...unsettled]) {
        const client = clientOf(attempt.owner);
        await settle(client, attempt);
        await client.close();
      }
      if (unsettled.size > 0) await breathe();
    }
    return before - unsettled.size;
  };

  const all = Promise.all(Array.from({ length: senders }, send));
  // Whoever stops the load hears of it.
  all.catch(() => undefined);
  return {
    attempts,
    calls,
    contradictions,
    acknowledged: () => acknowledged,
    open: () => unsettled.size,
    nextAnswer: () => new Promise((resolve) => listeners.push({ since: performance.now(), resolve })),
    makeReady: async (count) => {
      const ready: { client: OkpayClient; attempt: Attempt }[] = [];
      for (let at = 0; at < count; at++) {
        const owner = at % HOLDERS;
        const client = clientOf(owner);
        const attempt = await quote(client, owner, `ready-${at}-${random()}`, random);
        if (attempt) ready.push({ client, attempt });
        else await client.close();
      }
      return async () => {
        const fired = ready.map(async ({ client, attempt }) => {
          attempts.push(attempt);
          unsettled.add(attempt);
          await settle(client, attempt);
          await client.close();
        });
        await Promise.all(fired);
      };
    },
    stop: async (patienceMs) => {
      running = false;
      await all;
      return settleRest(patienceMs);
    },
  };
}

function breathe(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, BREATH_MS));
}

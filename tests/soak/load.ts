import { OkpayClient } from '../../src/core/client.ts';
import { networkTransport } from '../../src/core/transport/network.ts';
import { ask, HOLDERS, quote, settle, type Attempt } from './payments.ts';

export type Load = {
  readonly attempts: readonly Attempt[];
  /** Answers that contradict an earlier one, while it ran. */
  readonly contradictions: readonly string[];
  /** How many payments were acknowledged so far. */
  readonly acknowledged: () => number;
  /** How many have been asked for and not been settled yet. */
  readonly open: () => number;
  /** Resolves with the time (as performance.now) of the next answer to a payment asked for from now on. */
  readonly nextAnswer: () => Promise<number>;
  /** Waits for the calls that run; asks for what is not settled, until it is or the time is over. Gives how many it settled. */
  readonly stop: (patienceMs: number) => Promise<number>;
};

/** Payments with one client before a new one is made, whose connection may go to another server. */
const PAYMENTS_EACH = 20;
const BREATH_MS = 20;

/**
 * Has holders pay each other at `url` as fast as they are answered. What is not answered is asked for again with its
 * key, until it is; some keys are asked for twice at once, and some again long after: the answers must be the same.
 */
export function startLoad(
  url: string,
  tokens: readonly string[],
  senders: number,
  random: () => number,
): Load {
  const attempts: Attempt[] = [];
  const contradictions: string[] = [];
  const unsettled = new Set<Attempt>();
  let acknowledged = 0;
  let running = true;
  let listeners: { since: number; resolve: (at: number) => void }[] = [];

  const clientOf = (owner: number) => new OkpayClient(networkTransport(url), tokens[owner]);
  const compare = (attempt: Attempt, outcome: string | undefined): void => {
    if (outcome !== undefined && attempt.outcome !== undefined && outcome !== attempt.outcome)
      contradictions.push(`${attempt.key} was answered “${attempt.outcome}” and then “${outcome}”`);
  };
  const note = (attempt: Attempt, askedAt: number): void => {
    unsettled.delete(attempt);
    if (attempt.outcome?.startsWith('done')) acknowledged += 1;
    const at = performance.now();
    for (const { since, resolve } of listeners) if (askedAt >= since) resolve(at);
    listeners = listeners.filter(({ since }) => askedAt < since);
  };

  const pay = async (client: OkpayClient, owner: number): Promise<void> => {
    const askedAt = performance.now();
    const attempt = await quote(client, owner, `key-${owner}-${attempts.length}-${random()}`, random);
    if (!attempt) return breathe();
    attempts.push(attempt);
    unsettled.add(attempt);
    const twin = random() < 0.05 ? clientOf(owner) : undefined;
    const [settled, other] = await Promise.all([settle(client, attempt), twin && ask(twin, attempt)]);
    compare(attempt, other);
    await twin?.close();
    if (settled) note(attempt, askedAt);
  };

  const askAgain = async (client: OkpayClient, owner: number): Promise<void> => {
    for (const attempt of unsettled) {
      if (attempt.owner !== owner) continue;
      if (await settle(client, attempt)) note(attempt, 0);
      return;
    }
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
        if (await settle(client, attempt)) note(attempt, 0);
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
    contradictions,
    acknowledged: () => acknowledged,
    open: () => unsettled.size,
    nextAnswer: () => new Promise((resolve) => listeners.push({ since: performance.now(), resolve })),
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

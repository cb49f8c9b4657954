import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { OperationName } from '../../src/core/contract/operations.ts';
import type { Call } from '../../src/core/transport/transport.ts';
import { openHarness, type Harness, type Holder } from '../harness.ts';
import { newHome, runCommand, type Outcome, type Settings } from './run-command.ts';

/** Stands between a command and the service: calls it, or does not, or does and loses the answer. */
export type Between = (call: Call, reach: () => Promise<unknown>) => Promise<unknown>;

export type Paying = {
  readonly harness: Harness;
  readonly alice: Holder;
  readonly bob: Holder;
  readonly carol: Holder;
  /** Alice's OKPAY_HOME. */
  readonly home: string;
  /** Runs words as alice, on the real program against the real service, or as somebody else from the same home. */
  readonly okpay: (
    words: readonly string[],
    settings?: Settings & { as?: Holder; between?: Between },
  ) => Promise<Outcome>;
  /** The same for words without blanks in them. */
  readonly line: (line: string, settings?: Settings & { as?: Holder; between?: Between }) => Promise<Outcome>;
  /** Names of the intents that are open. */
  readonly open: () => string[];
  /** Payments between holders, as the book has them. */
  readonly payments: () => Promise<number>;
  /** Expects a sound book, and removes everything. */
  readonly close: () => Promise<void>;
};

/** Three holders on a new wallet, of whom alice types. */
export async function openPaying(): Promise<Paying> {
  const harness = await openHarness();
  const alice = await harness.holder('alice');
  const bob = await harness.holder('bob');
  const carol = await harness.holder('carol');
  const home = newHome();
  const okpay: Paying['okpay'] = (words, { as = alice, between, ...settings } = {}) => {
    const answer = async (_input: unknown, call: Call) => {
      const reach = async () => {
        const answered = await harness.service.perform(call, { console: true });
        return 'output' in answered ? answered.output : undefined;
      };
      return between ? between(call, reach) : reach();
    };
    const answers = new Proxy<Partial<Record<OperationName, unknown>>>({}, { get: () => answer });
    const environment = { OKPAY_TOKEN: as.token, ...settings.environment };
    return runCommand(words, { home, answers, now: harness.clock.now, ...settings, environment });
  };
  return {
    harness,
    alice,
    bob,
    carol,
    home,
    okpay,
    line: (line, settings) => okpay(line.split(' '), settings),
    open: () => intents(home),
    payments: async () => {
      const row = await harness.service.deps.engine.one<{ count: bigint }>(
        "SELECT COUNT(*) AS count FROM transfers WHERE kind = 'transfer'",
      );
      return Number(row?.count);
    },
    close: async () => {
      await harness.audit();
      await harness.close();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** Names of the intents in a home, of all profiles. */
export function intents(home: string): string[] {
  try {
    return readdirSync(join(home, 'journal'), { recursive: true, encoding: 'utf8' }).filter((name) =>
      name.endsWith('.json'),
    );
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** The one JSON document of an outcome. */
export function document<T = Record<string, unknown>>({ stdout }: Outcome): T {
  return JSON.parse(stdout) as T;
}

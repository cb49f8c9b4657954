import { rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { intents } from '../commands/paying.ts';
import { makeWallet, type Running, type Wallet } from './sender.ts';

export type KillSendPlan = {
  readonly kills: number;
  readonly seed: number;
  /** Positive control: forgets the journal after every kill, and kills only when the database has grown. */
  readonly forget?: boolean;
  /** Ends early when this many payments too many were made. */
  readonly enough?: number;
};

export type KillSendReport = {
  /** Payments that were wanted, and payments that the sound book has in the end. */
  readonly wanted: number;
  readonly paid: number;
  /** Kills by what the process had come to: nothing written down, an open intent, an answer that was out (and an open intent). */
  readonly early: number;
  readonly open: number;
  readonly answered: number;
  /** Payments whose outcome came from an intent of a killed run. */
  readonly settled: number;
  /** Intents that are still there. */
  readonly left: readonly string[];
};

const SEND = 'send bob@example.com 0.01 EUR --yes --json';
/** How long a whole run may take, in milliseconds: the longest delay of a kill. */
const RUN_MS = 600;

/**
 * Wants one payment after the other. Each is asked for by the same command until that ends with exit code 0. On the
 * way it is killed again and again without warning: after a random time, when its intent appears or a random moment
 * later, or when the database grows. No program can close its intent and end in one step, so a kill may still fall in
 * between: then the whole answer is out and the intent is gone, and that counts as answered too.
 */
export async function killSend(plan: KillSendPlan): Promise<KillSendReport> {
  const random = randomFrom(plan.seed);
  const wallet = await makeWallet();
  const count = { wanted: 0, early: 0, open: 0, answered: 0, settled: 0 };
  try {
    for (let kills = 0; kills < plan.kills;) {
      count.wanted += 1;
      for (let tries = 0; ; tries++) {
        const running = wallet.start(SEND);
        // Now and then one is let through, so that not every payment takes all the kills.
        const isKilled = kills < plan.kills && tries < 6;
        const killed = isKilled && (await killLater(wallet, running, plan.forget ? 1 : random(), random));
        const { code, stdout, stderr } = await running.ended;
        const answer = parsed(stdout);
        if (code === null && killed) {
          kills += 1;
          const open = intents(wallet.home).length > 0;
          if (answer) count.answered += 1;
          else if (open) count.open += 1;
          else count.early += 1;
          if (answer && !open) break;
          if (plan.forget) rmSync(join(wallet.home, 'journal'), { recursive: true, force: true });
        } else if (code !== 0) throw new Error(`exit ${code}: ${stderr}${stdout}`);
        if (code !== 0) continue;
        if (answer?.fromEarlier) count.settled += 1;
        break;
      }
      if (plan.enough !== undefined && (await wallet.payments()) - count.wanted >= plan.enough) break;
    }
    return { ...count, paid: await wallet.payments(), left: intents(wallet.home) };
  } finally {
    wallet.remove();
  }
}

/** Kills a run, when depends on `mode`, from 0 to 1; false when it ended before. */
async function killLater(
  wallet: Wallet,
  running: Running,
  mode: number,
  random: () => number,
): Promise<boolean> {
  let over = false;
  void running.ended.then(() => (over = true));
  const until = async (happened: () => boolean) => {
    while (!over && !happened()) await nextTurn();
  };
  if (mode < 0.4) await sleep(random() * RUN_MS);
  else {
    await until(() => intents(wallet.home).length > 0);
    const size = walSize(wallet);
    if (mode < 0.7) await sleep(random() * 40);
    else await until(() => walSize(wallet) !== size);
  }
  running.kill('SIGKILL');
  return !over;
}

function walSize({ home }: Wallet): number {
  return statSync(join(home, 'okpay.db-wal'), { throwIfNoEntry: false })?.size ?? 0;
}

function parsed(stdout: string): { fromEarlier: boolean } | undefined {
  try {
    return JSON.parse(stdout) as { fromEarlier: boolean };
  } catch {
    return undefined;
  }
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

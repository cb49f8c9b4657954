import type { Movements } from './movements.ts';

/**
 * Part of the money that one transfer moved: it begins `offset` minor units into what the transfer took out of an account,
 * or put into one. Of what is taken out, the recipient's money comes first and the fee last.
 */
export type Portion = { readonly transfer: string; readonly offset: bigint; readonly amount: bigint };

/** Where a portion came from or went to; `rest` is what the movements do not say. */
export type Shares = { readonly portions: readonly Portion[]; readonly rest: bigint };

/**
 * Which money a part of an outflow is, when money leaves an account in the order in which it came (Clayton's case,
 * Devaynes v Noble, 1816). Right before it the account held its balance, which then is what came in last; the outflow
 * takes the oldest of that. `offset` and `amount` are the part of the outflow.
 */
export function cameBy({ before, entries }: Movements, offset: bigint, amount: bigint): Shares {
  const queue: Portion[] = [];
  let known = 0n;
  for (const { transfer, amount: came } of entries) {
    if (known >= before) break;
    if (came <= 0n) continue;
    const left = came < before - known ? came : before - known;
    // Of the oldest, the first part had been spent before.
    queue.unshift({ transfer, offset: came - left, amount: left });
    known += left;
  }
  // What is older than all that was looked at would be spent first.
  const unknown = before - known;
  return cut(queue, offset - unknown, amount);
}

/**
 * By what a part of an inflow left the account again, in the same order: everything that was there before it leaves
 * first. What has not left is the rest.
 */
export function wentBy({ before, entries }: Movements, offset: bigint, amount: bigint): Shares {
  const taken = new Map<string, bigint>();
  const queue = entries
    .filter((entry) => entry.amount < 0n)
    .map((entry): Portion => {
      const already = taken.get(entry.transfer) ?? 0n;
      taken.set(entry.transfer, already - entry.amount);
      return { transfer: entry.transfer, offset: already, amount: -entry.amount };
    });
  return cut(queue, before + offset, amount);
}

/** The part of a queue that begins `from` units into it; what lies before its beginning or after its end is the rest. */
function cut(queue: readonly Portion[], from: bigint, amount: bigint): Shares {
  const portions: Portion[] = [];
  let at = 0n;
  let found = 0n;
  for (const each of queue) {
    const begin = larger(from, at);
    const end = smaller(from + amount, at + each.amount);
    if (begin < end) {
      portions.push({ transfer: each.transfer, offset: each.offset + begin - at, amount: end - begin });
      found += end - begin;
    }
    at += each.amount;
  }
  return { portions: joined(portions), rest: amount - found };
}

/** Several entries of one transfer, one after the other, are one portion. */
function joined(portions: readonly Portion[]): Portion[] {
  const all: Portion[] = [];
  for (const each of portions) {
    const last = all.at(-1);
    if (last?.transfer === each.transfer && last.offset + last.amount === each.offset)
      all[all.length - 1] = { ...last, amount: last.amount + each.amount };
    else all.push(each);
  }
  return all;
}

function larger(one: bigint, other: bigint): bigint {
  return one > other ? one : other;
}

function smaller(one: bigint, other: bigint): bigint {
  return one < other ? one : other;
}

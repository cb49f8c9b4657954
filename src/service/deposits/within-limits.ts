import { Refusal } from '../../core/contract/refusals.ts';
import { timestamp, type Deps } from '../deps.ts';
import { countMoves, type Counted, type Move } from '../limits/count.ts';
import type { Movement } from './book-entry.ts';

/** A holder, and the limits of their level when any were set for it, as they are kept. */
export type Receiver = { readonly id: string; readonly limits: string | null };

/** Whose a movement is, or why it is nobody's. */
export type Whose = {
  readonly movement: Movement;
  readonly holder: (Receiver & { readonly counted?: readonly Counted[] }) | undefined;
  readonly reason: string;
};

const NOBODY: Receiver = { id: '', limits: null };

/**
 * What these movements count as against the limits of their holders, asked together. One that no limit can be counted
 * for, or that is more than its holder may receive at once, is nobody's: the bank has the money already, so it waits.
 */
export async function withinLimits(
  { engine, now }: Pick<Deps, 'engine' | 'now'>,
  all: readonly Whose[],
): Promise<Whose[]> {
  const moveOf = ({ movement, holder = NOBODY }: Whose): Move => {
    return { who: holder, direction: 'in', amount: movement.amount };
  };
  const count = await countMoves(engine, timestamp(now()), all.map(moveOf));
  return all.map((each) => {
    if (!each.holder) return each;
    try {
      return { ...each, holder: { ...each.holder, counted: count(moveOf(each)) } };
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { ...each, holder: undefined, reason: whyOverLimit(error) };
    }
  });
}

/** Why a movement waits that a limit of its holder does not let through, as a clause. */
export function whyOverLimit({ code }: Pick<Refusal, 'code'>): string {
  return code === 'limit_uncountable'
    ? 'there is no exchange rate to count it against the limits of its holder'
    : 'it is more than its holder may receive at the moment';
}

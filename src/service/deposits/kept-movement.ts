import type { Movement } from './book-entry.ts';

/** A movement as one line of text, to be read again by `readMovement`. */
export function keepMovement(movement: Movement): string {
  const { entry, amount } = movement;
  return JSON.stringify({
    ...movement,
    entry: { ...entry, total: String(entry.total) },
    amount: { ...amount, minor: String(amount.minor) },
  });
}

/** The movement of a line that `keepMovement` wrote. What was undefined is left out of it. */
export function readMovement(line: string): Movement {
  const kept = JSON.parse(line) as Kept;
  const { entry, amount, endToEndId, returnReason, obstacle } = kept;
  return {
    ...kept,
    endToEndId,
    returnReason,
    obstacle,
    entry: { ...entry, total: BigInt(entry.total) },
    amount: { ...amount, minor: BigInt(amount.minor) },
  };
}

type Kept = Omit<Movement, 'entry' | 'amount'> & {
  readonly entry: { readonly identity: string; readonly total: string };
  readonly amount: { readonly minor: string; readonly currency: Movement['amount']['currency'] };
};

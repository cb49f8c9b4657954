/** Withdrawal, hold and what banks call it have one number: what is behind the prefix of the id. */
export function holdOf(withdrawal: string): string {
  return `hld_${withdrawal.slice(4)}`;
}

/** The withdrawal that a hold is of. */
export function withdrawalOfHold(hold: string): string {
  return `wdr_${hold.slice(4)}`;
}

/** What banks are told to call it. */
export function endToEndIdOf(withdrawal: string): string {
  return withdrawal.slice(4).toUpperCase();
}

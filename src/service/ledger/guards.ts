/** The guard that lets a quote be used once: 1 when it was. `changed_by` is then the transfer. */
export function quoteGuard(quote: string): string {
  return `quote:${quote}`;
}

/** Counts how often one holder has paid another. */
export function pairGuard(from: string, to: string): string {
  return `paid:${from}:${to}`;
}

/** Lets a suspense item be given to someone once. */
export function suspenseGuard(transfer: string): string {
  return `suspense:${transfer}`;
}

/** Lets a suspense item be decided on once: given to a holder, or to be returned. */
export function claimGuard(transfer: string): string {
  return `claimed:${transfer}`;
}

/** Counts, in minor units, how much of a bank's entry was booked: never more than its amount. */
export function entryGuard(bankAccount: string, identity: string): string {
  return `entry:${bankAccount}:${identity}`;
}

/**
 * Counts, in minor units, what was booked to the mirror of a bank account of one booking day, credits less debits. It
 * changes with the money, so that what our book had on any day can be told without reading all entries.
 */
export function bookedGuard(bankAccount: string, currency: string, day: string): string {
  return `booked:${bankAccount}:${currency}:${day}`;
}

/** Counts, in minor units, what a token paid in a currency in one day or month, by the calendar of UTC. */
export function tokenGuard(token: string, per: 'day' | 'month', span: string, currency: string): string {
  return `token:${token}:${per}:${span}:${currency}`;
}

/** Counts, in minor units of a limit's currency, what a holder moved in a direction in one day or month of UTC. */
export function limitGuard(
  user: string,
  direction: string,
  per: 'day' | 'month',
  span: string,
  currency: string,
): string {
  return `limit:${user}:${direction}:${per}:${span}:${currency}`;
}

/** What payments a holder can be kept from; `log-in` is about sessions. */
export const RESTRICTABLE = ['receive', 'send', 'convert', 'withdraw'] as const;

/** Counts the restrictions that keep a holder from something, such as `send`: what begins adds 0 and takes at most 0. */
export function restrictionGuard(user: string, capability: string): string {
  return `restricted:${user}:${capability}`;
}

/** Counts those among them that also keep what had begun before from being finished. */
export function freezeGuard(user: string, capability: string): string {
  return `frozen:${user}:${capability}`;
}

/** All that can keep a holder from anything. */
export function restrictionGuardsOf(user: string): string[] {
  return RESTRICTABLE.flatMap((each) => [restrictionGuard(user, each), freezeGuard(user, each)]);
}

/** Counts, in minor units, how much of a payment was moved back: never more than what was received. */
export function reversalGuard(transfer: string): string {
  return `reversed:${transfer}`;
}

/**
 * What of a withdrawal is at a bank, in minor units and below zero: counted down when a bank pays it, and up, never above
 * zero, when it comes back. So nothing comes back that has not left, nor more of it.
 */
export function outGuard(withdrawal: string): string {
  return `out:${withdrawal}`;
}

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

/** Counts, in minor units, how much of a bank's entry was booked: never more than its amount. */
export function entryGuard(bankAccount: string, identity: string): string {
  return `entry:${bankAccount}:${identity}`;
}

/** Counts, in minor units, what a token paid in a currency in one day or month, by the calendar of UTC. */
export function tokenGuard(token: string, per: 'day' | 'month', span: string, currency: string): string {
  return `token:${token}:${per}:${span}:${currency}`;
}

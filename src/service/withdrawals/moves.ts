/** What can become of a withdrawal. `begun` is a call under way, which nobody sees. */
export type WithdrawalState =
  | 'begun'
  | 'requested'
  | 'approved'
  | 'batched'
  | 'sent'
  | 'settled'
  | 'returned'
  | 'cancelled'
  | 'rejected'
  | 'failed';

/**
 * What can happen to it: the holder asks (`request`) or calls it back (`cancel`); staff, or a rule, `approve` or `reject` it;
 * it goes into a file for the bank (`batch`) or is taken out of it again, as long as that is not written (`hold-back`); the
 * bank takes it (`accept`), refuses it (`fail`), pays it (`settle`), and brings it back (`return`).
 */
export type WithdrawalEvent =
  | 'request'
  | 'cancel'
  | 'approve'
  | 'reject'
  | 'batch'
  | 'hold-back'
  | 'accept'
  | 'fail'
  | 'settle'
  | 'return';

/** Every move there is: whatever is not here is refused, or changes nothing (OWASP ASVS 5.0, V2.3.1). */
export const MOVES: Readonly<
  Record<WithdrawalState, Readonly<Partial<Record<WithdrawalEvent, WithdrawalState>>>>
> = {
  begun: { request: 'requested' },
  requested: { approve: 'approved', cancel: 'cancelled', reject: 'rejected' },
  approved: { batch: 'batched', cancel: 'cancelled' },
  batched: { 'hold-back': 'approved', accept: 'sent', fail: 'failed', settle: 'settled' },
  sent: { fail: 'failed', settle: 'settled' },
  settled: { return: 'returned' },
  returned: {},
  cancelled: {},
  rejected: {},
  failed: {},
};

/** The state after an event, or undefined when there is no such move. */
export function stateAfter(state: string, event: WithdrawalEvent): WithdrawalState | undefined {
  return MOVES[state as WithdrawalState][event];
}

/** Whether nothing is under way any more; what was settled can still come back. */
export function isOver(state: string): boolean {
  return ['settled', 'returned', 'cancelled', 'rejected', 'failed'].includes(state);
}

/** One move as it is kept with a withdrawal. */
export type Move = {
  readonly state: WithdrawalState;
  readonly at: string;
  /** A user id, or `system:…`. */
  readonly by: string;
  readonly reason?: string | undefined;
};

/** The end a withdrawal is on the way to, while its hold is being let go of. */
export type Ending = {
  readonly event: 'cancel' | 'reject' | 'fail';
  readonly by: string;
  readonly reason?: string | undefined;
};

/** What became of a withdrawal so far, the oldest first. */
export function movesOf({ moves }: { readonly moves: string }): Move[] {
  return JSON.parse(moves) as Move[];
}

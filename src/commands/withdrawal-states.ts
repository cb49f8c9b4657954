/** The states of withdrawals that one can look for. */
export const WITHDRAWAL_STATES = [
  'requested',
  'approved',
  'batched',
  'sent',
  'settled',
  'returned',
  'cancelled',
  'rejected',
  'failed',
] as const;

/** What can become of something that two people decide. */
export type ApprovalState =
  'asked' | 'approved' | 'running' | 'refused' | 'done' | 'failed' | 'expired' | 'stopped';

/** What can happen to it. */
export type ApprovalEvent = 'approve' | 'refuse' | 'expire' | 'stop' | 'begin' | 'finish' | 'fail';

/**
 * Every move there is: whatever is not here is refused (OWASP ASVS 5.0, V2.3.1). Until its delay is over, what was
 * approved can still be called back; once it has begun, only its end can come.
 */
const MOVES: Readonly<Record<ApprovalState, Partial<Record<ApprovalEvent, ApprovalState>>>> = {
  asked: { approve: 'approved', refuse: 'refused', expire: 'expired', stop: 'stopped' },
  approved: { refuse: 'refused', stop: 'stopped', begin: 'running' },
  running: { finish: 'done', fail: 'failed' },
  refused: {},
  done: {},
  failed: {},
  expired: {},
  stopped: {},
};

/** The state after an event, or undefined when there is no such move. */
export function stateAfter(state: string, event: ApprovalEvent): ApprovalState | undefined {
  return MOVES[state as ApprovalState][event];
}

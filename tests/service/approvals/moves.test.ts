import { describe, expect, test } from 'vitest';
import { stateAfter, type ApprovalEvent, type ApprovalState } from '../../../src/service/approvals/moves.ts';

const STATES: readonly ApprovalState[] = [
  'asked',
  'approved',
  'running',
  'refused',
  'done',
  'failed',
  'expired',
  'stopped',
];
const EVENTS: readonly ApprovalEvent[] = ['approve', 'refuse', 'expire', 'stop', 'begin', 'finish', 'fail'];

/** All that may happen, as docs/support.md has it. */
const ALLOWED: Readonly<Record<string, ApprovalState>> = {
  'asked approve': 'approved',
  'asked refuse': 'refused',
  'asked expire': 'expired',
  'asked stop': 'stopped',
  'approved refuse': 'refused',
  'approved stop': 'stopped',
  'approved begin': 'running',
  'running finish': 'done',
  'running fail': 'failed',
};

describe('what two people decide (ASVS V2.3.1): every state and every event', () => {
  const cells = STATES.flatMap((state) => EVENTS.map((event) => [state, event] as const));
  test.each(cells)('%s, %s', (state, event) => {
    expect(stateAfter(state, event)).toBe(ALLOWED[`${state} ${event}`]);
  });
});

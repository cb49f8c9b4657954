import type { Action } from '../../core/contract/actions.ts';
import { formatMinor } from '../../core/money.ts';
import { inNameOf, record } from '../audit-log/record.ts';
import { timestamp, type Deps } from '../deps.ts';
import { haveMailed } from '../have-mailed.ts';
import type { Writer } from '../store/engine/engine.ts';
import { updateWithdrawal, withdrawalById, type WithdrawalRow } from '../store/withdrawals.ts';
import { movesOf, stateAfter, type Move, type WithdrawalEvent, type WithdrawalState } from './moves.ts';

/** In whose name the wallet acts on withdrawals by itself. */
export const WITHDRAWALS = 'system:withdrawals';

/** What the log says of a move; what is about money is in the book already, and what is about a file with its batch. */
const ACTIONS: Partial<Record<WithdrawalState, Action>> = {
  requested: 'withdrawal-requested',
  approved: 'withdrawal-approved',
  cancelled: 'withdrawal-cancelled',
  rejected: 'withdrawal-rejected',
  failed: 'withdrawal-failed',
};

/** Of what holders hear by mail. */
const TOLD: readonly WithdrawalState[] = ['settled', 'returned', 'rejected', 'failed'];

export type Moving = {
  readonly event: WithdrawalEvent;
  readonly by: string;
  readonly reason?: string | undefined;
  /** What changes with it. */
  readonly more?: Partial<WithdrawalRow>;
};

/** Moves a withdrawal on, in a transaction that has read it; undefined where there is no such move. */
export async function move(
  tx: Writer,
  deps: Pick<Deps, 'now' | 'newId' | 'keyring'>,
  row: WithdrawalRow,
  { event, by, reason, more = {} }: Moving,
): Promise<WithdrawalRow | undefined> {
  const state = stateAfter(row.state, event);
  if (state === undefined) return undefined;
  const at = timestamp(deps.now());
  const made: Move = { state, at, by, ...(reason === undefined ? {} : { reason }) };
  const moved = { ...row, ...more, state, moves: JSON.stringify([...movesOf(row), made]) };
  await updateWithdrawal(tx, moved);
  const { id: object, userId: subject, currency } = row;
  const amount = formatMinor(row.amount, currency);
  const action = ACTIONS[state];
  if (action !== undefined)
    await record(tx, deps, inNameOf(by), {
      action,
      subject,
      object,
      ...(reason === undefined ? {} : { reason }),
      facts: { amount, currency },
    });
  if (TOLD.includes(state))
    await haveMailed(tx, deps, 'mail.withdrawal', {
      user: subject,
      withdrawal: object,
      state,
      amount,
      currency,
      at,
      ...(reason === undefined ? {} : { reason }),
    });
  return moved;
}

/** Reads a withdrawal in a transaction and has it changed, unless it is not as it was found any more. */
export async function change(
  deps: Deps,
  found: WithdrawalRow,
  work: (tx: Writer, row: WithdrawalRow) => Promise<WithdrawalRow | undefined>,
): Promise<WithdrawalRow | undefined> {
  return deps.engine.transact(async (tx) => {
    const row = await withdrawalById(tx, found.id);
    if (!row || row.state !== found.state || row.ending !== found.ending) return undefined;
    return work(tx, row);
  });
}

import { record } from '../audit-log/record.ts';
import { timestamp, type Deps, type AccountActor } from '../deps.ts';
import { haveMailed } from '../have-mailed.ts';
import { insertApproval, type ApprovalRow } from '../store/approvals.ts';
import type { Writer } from '../store/engine/engine.ts';
import type { UserRow } from '../store/users.ts';
import { ASKED_LIFE_MS, type ActName } from './acts.ts';
import type { Facts } from './approval.ts';

export type Asked = {
  readonly act: ActName;
  readonly holder: Pick<UserRow, 'id'>;
  readonly input: Facts;
  readonly reason: string;
};

/** Asks for an act that a second person decides on, and tells the holder. Whether the actor may is the caller's. */
export async function ask(deps: Deps, actor: AccountActor, asked: Asked): Promise<ApprovalRow> {
  const { act, holder, input, reason } = asked;
  return deps.engine.transact(async (tx) => {
    const row = await askIn(tx, deps, actor.user, asked);
    await record(tx, deps, actor, {
      action: 'act-asked',
      subject: holder.id,
      object: row.id,
      reason,
      facts: { act, ...input },
    });
    await haveMailed(tx, deps, 'mail.act-asked', { ...input, act, user: holder.id });
    return row;
  });
}

/** Has an act wait for a person, in a transaction that also writes who asked for it, and why. */
export async function askIn(
  tx: Writer,
  deps: Pick<Deps, 'now' | 'newId'>,
  askedBy: string,
  { act, holder, input, reason }: Asked,
): Promise<ApprovalRow> {
  const now = deps.now();
  const askedAt = timestamp(now);
  const nothingYet = {
    decidedBy: null,
    decidedAt: null,
    decisionReason: null,
    runsAt: null,
    endedAt: null,
    result: null,
  };
  const row: ApprovalRow = {
    id: deps.newId('approval'),
    act,
    subject: holder.id,
    input: JSON.stringify(input),
    reason,
    state: 'asked',
    askedBy,
    askedAt,
    dueAt: timestamp(now + ASKED_LIFE_MS),
    ...nothingYet,
  };
  await insertApproval(tx, row);
  return row;
}

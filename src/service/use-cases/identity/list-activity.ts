import { ACTIONS, actionRow, type ActivityKind } from '../../../core/contract/actions.ts';
import { kindOfId } from '../../../core/contract/ids.ts';
import type { Output } from '../../../core/contract/operations.ts';
import { Refusal } from '../../../core/contract/refusals.ts';
import { recordsAbout, type RecordRow } from '../../store/audit-log.ts';
import type { UseCase } from '../use-case.ts';

const DEFAULT_LIMIT = 20;

type Line = Output<'list-activity'>['activity'][number];

/**
 * What happened around the caller's account, newest first: logins, refusals, changes, and that staff looked or did
 * something. Of staff neither name nor reason, device or place is told.
 */
export const listActivity: UseCase<'list-activity'> = async (deps, actor, input) => {
  const { cursor, kind, limit = DEFAULT_LIMIT } = input;
  if (cursor !== undefined && kindOfId(cursor) !== 'record')
    throw new Refusal('input_invalid', {
      field: 'cursor',
      reason: 'is not the nextCursor of an earlier page',
    });
  const rows = await recordsAbout(deps.engine, actor.user, {
    before: cursor,
    actions: actionsOf(kind),
    ...(kind === undefined ? {} : { byStaff: kind === 'staff' }),
    limit: limit + 1,
  });
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    activity: page.map((row) => describe(row)),
    ...(rows.length > limit && last ? { nextCursor: last.id } : {}),
  };
};

/** The actions a holder sees, of this kind. */
function actionsOf(kind: ActivityKind | undefined): string[] {
  return Object.keys(ACTIONS).filter((action) => {
    const row = actionRow(action);
    return row?.holder === true && (kind === undefined || kind === 'staff' || row.kind === kind);
  });
}

function describe({ id, at, action, actor, subject, device, network, facts }: RecordRow): Line {
  const row = actionRow(action);
  const line = { id, at, action, text: row?.text ?? action };
  const by =
    actor === subject
      ? 'you'
      : actor === 'nobody'
        ? 'nobody'
        : actor.startsWith('system:')
          ? 'okpay'
          : 'staff';
  if (by === 'staff') return { ...line, by, kind: 'staff', facts: {} };
  return {
    ...line,
    by,
    kind: row?.kind ?? 'change',
    ...(device === null ? {} : { device }),
    ...(network === null ? {} : { network }),
    facts: JSON.parse(facts) as Record<string, string>,
  };
}

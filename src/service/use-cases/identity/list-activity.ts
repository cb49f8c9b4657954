import { ACTIONS, actionRow, type ActivityKind } from '../../../core/contract/actions.ts';
import type { Output } from '../../../core/contract/operations.ts';
import { checkCursorOf, pageOf } from '../../page.ts';
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
  checkCursorOf(cursor, 'record');
  const rows = await recordsAbout(deps.engine, actor.user, {
    before: cursor,
    actions: actionsOf(kind),
    ...(kind === undefined ? {} : { byStaff: kind === 'staff' }),
    limit: limit + 1,
  });
  const { page, next } = pageOf(rows, limit);
  return {
    activity: page.map((row) => describe(row)),
    ...next,
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

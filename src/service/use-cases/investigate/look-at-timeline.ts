import { firstIdAt } from '../../../core/contract/ids.ts';
import type { Output } from '../../../core/contract/operations.ts';
import { toWire } from '../../../core/money.ts';
import { looksAt, recordLooks } from '../../audit-log/record-looks.ts';
import { timestamp, type Deps } from '../../deps.ts';
import { describeMasked } from '../../identity/describe-masked.ts';
import { findHolder } from '../../identity/find-holder.ts';
import { restrictionsAt } from '../../investigate/restrictions-at.ts';
import { storyOf } from '../../investigate/story.ts';
import { balanceAsOf, balancesOf } from '../../ledger/read.ts';
import { checkCursorOf, pageOf } from '../../page.ts';
import { checkSpan } from '../../period.ts';
import { restrictionsEver } from '../../store/restrictions.ts';
import type { UseCase } from '../use-case.ts';

const DEFAULT_LIMIT = 50;

/**
 * All that happened to an account, newest first, in one order: what its holder and staff did, what was paid, what was
 * mailed. With `asOf` it ends at that instant, and how the account stood then is told beside it. Throws `not_found`.
 */
export const lookAtTimeline: UseCase<'look-at-timeline'> = async (deps, actor, input) => {
  checkCursorOf(input.cursor, 'record', 'transfer', 'mail');
  checkSpan(input.since, input.until);
  const holder = await findHolder(deps.engine, input.holder);
  const asOfMs = input.asOf === undefined ? undefined : Date.parse(input.asOf);
  const endMs = input.until === undefined ? deps.now() + 1 : Date.parse(input.until);
  const limit = input.limit ?? DEFAULT_LIMIT;
  const part = {
    kind: input.kind,
    sinceMs: input.since === undefined ? 0 : Date.parse(input.since),
    untilMs: Math.min(endMs, asOfMs === undefined ? endMs : asOfMs + 1),
    cursor: input.cursor,
    limit,
  };
  const { page, next } = pageOf(await storyOf(deps, holder.id, part), limit);
  const asOf = asOfMs === undefined ? undefined : await standingAt(deps, holder.id, asOfMs);
  await recordLooks(
    deps,
    actor,
    looksAt([holder.id], { action: 'timeline-looked-at', reason: input.reason }),
  );
  return { holder: describeMasked(holder), ...(asOf ? { asOf } : {}), events: page, ...next };
};

async function standingAt(
  { engine }: Deps,
  holder: string,
  ms: number,
): Promise<Output<'look-at-timeline'>['asOf']> {
  const at = timestamp(ms);
  const accounts = await balancesOf(engine, holder);
  const balances = await Promise.all(
    accounts.map(async ({ id, currency }) =>
      toWire(await balanceAsOf(engine, id, at, firstIdAt('transfer', ms + 1)), currency),
    ),
  );
  const restrictions = restrictionsAt(await restrictionsEver(engine, holder), at);
  return { at, balances, restrictions };
}

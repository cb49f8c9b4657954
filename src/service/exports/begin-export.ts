import type { Action } from '../../core/contract/actions.ts';
import { firstIdAt, timeOfId } from '../../core/contract/ids.ts';
import { Refusal } from '../../core/contract/refusals.ts';
import { record, type RecordDraft } from '../audit-log/record.ts';
import type { Deps, AccountActor } from '../deps.ts';
import { recordsBy } from '../store/audit-log.ts';

const HOUR_MS = 3_600_000;
/** Exports one member of staff may begin within an hour: each reads a lot, and takes a lot away (ASVS 5.0 V2.4.1). */
const MOST_IN_AN_HOUR = 60;

const EXPORTS: readonly Action[] = [
  'journal-exported',
  'transactions-exported',
  'statement-exported',
  'audit-exported',
  'account-exported',
];

/** What of a book is taken out, and why. */
export type ExportDraft = RecordDraft & {
  readonly action: (typeof EXPORTS)[number];
  readonly reason: string;
};

/**
 * Records that something is exported, before its first byte: what has begun to leave has left. Throws
 * `too_many_attempts`.
 */
export async function beginExport(deps: Deps, actor: AccountActor, draft: ExportDraft): Promise<void> {
  const now = deps.now();
  await deps.engine.transact(async (tx) => {
    const since = firstIdAt('record', now - HOUR_MS + 1);
    const begun = await recordsBy(tx, actor.user, { since, actions: EXPORTS, limit: MOST_IN_AN_HOUR });
    const first = begun[0];
    if (first !== undefined && begun.length === MOST_IN_AN_HOUR) {
      const waitMs = timeOfId(first.id) + HOUR_MS - now;
      throw new Refusal('too_many_attempts', { retryAfter: String(Math.ceil(waitMs / 1_000)) });
    }
    await record(tx, deps, actor, draft);
  });
}

/** What was asked for, as facts of a record. */
export function factsOf(asked: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const given = Object.entries(asked).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value]],
  );
  return Object.fromEntries(given) as Record<string, string>;
}

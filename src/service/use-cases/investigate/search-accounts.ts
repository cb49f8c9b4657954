import { looksAt, recordLooks } from '../../audit-log/record-looks.ts';
import { findMatches } from '../../investigate/find-matches.ts';
import { wantedOf } from '../../investigate/wanted.ts';
import { checkSpan } from '../../period.ts';
import type { UseCase } from '../use-case.ts';

const DEFAULT_LIMIT = 20;

/**
 * Accounts by what somebody knows of them: each found one is recorded, with the reason, for its holder to see. Throws
 * `input_invalid` when it is not one thing that is looked for.
 */
export const searchAccounts: UseCase<'search-accounts'> = async (deps, actor, input) => {
  const { reason } = input;
  checkSpan(input.since, input.until);
  const wanted = wantedOf(input);
  const answer = await findMatches(deps, wanted, { ...input, limit: input.limit ?? DEFAULT_LIMIT });
  const found = answer.matches.map(({ holder }) => holder.id);
  const facts = { by: wanted.by };
  const count = String(new Set(found).size);
  await recordLooks(deps, actor, [
    { action: 'accounts-searched', reason, facts: { ...facts, found: count } },
    ...looksAt(found, { action: 'account-found', reason, facts }),
  ]);
  return { by: wanted.by, ...answer };
};
